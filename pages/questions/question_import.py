"""Two ways to come by questions: make them from a graph, or read files of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import CallerError
from core.settings import QuestionGenerationSettings, QuestionImportSettings, checked
from core.workspace import checked_name, joined_name
from pages.parts.changes import is_owner
from pages.parts.forms.importing import keep_uploads, start_import
from pages.parts.forms.settings_form import help_words, settings_form
from pages.parts.problem import problem
from pages.parts.state import names, workspace
from pages.parts.text import field_name, t

FORMATS = ("jsonl", "pathquestion", "metaqa", "nlpcc-mh", "wc2014")
SPLITS = ("grouped", "levels", "random", "given")


def question_forms() -> None:
    """Choose one of the two ways and fill in its form; for the owner only."""
    if not is_owner():
        st.caption(t("frame.owner_only"))
        return
    way = st.segmented_control(
        t("questions.way"),
        ["generate", "import"],
        default="generate",
        required=True,
        format_func=lambda one: t(f"questions.way.{one}"),
        key="questions.way",
        label_visibility="collapsed",
    )
    st.caption(t(f"questions.way.{way}_help"))
    if way == "generate":
        _generation_form()
    else:
        _import_form()


def _generation_form() -> None:
    graphs = names("graphs")
    wanted = joined_name(graphs[0], "-questions")
    with st.expander(field_name("phrases"), icon=":material/translate:"):
        phrases = st.file_uploader(
            field_name("phrases"),
            help=help_words(QuestionGenerationSettings, "phrases"),
            key="generate_questions.phrases",
        )
    settings = settings_form(
        QuestionGenerationSettings,
        "generate_questions",
        defaults={"name": workspace().free_name("questions", wanted), "graph": graphs[0]},
        choices={"graph": graphs},
        first=("graph", "name", "count", "hops", "split", "unanswerable_share"),
        submit=t("questions.generate"),
    )
    if settings is None:
        return
    if phrases is not None:
        try:
            settings = settings.model_copy(update={"phrases": keep_uploads([phrases])[0]})
        except CallerError as error:
            problem(error)
            return
    start_import("generate_questions", settings)


def _import_form() -> None:
    with st.form("question_import", border=False):
        files = st.file_uploader(
            t("questions.files"), accept_multiple_files=True, help=t("questions.files_help")
        )
        left, right = st.columns(2)
        with left:
            graph = st.selectbox(t("graph.choose"), names("graphs"))
            name = st.text_input(t("graph.name"), max_chars=64, help=t("graph.name_help"))
        with right:
            kind = st.selectbox(
                t("questions.format"), FORMATS, format_func=lambda one: t(f"questions.format.{one}")
            )
            split = st.selectbox(
                t("questions.split_kind"),
                SPLITS,
                format_func=lambda one: t(f"questions.split_kind.{one}"),
                help=t("questions.split_kind_help"),
            )
        replace = st.checkbox(t("questions.replace"))
        if st.form_submit_button(t("graph.import"), icon=":material/upload:", type="primary"):
            values = {"graph": graph, "format": kind, "split": split, "replace": replace}
            _import(files, name.strip(), values)


def _import(files: Sequence[UploadedFile], name: str, values: dict[str, object]) -> None:
    """Start the import, or say in a sentence what is wrong."""
    try:
        named = {"name": checked_name(name), "files": keep_uploads(files)}
        settings = checked(QuestionImportSettings, {**values, **named})
    except CallerError as error:
        problem(error)
        return
    start_import("import_questions", settings)
