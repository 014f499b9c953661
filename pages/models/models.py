"""Models: what there is of students, how good they are, and how to take one elsewhere."""

import streamlit as st

from core.errors import CoreError
from core.results.evaluation import SHOWN
from core.results.student import ExportReport
from core.results.summaries import StudentSummary
from core.runs.store.store import Run, RunState
from core.settings import ExportSettings
from pages.models.exports import download, exports
from pages.parts.answers.honesty_view import honesty_view
from pages.parts.changes import is_owner, start
from pages.parts.empty_state import empty_state
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.settings_form import settings_form
from pages.parts.problem import problem
from pages.parts.runs.run_progress import run_progress
from pages.parts.state import card, names, remember, store
from pages.parts.table import table
from pages.parts.text import field_name, score_name, t


def choose(students: list[str]) -> None:
    """A student: what it is, its scores, how to use it, how to export it."""
    name = name_choice("student", students, field_name("student"), "models.student")
    made = card("students", name)
    show_card(made)
    show_scores(name)
    st.subheader(t("models.use"), anchor=False)
    st.code(script(name), language="python", wrap_lines=True)
    st.subheader(t("models.export"), anchor=False)
    export(name, made)


def show_card(made: StudentSummary) -> None:
    """What a student is, in one line."""
    st.caption(
        t(
            "models.card",
            base=made.settings["student"],
            weights=f"{made.parameters:,}",
            graph=made.graph,
            teacher=made.teacher,
        )
    )


def show_scores(name: str) -> None:
    """What evaluations found, one row each."""
    found = [card("evaluations", one) for one in names("evaluations")]
    mine = [one for one in found if one.model == name and one.kind == "student"]
    if not mine:
        st.info(t("models.not_scored"), icon=":material/info:")
        return
    rows = [
        {
            t("models.column.questions"): one.question_set,
            t("models.column.split"): f"{one.split} ({one.split_kind})",
            t("models.column.decoding"): one.decoding,
            **{score_name(score): getattr(one, score) for score in SHOWN},
        }
        for one in mine
    ]
    table(rows)
    honesty_view(mine)


def script(name: str) -> str:
    """Asking a student from Python; the question is the reader's to change."""
    return (
        "from core import open_student\n\n"
        f'student = open_student("{name}")\n'
        'print(student.ask("What is Joe Biden\'s nationality?"))'
    )


def export(name: str, made: StudentSummary) -> None:
    """The form of an export; an adapter is offered where there is one."""
    through_adapter = made.settings.get("lora_rank", 0) > 0
    settings = settings_form(
        ExportSettings,
        f"models.form.{name}",
        hide=("student", "replace") if through_adapter else ("student", "replace", "adapter"),
        defaults={"student": name},
        first=("format",),
        submit=t("models.start"),
    )
    if settings is not None:
        remember(run=start("export_student", settings))
        st.rerun()


def follow(run_id: str) -> None:
    """An export while it goes on, and what came out."""
    run = store().run(run_id)
    key = "models.done" if run.state is RunState.SUCCEEDED else "models.running"
    st.subheader(t(key, name=run.settings.get("student", "")), anchor=False)
    if run.state is RunState.SUCCEEDED and run.result:
        show_result(run)
    run_progress(run_id)
    if run.state.is_over:
        st.button(t("models.back"), on_click=lambda: remember(run=None))


def show_result(run: Run) -> None:
    """The export to download, its files, and what the student says to the card's example."""
    result = ExportReport.from_record(run.result or {})
    made = result.export
    if made is None:  # the terminal named a folder, and has it
        st.caption(t("models.in_folder"))
    elif made in names("exports"):
        if is_owner():
            download(made)
    else:
        st.info(t("models.deleted"), icon=":material/info:")
    rows = [
        {t("models.column.file"): name, t("models.column.size"): f"{size / 1e6:,.2f} MB"}
        for name, size in result.files.items()
    ]
    table(rows, width="content")
    if result.format == "html":  # it has no card: who opens it can ask it
        return
    example = result.example
    st.caption(t("models.example"))
    st.code(f"{example.prompt}  =>  {' -> '.join(example.path)}", language=None)


def page() -> None:
    st.title(t("page.models"), anchor=False)
    st.caption(t("models.intro"))
    run_id = st.query_params.get("run")
    if run_id:
        follow(run_id)
        return
    students = names("students")
    if students:
        choose(students)
    else:
        empty_state(
            "models.no_student",
            ("pages/distil/distil.py", "models.to_distil"),
            ("pages/start/tour.py", "models.to_tour"),
        )
    exports()


try:
    page()
except CoreError as error:
    problem(error)
