"""Distil: teach a small language model what the teacher knows, and steer it while it learns."""

import streamlit as st

from core.errors import CoreError
from core.results.student import StudentReport
from core.runs.store.store import Run, RunState
from core.settings import DistillSettings
from core.workspace import joined_name
from pages.distil.loss_picture import loss_picture
from pages.distil.student_size import student_size
from pages.parts.changes import is_owner, start
from pages.parts.empty_state import empty_state, link
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.settings_form import help_words, settings_form
from pages.parts.problem import problem
from pages.parts.runs.earlier_runs import earlier_runs
from pages.parts.runs.live_controls import live_controls
from pages.parts.runs.run_progress import duration, run_heading, run_progress
from pages.parts.state import card, names, remember, store, workspace
from pages.parts.text import field_name, literal, t


def prepare(teachers: list[str]) -> None:
    """The form, and beside it what its two main settings mean."""
    form, picture = st.columns([3, 2], gap="large")
    with form:
        teacher = name_choice(
            "teacher",
            teachers,
            field_name("teacher"),
            "distil.teacher",
            explained=help_words(DistillSettings, "teacher"),
            width="stretch",
        )
        settings = settings_form(
            DistillSettings,
            "distil.form",
            hide=("teacher",),
            defaults={"teacher": teacher, "name": free_name(teacher)},
            choices={"questions": names("questions"), "more": names("questions")},
            first=("name", "student", "alpha", "temperature"),
            submit=t("distil.start"),
        )
        show_size(teacher)
    with picture:
        loss_picture(
            float(st.session_state["distil.form.alpha"]),
            float(st.session_state["distil.form.temperature"] or 1.0),
        )
    if settings is not None:
        remember(run=start("distill_student", settings), teacher=None)
        st.rerun()


def free_name(teacher: str) -> str:
    """What a student of this teacher may be called: `demo-teacher` teaches `demo-student`."""
    wanted = joined_name(teacher.removesuffix("-teacher"), "-student")
    return workspace().free_name("students", wanted)


def show_size(teacher: str) -> None:
    """How much work it will be, from the size of the question set."""
    chosen = st.session_state.get("distil.form.questions") or card("teachers", teacher).questions
    questions = card("questions", chosen).counts["train"]
    batch = int(st.session_state.get("distil.form.batch_size") or 1)
    epochs = int(st.session_state.get("distil.form.epochs") or 1)
    steps = -(-questions // batch) * epochs
    st.caption(
        t(
            "distil.size",
            questions=t("count.training_questions", n=questions),
            steps=t("count.steps", n=steps),
            batch=batch,
        )
    )
    if is_owner():  # it looks into whatever folder is typed as the student
        student_size("distil.form", questions)


def follow(run_id: str) -> None:
    """A distillation while it goes on, with its controls, and what to do when it is over."""
    run = store().run(run_id)
    run_heading(run, "distil.running", "distil.done")
    if run.state is RunState.RUNNING:
        live_controls(run)
    if run.state is RunState.SUCCEEDED and run.result:
        show_result(run)
    run_progress(run_id)
    if run.state.is_over:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(t("distil.another"), on_click=lambda: remember(run=None))


def show_result(run: Run) -> None:
    """What came out, and where to use it."""
    result = StudentReport.from_record(run.result or {})
    facts = (
        ("parameters", f"{result.parameters:,}"),
        ("steps", f"{result.steps:,}"),
        ("took", duration(result.seconds)),
    )
    for column, (fact, value) in zip(st.columns(len(facts)), facts, strict=True):
        column.metric(t(f"distil.{fact}"), literal(value))
    student = {"student": result.name}
    with st.container(horizontal=True, gap="medium"):
        link("pages/ask/ask.py", "distil.to_ask", student)
        link("pages/distil/soft_labels.py", "distil.to_soft", student)


def page() -> None:
    st.title(t("page.distil"), anchor=False)
    st.caption(t("distil.intro"))
    run_id = st.query_params.get("run")
    if run_id:
        follow(run_id)
        return
    teachers = names("teachers")
    if not teachers:
        empty_state(
            "distil.no_teacher",
            ("pages/teach/teacher.py", "distil.to_teacher"),
            ("pages/start/tour.py", "distil.to_tour"),
        )
    else:
        prepare(teachers)
    st.space("medium")
    earlier_runs("distill_student", "distil.recent")


try:
    page()
except CoreError as error:
    problem(error)
