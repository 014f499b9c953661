"""What is odd in a graph, as the last check of it found, and what of it is merged."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph_check import GraphCheck
from core.settings import GraphCheckSettings, GraphEditSettings, checked
from pages.graph.graph_changes import look_and_apply
from pages.graph.last_result import last_result
from pages.parts.changes import is_owner
from pages.parts.table import cell, table
from pages.parts.text import language, t, t_plain


def check_view(graph: KnowledgeGraph) -> None:
    """The last check of a graph."""
    settings = checked(GraphCheckSettings, {"graph": graph.name, "language": language()})
    found = last_result(graph, settings, GraphCheck, "graph.check")
    if found is None:
        return
    if found.hash != graph.hash:
        st.info(t("graph.check.stale"), icon=":material/history:")
    _found(graph, found)


def _found(graph: KnowledgeGraph, found: GraphCheck) -> None:
    rows = _rows(found)
    if not rows:
        st.success(t("graph.check.clean"), icon=":material/check_circle:")
        return
    st.caption(t("graph.check.kinds"))
    if found.cut:
        st.caption(t("graph.check.cut"))
    picked = table(
        rows,
        key=f"graph.check.{found.hash}",
        on_select="rerun",
        selection_mode="multi-row",
    )["selection"]["rows"]
    st.download_button(
        t("graph.check.download"),
        data=lambda: _csv(rows),
        file_name="check.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if is_owner() and found.hash == graph.hash:
        st.caption(t("graph.check.choose"))
        pairs = _pairs(found)
        merge = [_row(*pairs[at]) for at in picked if at < len(pairs)]
        if merge:
            settings = checked(
                GraphEditSettings, {"graph": graph.name, "merge": merge, "version": graph.hash}
            )
            look_and_apply(graph, settings, t("graph.check.merge"))


def _pairs(found: GraphCheck) -> list[tuple[str, str]]:
    """What can be merged, in the order of the rows."""
    entities = [(one.keep.id, one.gone.id) for one in found.duplicates]
    return entities + [(one.keep.id, one.gone.id) for one in found.relations]


def _rows(found: GraphCheck) -> list[dict[str, Any]]:
    columns = [t(f"graph.check.{name}") for name in ("what", "one", "other", "certainty", "why")]
    rows: list[tuple[Any, ...]] = [
        (
            t_plain("graph.check.duplicate"),
            f"{one.keep.label} ({one.keep.id})",
            f"{one.gone.label} ({one.gone.id})",
            round(one.certainty, 2),
            t_plain("graph.check.kinds_differ")
            if one.kinds_differ
            else " · ".join(
                [
                    t_plain("graph.check.alike", share=f"{one.alike:.0%}"),
                    *(f"{fact.relation.label} {fact.tail.label}" for fact in one.shared),
                ]
            ),
        )
        for one in found.duplicates
    ]
    rows += [
        (
            t_plain("graph.check.relation"),
            f"{one.keep.label} ({one.keep.id})",
            f"{one.gone.label} ({one.gone.id})",
            None,
            t_plain("graph.check.same_facts", shared=one.shared, either=one.either),
        )
        for one in found.relations
    ]
    rows += [
        (
            t_plain("graph.check.clash"),
            f"{one.entity.label} ({one.entity.id})",
            one.relation.label,
            None,
            " · ".join(value.label for value in one.values),
        )
        for one in found.clashes
    ]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _row(*cells: str) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as a spreadsheet reads them, with cells that none computes."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(map(cell, rows[0]))
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")
