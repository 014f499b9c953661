"""Teacher: train one, watch it reason, see what it leans on, and how far to believe it."""

import streamlit as st

from core.errors import CoreError
from core.results.summaries import TeacherSummary
from core.results.trace import Trace
from core.runs.store.store import Run, RunState
from core.settings import ExplainSettings, TeacherSettings
from pages.parts.answers.trace_view import trace_view
from pages.parts.asking import ask_resident
from pages.parts.changes import start
from pages.parts.empty_state import empty_state, link
from pages.parts.forms.examples import test_questions
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.question_choice import question_choice
from pages.parts.forms.settings_form import settings_form
from pages.parts.problem import problem
from pages.parts.runs.run_progress import run_heading, run_progress
from pages.parts.state import asked, card, names, remember, store, workspace
from pages.parts.text import field_name, literal, t
from pages.teach.other_teachers import other_teachers
from pages.teach.supposing import supposing
from pages.teach.teacher_report import teacher_report

VIEWS = ("watch", "report", "train")
FORM_WIDTH = 640


def watch() -> None:
    """A teacher, a question, and its reasoning."""
    made = chosen_teacher()
    question = made and asked_question(made)
    if not made or not question:
        return
    trace = explained(made, question)
    if trace is None:
        return
    passes_messages = bool(made.settings.get("message_passing"))
    if len(trace.topics) == 1:
        supposing(trace, made.graph, "teach.trace", passes_messages)
    else:
        trace_view(trace, "teach.trace", passes_messages)


def explained(made: TeacherSummary, question: str) -> Trace | None:
    """The teacher's reasoning; about several topics where an example has them, or on request."""
    examples = test_questions(made.questions)
    topics = next((one.topics for one in examples if one.text == question), ())
    if len(topics) > 1:
        settings = ExplainSettings(
            teacher=made.name, question=question, topic=topics[0], also=topics[1:]
        )
        return ask_resident(settings)
    trace = ask_resident(ExplainSettings(teacher=made.name, question=question))
    if trace is None or not trace.candidates or not any(len(q.topics) > 1 for q in examples):
        return trace
    labels = {one.id: one.label for one in trace.candidates}
    also = st.pills(
        t("trace.also"),
        labels,
        selection_mode="multi",
        format_func=lambda name: literal(labels[name]),
        key=f"teach.also.{made.name}.{question}",
        help=t("trace.also_help"),
    )
    if not also:
        return trace
    topic = trace.topics[0].id
    settings = ExplainSettings(teacher=made.name, question=question, topic=topic, also=also[:3])
    return ask_resident(settings)


def report() -> None:
    """What is known of a teacher."""
    made = chosen_teacher()
    if made:
        teacher_report(made)


def chosen_teacher() -> TeacherSummary | None:
    """The card of the teacher that the reader chooses; None where there is none to choose."""
    teachers = names("teachers")
    if not teachers:
        empty_state(
            "teach.no_teacher",
            ("pages/start/tour.py", "teach.to_tour"),
        )
        return None
    name = name_choice("teacher", teachers, t("teach.choose"), "teach.teacher")
    made = card("teachers", name)
    with st.container(horizontal=True, vertical_alignment="center"):
        show_card(made)
        link("pages/distil/distil.py", "teach.to_distil", {"teacher": name})
    return made


def asked_question(made: TeacherSummary) -> str | None:
    """The question that a teacher is asked; while there is none, a hint."""
    question = question_choice(made.questions, "teach")
    if question is None:
        st.info(t("teach.ask_first"), icon=":material/lightbulb:")
    return question


def show_card(made: TeacherSummary) -> None:
    """What is known of a teacher, in one line."""
    about = {"graph": made.graph, "questions": made.questions, "n": made.hops}
    hits = made.result.dev_hits_at_1
    scored = [] if hits is None else [t("teach.card_hits", hits=f"{hits:.1%}")]
    st.caption(" · ".join([t("teach.card", **about), *scored]), width="content")


def train() -> None:
    """The form, or the training that goes on."""
    run_id = st.query_params.get("run")
    if run_id:
        follow(run_id)
        return
    graphs, sets = names("graphs"), names("questions")
    if not graphs:
        empty_state(
            "teach.no_graph",
            ("pages/graph/graph.py", "teach.to_graph"),
            ("pages/start/tour.py", "teach.to_tour"),
        )
        return
    if not sets:
        empty_state("teach.no_questions", ("pages/questions/questions.py", "teach.to_questions"))
        return
    with st.container(width=FORM_WIDTH):
        if other_teachers(sets):
            return
        chosen = st.selectbox(field_name("questions"), sets, key="teach.set")
        graph = card("questions", chosen).graph
        settings = settings_form(
            TeacherSettings,
            "teach.form",
            hide=("graph", "questions"),
            defaults={
                "graph": graph,
                "questions": chosen,
                "name": workspace().free_name("teachers", chosen),
            },
            first=("name", "supervision", "encoder", "precision"),
            submit=t("teach.start"),
        )
    if settings is not None:
        remember(run=start("train_teacher", settings), view="train")
        st.rerun()


def follow(run_id: str) -> None:
    """A training while it goes on, and what to do when it is over."""
    run = store().run(run_id)
    name = str(run.settings.get("name", ""))
    run_heading(run, "teach.running", "teach.done")
    run_progress(run_id)
    if run.state.is_over:
        with st.container(horizontal=True):
            after(run, name)


def after(run: Run, name: str) -> None:
    if run.state is RunState.SUCCEEDED:
        icon = ":material/visibility:"
        st.button(t("teach.watch_new"), type="primary", icon=icon, on_click=go_watch, args=(name,))
    st.button(t("teach.another"), on_click=lambda: remember(run=None))


def go_watch(name: str) -> None:
    st.session_state["teach.view"] = "watch"
    st.session_state["teach.teacher"] = name
    remember(run=None, teacher=name, view="watch")


def page() -> None:
    st.title(t("page.teacher"), anchor=False)
    st.caption(t("teach.intro"))
    if "teach.view" not in st.session_state:
        first = "train" if st.query_params.get("run") or not names("teachers") else "watch"
        st.session_state["teach.view"] = asked("view", list(VIEWS)) or first
    st.segmented_control(
        t("page.teacher"),
        VIEWS,
        format_func=lambda name: t(f"teach.view.{name}"),
        key="teach.view",
        required=True,
        label_visibility="collapsed",
    )
    view = str(st.session_state["teach.view"])
    remember(view=view)
    try:
        {"watch": watch, "report": report, "train": train}[view]()
    except CoreError as error:
        problem(error)


page()
