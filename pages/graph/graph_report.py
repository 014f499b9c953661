"""What the import of a graph met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.results.graph import ImportReport
from core.results.record import Record
from pages.parts.table import table
from pages.parts.text import t


def show_report(report: ImportReport) -> None:
    """What was read, what was skipped and why, and what is odd about the rest."""
    if report.skipped:
        st.warning(t("graph.skipped", n=report.skipped), icon=":material/rule:")
        st.caption(t("graph.skipped_first"))
        _table(report.findings, "graph.finding", ("file", "line", "found", "why"))
    else:
        st.success(t("graph.clean"), icon=":material/check_circle:")
    for file in report.files:
        if file.doubt:
            doubt = t(f"graph.doubt.{file.doubt}", file=file.file)
            st.warning(doubt, icon=":material/view_column:")
    numbers = (
        ("rows", report.rows),
        ("duplicates", report.duplicates),
        ("dangling", report.dangling),
        ("unlabelled", report.unlabelled_entities),
        ("self_loops", report.self_loops),
        ("namesakes", report.namesakes),
    )
    for column, (name, value) in zip(st.columns(len(numbers)), numbers, strict=True):
        words = None if name == "rows" else t(f"graph.met.{name}_help")
        column.metric(t(f"graph.met.{name}"), f"{value:,}", help=words)
    st.markdown("#### " + t("graph.files_read"))
    kinds = [replace(file, kind=t(f"graph.kind.{file.kind}")) for file in report.files]
    columns = ["file", "kind", "rows", "skipped"]
    if any(file.names or file.literals for file in report.files):
        columns += ["names", "literals"]
    _table(kinds, "graph.file", columns)
    st.caption(
        t("graph.degrees", median=f"{report.degree_median:g}", highest=f"{report.degree_max:,}")
    )
    if report.namesake_examples:
        st.markdown("#### " + t("graph.met.namesakes"))
        _table(report.namesake_examples, "graph.namesake", ("label", "entities"))


def _table(rows: Sequence[Record], prefix: str, columns: Sequence[str]) -> None:
    """Rows of a report with the columns named in the reader's language."""
    shown = [{t(f"{prefix}.{column}"): getattr(row, column) for column in columns} for row in rows]
    table(shown)
