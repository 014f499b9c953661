"""Two ways to bring a graph into the workspace: the sample, and files from this computer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import sources
from core.errors import CallerError
from core.graph.readers.beginnings import preview_contents
from core.graph.readers.source import ENDS
from core.settings import GraphImportSettings, checked
from core.workspace import checked_name
from pages.parts.changes import is_owner
from pages.parts.forms.importing import keep_uploads, start_import
from pages.parts.problem import problem
from pages.parts.state import workspace
from pages.parts.table import table
from pages.parts.text import t, t_plain

WAYS = ["new", "add", "remove", "whole", "replace"]
"""What becomes of a graph of the same name: `replace` forgets it, its history too."""

SAMPLE = tuple(f"{sources.SAMPLE}{table}.tsv" for table in ("triples", "entities", "relations"))


def import_forms() -> None:
    """One button for the sample, and a form for files; for the owner only."""
    if not is_owner():
        st.caption(t("frame.owner_only"))
        return
    if st.button(
        t("graph.sample"), type="primary", icon=":material/bolt:", help=t("graph.sample_help")
    ):
        name = workspace().free_name("graphs", "sample")
        start_import("import_graph", GraphImportSettings(name=name, files=SAMPLE))
    st.markdown(f"**{t('graph.own')}**")
    files = st.file_uploader(
        t("graph.files"), accept_multiple_files=True, help=t("graph.files_help")
    )
    columns = _columns(files) if files else ""
    with st.form("graph_import"):
        name = st.text_input(t("graph.name"), max_chars=64, help=t("graph.name_help"))
        update = st.selectbox(
            t("graph.update"),
            WAYS,
            format_func=lambda way: t_plain(f"graph.update.{way}"),
            help=t("graph.update_help"),
        )
        if st.form_submit_button(t("graph.import"), icon=":material/upload:"):
            _import(files, columns, name.strip(), str(update))
    with st.expander(t("graph.sparql"), icon=":material/cloud_download:"):
        _endpoint_form()


def _endpoint_form() -> None:
    """An endpoint on the internet; one of a private network is for the terminal to name."""
    with st.form("graph_endpoint", border=False):
        url = st.text_input(
            t("graph.sparql.url"),
            max_chars=500,
            placeholder="https://",
            help=t("graph.sparql.help"),
        )
        around = st.text_input(t("graph.sparql.around"), max_chars=500, help=t("graph.sparql.all"))
        hops = st.number_input(t("graph.sparql.hops"), 1, 3, 1)
        name = st.text_input(
            t("graph.name"), max_chars=64, help=t("graph.name_help"), key="graph.sparql.name"
        )
        if not st.form_submit_button(t("graph.sparql.go"), icon=":material/cloud_download:"):
            return
        try:
            values = {
                "name": checked_name(name.strip()),
                "sparql": url.strip(),
                "around": around.strip(),
                "hops": int(hops),
            }
            settings = checked(GraphImportSettings, values)
        except CallerError as error:
            problem(error)
            return
    start_import("import_graph", settings)


def _columns(files: Sequence[UploadedFile]) -> str:
    """Which columns are which, with the first facts as they would be read."""
    columns = st.text_input(
        t("graph.columns"), max_chars=200, placeholder="1,2,3", help=t("graph.columns_help")
    )
    try:
        found = preview_contents([(file.name, file.getbuffer()) for file in files], columns)
    except CallerError as error:
        problem(error)
        return columns
    for one in found:
        if not one.facts:
            st.caption(t("graph.preview_labels", file=one.file))
            continue
        st.caption(t("graph.preview", file=one.file))
        table(
            [
                {t(f"graph.preview.{n}"): x for n, x in zip(ENDS, row, strict=True)}
                for row in one.facts
            ]
        )
        if one.doubt:
            st.warning(t(f"graph.doubt.{one.doubt}", file=one.file), icon=":material/view_column:")
    return columns


def _import(files: Sequence[UploadedFile], columns: str, name: str, way: str) -> None:
    """Start the import, or say in a sentence what is wrong."""
    try:
        values = {
            "name": checked_name(name),
            "files": keep_uploads(files),
            "columns": columns,
            "replace": way == "replace",
            "update": "new" if way == "replace" else way,
        }
        settings = checked(GraphImportSettings, values)
    except CallerError as error:
        problem(error)
        return
    start_import("import_graph", settings)
