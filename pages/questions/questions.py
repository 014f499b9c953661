"""The page Questions: choose a set, make or import one, browse it, and see one question drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import CallerError, FormatError
from core.manifests import Stamp
from core.questions.question_sets import QuestionSet, load_questions
from core.records import SPLITS, Question
from core.results.questions import QuestionsReport
from core.results.summaries import SkippedRows
from pages.parts.deleting import delete_button
from pages.parts.empty_state import empty_state
from pages.parts.forms.importing import show_import
from pages.parts.problem import problem
from pages.parts.state import asked, card, names, remember, workspace
from pages.parts.table import table
from pages.parts.text import clipped, language, t
from pages.questions.question_import import question_forms
from pages.questions.question_view import question_view

LISTED = 1000
RECIPES = ("generate_questions", "import_questions")


@st.cache_resource(show_spinner=False, max_entries=4)
def opened(root: str, name: str, stamp: Stamp) -> QuestionSet:
    """A question set, read once until it changes."""
    return load_questions(workspace(), name)


def choose(sets: list[str]) -> str:
    """The set to look at, and what can be done beside looking."""
    wanted = asked("questions", sets)
    chooser, add, delete = st.columns([5, 2.6, 2], vertical_alignment="bottom")
    with chooser:
        name = st.selectbox(t("questions.choose"), sets, index=sets.index(wanted) if wanted else 0)
    if name != wanted:
        remember(questions=name, question=None)
    with add, st.popover(t("questions.add"), icon=":material/add:", width="stretch"):
        question_forms()
    with delete:
        delete_button("questions", name, t("questions.delete_sure", name=name))
    return str(name)


def show(name: str) -> None:
    """Counts, the list, and the question chosen in it."""
    try:
        summary = card("questions", name)
        space = workspace()
        found = opened(str(space.root), name, space.stamp("questions", name))
    except CallerError as error:
        problem(error)
        return
    show_counts(found)
    show_skipped(summary.report)
    st.space("small")
    matching = filtered(found.questions)
    st.caption(t("questions.matching", shown=f"{min(len(matching), LISTED):,}", n=len(matching)))
    chosen = listed(name, matching[:LISTED])
    if chosen is None:
        st.caption(t("questions.choose_row"))
    else:
        with st.container(border=True):
            question_view(chosen, found.graph, found.graph_hash)


def hops(question: Question) -> int:
    """Length of the shortest gold path; 0 where none is known."""
    return min((len(path) for path in question.paths), default=0)


def show_counts(found: QuestionSet) -> None:
    """Questions per split, and per number of hops."""
    about = t("questions.of_graph", graph=found.graph)
    st.caption(f"{about} · {t(f'questions.split_kind.{found.split}')}")
    columns = st.columns(4)
    columns[0].metric(t("questions.all"), f"{len(found.questions):,}", border=True)
    for column, split in zip(columns[1:], SPLITS, strict=True):
        column.metric(
            t(f"questions.split.{split}"),
            f"{found.counts[split]:,}",
            border=True,
            help=t(f"questions.split.{split}_help"),
        )
    with st.expander(t("questions.by_hops"), icon=":material/grid_on:"):
        counts = Counter((hops(question), question.split) for question in found.questions)
        rows = [
            {
                t("questions.hops"): hop_words(count),
                **{t(f"questions.split.{split}"): counts[count, split] for split in SPLITS},
            }
            for count in sorted({count for count, _ in counts})
        ]
        table(rows)


def hop_words(count: int) -> str:
    """A number of hops, or that the path is not known."""
    return str(count) if count else t("questions.unknown")


def show_skipped(report: SkippedRows) -> None:
    """Rows that the import left out, and why."""
    if not report.skipped:
        return
    with st.expander(t("questions.skipped", n=report.skipped), icon=":material/rule:"):
        table(
            [
                {
                    t(f"graph.finding.{part}"): getattr(row, part)
                    for part in ("file", "line", "found", "why")
                }
                for row in report.findings
            ],
        )


def filtered(questions: Sequence[Question]) -> list[Question]:
    """The questions that the row of filters lets through."""
    text, spoken, length, part, gold = st.columns([4, 2, 2, 2, 2], vertical_alignment="bottom")
    words = text.text_input(
        t("questions.filter.text"),
        icon=":material/search:",
        placeholder=t("questions.filter.text"),
        type="search",
        live=True,
    )
    wanted = {
        "language": one_of(spoken, "language", sorted({q.language for q in questions})),
        "hops": one_of(length, "hops", sorted({hops(q) for q in questions})),
        "split": one_of(part, "split", [s for s in SPLITS if any(q.split == s for q in questions)]),
        "gold": one_of(gold, "gold", [True, False]),
    }
    return [question for question in questions if passes(question, words or "", wanted)]


def one_of(place: Any, name: str, options: list[Any]) -> Any:
    """A choice among what occurs; empty for all."""
    return place.selectbox(
        t(f"questions.filter.{name}"),
        options,
        index=None,
        format_func=lambda one: option_words(name, one),
        placeholder=t("questions.filter.all"),
        key=f"questions.filter.{name}",
    )


def option_words(name: str, option: Any) -> str:
    """A filter's option in the reader's language."""
    if name == "hops":
        return hop_words(option)
    if name == "split":
        return t(f"questions.split.{option}")
    if name == "gold":
        return t("questions.gold_known" if option else "questions.gold_withheld")
    return clipped(option)


def passes(question: Question, words: str, wanted: dict[str, Any]) -> bool:
    """Whether a question holds the words and is of every wanted kind."""
    has = {
        "language": question.language,
        "hops": hops(question),
        "split": question.split,
        "gold": bool(question.paths),
    }
    kinds = all(value is None or has[name] == value for name, value in wanted.items())
    return kinds and words.strip().casefold() in question.text.casefold()


def listed(name: str, questions: Sequence[Question]) -> Question | None:
    """The list; the question of the chosen row, else the one that the address names."""
    rows = [
        {
            t("questions.column.text"): question.text,
            t("questions.filter.language"): question.language,
            t("questions.hops"): hop_words(hops(question)),
            t("questions.filter.split"): t(f"questions.split.{question.split}"),
            t("questions.column.answers"): len(question.answers),
        }
        for question in questions
    ]
    state = table(
        rows,
        height=320,
        on_select="rerun",
        selection_mode="single-row",
        key=f"questions.list.{name}.{language()}",
        column_config={t("questions.column.text"): st.column_config.TextColumn(width="large")},
    )
    if picked := [row for row in state["selection"]["rows"] if row < len(questions)]:
        chosen: Question = questions[picked[0]]
        remember(question=chosen.id)
        return chosen
    wanted = st.query_params.get("question")
    return next((question for question in questions if question.id == wanted), None)


def announce(record: Mapping[str, Any]) -> None:
    """Go to the set that a run has made, and say how many questions it has."""
    try:
        made = QuestionsReport.from_record(record)
    except FormatError as error:  # another version of PathDistill made it
        problem(error)
        return
    remember(questions=made.name, question=None)
    st.toast(t("questions.made", name=made.name, n=made.questions))


st.title(t("page.questions"), anchor=False)
st.caption(t("questions.subtitle"))
run = show_import(RECIPES)
if run and run.result:
    announce(run.result)
if run is None or run.result:
    if not names("graphs"):
        empty_state(
            "questions.no_graph",
            ("pages/graph/graph.py", "questions.to_graph"),
            ("pages/start/tour.py", "common.to_tour"),
        )
    elif there := names("questions"):
        show(choose(there))
    else:
        st.subheader(t("questions.empty_title"), anchor=False)
        st.markdown(t("questions.empty"))
        question_forms()
