"""Rules of a graph, as they were last found, with proofs; one that is chosen adds its facts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.results.named import Fact
from core.results.rules import FoundRule, RuleReport
from core.settings import GraphEditSettings, RuleSettings, checked
from pages.graph.graph_changes import look_and_apply
from pages.graph.last_result import last_result
from pages.parts.changes import is_owner
from pages.parts.pictures.path_strip import path_words
from pages.parts.table import table
from pages.parts.text import language, literal, t


def rules_view(graph: KnowledgeGraph) -> None:
    """Show them."""
    settings = checked(RuleSettings, {"graph": graph.name, "language": language()})
    found = last_result(graph, settings, RuleReport, "graph.rules")
    if found is None:
        return
    if found.hash != graph.hash:
        st.info(t("graph.rules.stale"), icon=":material/history:")
    if not found.rules:
        st.caption(t("graph.rules.few"))
        return
    st.caption(t("graph.rules.measured", n=found.checked))
    picked = table(
        [_row(one) for one in found.rules],
        key=f"graph.rules.{found.hash}",
        on_select="rerun",
        selection_mode="single-row",
    )["selection"]["rows"]
    if not picked:
        st.caption(t("graph.rules.choose"))
        return
    rule = found.rules[picked[0]]
    for example in rule.examples:
        st.markdown(
            t("graph.rules.example", fact=_line([example.fact]), proof=_line(example.proof))
        )
    if is_owner() and rule.proposed and found.hash == graph.hash:
        values = {"graph": graph.name, "rule": rule.rule, "version": graph.hash}
        look_and_apply(graph, checked(GraphEditSettings, values), t("graph.rules.look"))


def _row(one: FoundRule) -> dict[str, object]:
    return {
        t("graph.rules.if"): path_words([relation.label for relation in one.body]),
        t("graph.rules.then"): one.head.label,
        t("graph.rules.right"): f"{one.expected:.0%}",
        t("graph.rules.explains"): f"{one.support} / {one.implied}",
        t("graph.rules.adds"): one.proposed,
    }


def _line(facts: Sequence[Fact]) -> object:
    return literal("; ".join(fact.in_a_line() for fact in facts))
