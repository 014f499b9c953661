"""A graph in numbers, and what its import met: the two views beside exploring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph import ImportReport
from core.results.record import Record
from pages.parts.table import table
from pages.parts.text import literal, t


def show_statistics(graph: KnowledgeGraph, report: ImportReport) -> None:
    """Counts, the relations with their numbers of facts, and the best connected entities."""
    entities, relations, triples, languages = st.columns(4)
    entities.metric(t("graph.entities"), f"{graph.entity_count:,}", border=True)
    relations.metric(t("graph.relations"), f"{graph.relation_count:,}", border=True)
    triples.metric(
        t("graph.triples"), f"{graph.triple_count:,}", border=True, help=t("graph.triples_help")
    )
    spoken = literal(" · ".join(graph.languages)) or t("graph.no_labels")
    languages.metric(t("graph.languages"), spoken, border=True)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("#### " + t("graph.relations_table"))
        counted = [(one.label, one.id, one.triples) for one in report.relations]
        _ranked(counted, "relation", "facts")
    with right:
        st.markdown("#### " + t("graph.hubs"))
        _ranked([(hub.label, hub.id, hub.degree) for hub in report.hubs], "entity", "degree")
        st.caption(
            t(
                "graph.degrees",
                median=f"{report.degree_median:g}",
                highest=f"{report.degree_max:,}",
            )
        )


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
    if report.namesake_examples:
        st.markdown("#### " + t("graph.met.namesakes"))
        _table(report.namesake_examples, "graph.namesake", ("label", "entities"))


def _ranked(rows: Sequence[tuple[str, str, int]], what: str, column: str) -> None:
    """Labels and ids with a bar each."""
    highest = max((number for _, _, number in rows), default=1)
    bar = st.column_config.ProgressColumn(
        t(f"graph.column.{column}"),
        format="localized",
        min_value=0,
        max_value=highest,
        width="medium",
    )
    shown = [
        {
            t(f"graph.column.{what}"): label,
            t("graph.column.id"): name,
            t(f"graph.column.{column}"): number,
        }
        for label, name, number in rows
    ]
    table(shown, column_config={t(f"graph.column.{column}"): bar})


def _table(rows: Sequence[Record], prefix: str, columns: Sequence[str]) -> None:
    """Rows of a report with the columns named in the reader's language."""
    shown = [{t(f"{prefix}.{column}"): getattr(row, column) for column in columns} for row in rows]
    table(shown)
