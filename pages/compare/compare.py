"""Compare: students, teachers and baselines on the same questions, and their runs on one chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.errors import CoreError
from core.records import SPLITS
from pages.compare.contenders import Contender, Scored, contenders, evaluations, scored
from pages.compare.cost_view import cost_view
from pages.compare.curves_view import curves_view
from pages.compare.parts_view import parts_view
from pages.compare.report import as_csv, as_html
from pages.compare.scores_view import scores_table, to_score
from pages.compare.sweep_view import sweep_view
from pages.compare.wrong_hops_view import wrong_hops_view
from pages.parts.empty_state import empty_state
from pages.parts.problem import problem
from pages.parts.state import asked, card, names, remember
from pages.parts.text import field_name, t

VIEWS = ("scores", "parts", "sweep", "curves")


def choose_view() -> str:
    """What to look at; it stands in the address."""
    view = st.segmented_control(
        t("compare.view"),
        VIEWS,
        default=asked("view", list(VIEWS)) or VIEWS[0],
        required=True,
        format_func=lambda name: t(f"compare.view.{name}"),
        key="compare.view",
        label_visibility="collapsed",
    )
    remember(view=str(view))
    return str(view)


def choose_questions(sets: list[str], most_scored: str | None) -> tuple[str, str]:
    """A question set and the part of it; at first the set of which most was scored."""
    wanted = asked("questions", sets) or (most_scored if most_scored in sets else sets[0])
    left, right = st.columns([2, 1])
    with left:
        name = st.selectbox(
            field_name("questions"), sets, index=sets.index(wanted), key="compare.questions"
        )
    counts = card("questions", name).counts
    parts = [split for split in SPLITS if counts.get(split)] or ["test"]
    usual = "test" if "test" in parts else parts[-1]
    with right:
        split = st.selectbox(
            field_name("split"),
            parts,
            index=parts.index(asked("split", parts) or usual),
            format_func=lambda one: t(f"questions.split.{one}"),
            key=f"compare.split.{name}",
        )
    remember(questions=str(name), split=str(split))
    return str(name), str(split)


def choose_models(there: Sequence[Contender]) -> list[Contender]:
    """Some of those that can be compared; none named in the address: all."""
    by_id = {one.id: one for one in there}
    wanted = [name for name in st.query_params.get("models", "").split(",") if name in by_id]
    chosen = st.multiselect(
        t("compare.models"),
        list(by_id),
        default=wanted,
        format_func=lambda name: by_id[name].words(),
        placeholder=t("compare.all_models"),
        key="compare.models",
    )
    remember(models=",".join(chosen) or None)
    return [by_id[name] for name in chosen or by_id]


def scores(rows: Sequence[Scored], there: Sequence[Contender], questions: str, split: str) -> None:
    """The table, its downloads, and what is left to score."""
    if rows:
        scores_table(rows)
        cost_view(rows)
        with st.container(horizontal=True):
            st.download_button(
                t("compare.csv"),
                as_csv(rows),
                file_name="comparison.csv",
                mime="text/csv",
                icon=":material/table:",
            )
            st.download_button(
                t("compare.html"),
                as_html(rows, questions, split),
                file_name="comparison.html",
                mime="text/html",
                icon=":material/description:",
            )
    else:
        st.info(t("compare.nothing_scored"), icon=":material/info:")
    to_score(there, rows, questions, split)


def compare(view: str) -> None:
    """Everything but the curves: it is about one part of one question set."""
    sets = names("questions")
    if not sets:
        empty_state(
            "compare.empty",
            ("pages/start/tour.py", "common.to_tour"),
            ("pages/graph/graph.py", "compare.to_graph"),
        )
        return
    known, unreadable = evaluations()
    counts = Counter(one.question_set for _, one in known if one.question_set in sets)
    most = counts.most_common(1)[0][0] if counts else None
    questions, split = choose_questions(sets, most)
    graph = card("questions", questions).graph
    there, unknown = contenders(graph)
    chosen = choose_models(there)
    for error in (*unreadable, *unknown):
        problem(error)
    if all(one.kind == "baseline" for one in there):
        empty_state("compare.no_model", ("pages/teach/teacher.py", "compare.to_teach"))
    rows = scored(known, chosen, questions, split)
    if view == "scores":
        scores(rows, chosen, questions, split)
    elif view == "sweep":
        sweep_view(graph, questions, split)
    elif rows:
        parts_view(rows)
        wrong_hops_view(rows)
    else:
        st.info(t("compare.nothing_scored"), icon=":material/info:")


def page() -> None:
    st.title(t("page.compare"), anchor=False)
    st.caption(t("compare.intro"))
    view = choose_view()
    if view == "curves":
        curves_view()
    else:
        compare(view)


try:
    page()
except CoreError as error:
    problem(error)
