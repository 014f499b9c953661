"""Weak spots: where a student differs most from its teacher, and a way to mend it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import CallerError, CoreError
from core.results.hard import HardPath, HardReport
from core.runs.run import RunState
from core.settings import DistillSettings, HardSettings, checked, renamed
from core.workspace import joined_name
from pages.parts.changes import is_owner, start
from pages.parts.empty_state import empty_state
from pages.parts.forms.examples import question_text
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.settings_form import settings_form
from pages.parts.problem import problem
from pages.parts.runs.earlier_runs import earlier_runs
from pages.parts.runs.run_progress import run_heading, run_progress
from pages.parts.state import card, names, open_graph, remember, store, workspace
from pages.parts.table import table
from pages.parts.text import clipped, language, literal, t, t_plain

LED_TO = 10
"""Of the worst paths, an example each that leads to the stage."""


def prepare(students: list[str]) -> None:
    """Choose a student; the form."""
    student = name_choice("student", students, t("weak.student"), "weak.student")
    settings = settings_form(
        HardSettings,
        "weak.form",
        hide=("student", "replace"),
        defaults={
            "student": student,
            "name": workspace().free_name("questions", joined_name(student, "-hard")),
        },
        first=("name", "count", "keep", "pick"),
        submit=t("weak.start"),
    )
    if settings is not None:
        remember(run=start("find_hard", settings))
        st.rerun()


def follow(run_id: str) -> None:
    """A search while it goes on, and what it found."""
    run = store().run(run_id)
    run_heading(run, "weak.running", "weak.done")
    if run.state is RunState.SUCCEEDED and run.result:
        show(HardReport.from_record(run.result))
    run_progress(run_id)
    if run.state.is_over:
        st.button(t("weak.another"), on_click=lambda: remember(run=None))


def show(report: HardReport) -> None:
    """By hops, by path, the way to the stage, and the way to mend it."""
    st.markdown(
        t(
            "weak.found",
            asked=report.asked,
            chosen=report.chosen,
            set=report.name,
            teacher=report.teacher,
        )
    )
    mend(report)
    shares = {
        t_plain(f"weak.column.{name}"): st.column_config.NumberColumn(format=form)
        for name, form in (("divergence", "%.3f"), ("teacher", "percent"), ("student", "percent"))
    }
    table(by_hops(report), height="content", column_config=shares)
    st.markdown(f"**{t('weak.by_path')}**", help=t("weak.by_path_help"))
    table(by_path(report), height=360, column_config=shares)
    lead_to_stage(report)


def by_hops(report: HardReport) -> list[dict[str, Any]]:
    """A row for each number of hops."""
    return [
        _named({"hops": row.hops, "questions": row.questions, **_measures(row)})
        for row in report.by_hops
    ]


def by_path(report: HardReport) -> list[dict[str, Any]]:
    """A row for each relation path, the worst first."""
    return [
        _named(
            {
                "path": " → ".join(map(clipped, labels(row, report.student))),
                "questions": row.questions,
                **_measures(row),
                "chosen": row.chosen,
            }
        )
        for row in report.by_path
    ]


def labels(row: HardPath, student: str) -> tuple[str, ...]:
    """A relation path in the reader's language, where the student's graph is as it was."""
    try:
        known = open_graph(card("students", student).graph)
        codes = [known.find_relation(one) for one in row.relations]
    except CallerError:
        return row.labels
    found = [known.relation_label(code, language()) for code in codes if code is not None]
    return tuple(found) if len(found) == len(codes) else row.labels


def _measures(row: Any) -> dict[str, float]:
    return {
        "divergence": row.divergence,
        "teacher": row.teacher_right,
        "student": row.student_right,
    }


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {t_plain(f"weak.column.{name}"): value for name, value in row.items()}


def lead_to_stage(report: HardReport) -> None:
    """A question of each of the worst paths, with the soft labels of both."""
    if not workspace().exists("questions", report.name):
        return
    st.markdown(f"**{t('weak.examples')}**")
    for row in [one for one in report.by_path if one.example][:LED_TO]:
        text = question_text(report.name, str(row.example))
        if text is not None:  # else the set was made anew since
            asked = {"student": report.student, "questions": report.name, "q": str(row.example)}
            st.page_link(
                "pages/distil/soft_labels.py",
                label=literal(text),
                icon=":material/visibility:",
                query_params=asked,
            )


def mend(report: HardReport) -> None:
    """Distil the student anew, with the set besides what it learned from."""
    there = report.name in names("questions") and report.student in names("students")
    pressed = st.button(
        t("weak.mend", n=report.chosen),
        type="primary",
        icon=":material/healing:",
        help=t("weak.mend_help"),
        disabled=not (there and is_owner()),
    )
    if pressed:
        run = start("distill_student", mended(report))
        st.switch_page("pages/distil/distil.py", query_params={"run": run})


def mended(report: HardReport) -> DistillSettings:
    """The settings that the student learned with, and the set besides.

    Raises:
        NotFound: If the student is gone.
        SettingsError: If its settings are none of this version.
    """
    before = renamed(DistillSettings, card("students", report.student).settings)
    name = workspace().free_name("students", joined_name(report.student, "-mended"))
    change = {"name": name, "more": report.name, "replace": False}
    return checked(DistillSettings, {**before, **change})


def page() -> None:
    st.title(t("page.weak_spots"), anchor=False)
    st.caption(t("weak.intro"))
    run_id = st.query_params.get("run")
    if run_id:
        follow(run_id)
        return
    students = names("students")
    if not students:
        empty_state(
            "weak.no_student",
            ("pages/distil/distil.py", "soft.to_distil"),
            ("pages/start/tour.py", "soft.to_tour"),
        )
        return
    prepare(students)
    st.space("medium")
    earlier_runs("find_hard", "weak.recent")


try:
    page()
except CoreError as error:
    problem(error)
