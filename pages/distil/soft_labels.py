"""Soft labels: teacher beside student for one question."""

import streamlit as st

from core.errors import CoreError
from core.settings import CompareSettings
from pages.parts.answers.soft_label_view import soft_label_view
from pages.parts.asking import ask_resident
from pages.parts.empty_state import empty_state
from pages.parts.forms.examples import test_questions
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.question_choice import question_choice
from pages.parts.problem import problem
from pages.parts.state import asked as asked_of_address
from pages.parts.state import card, names
from pages.parts.text import t


def question_set(student: str) -> str:
    """The set that the address names, where it is about the student's graph; else its own."""
    own = card("students", student)
    named = asked_of_address("questions", names("questions"))
    if named is not None and card("questions", named).graph == own.graph:
        return named
    return own.questions


def page() -> None:
    st.title(t("page.soft_labels"), anchor=False)
    st.caption(t("soft.intro"))
    students = names("students")
    if not students:
        empty_state(
            "soft.no_student",
            ("pages/distil/distil.py", "soft.to_distil"),
            ("pages/start/tour.py", "soft.to_tour"),
        )
        return
    name = name_choice("student", students, t("soft.choose"), "soft.student_name")
    asked = question_set(name)
    question = question_choice(asked, "soft")
    if question is None:
        st.info(t("soft.ask_first"), icon=":material/lightbulb:")
        return
    comparison = ask_resident(CompareSettings(student=name, question=question))
    if comparison is not None:
        gold = next((one.paths for one in test_questions(asked) if one.text == question), ())
        soft_label_view(comparison, "soft", gold)


try:
    page()
except CoreError as error:
    problem(error)
