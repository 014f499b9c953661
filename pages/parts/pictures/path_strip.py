"""A path in one line: Joe Biden -born_in-> Scranton -city_of-> USA, with a verdict on every hop.

The labels come from a graph, and from a model that may invent them, so all of them are escaped: the
strip is HTML of our own with foreign text inside, never foreign HTML. A verdict is a sign and a
word; colour only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.records import MISSING, RelationPath, looked_for
from core.results.answer import JudgedHop
from core.results.named import Fact, Named
from core.verify.checking import Chain
from pages.parts.text import Html, clipped, language, t, t_plain

SIGNS: Final = {
    "in_graph": "✓",
    "only_inverse": "⇄",
    "wrong_relation": "✕",
    "entity_missing": "?",
    "dead_end": "⊣",
    "verified_absent": "∅",
}
"""The sign of each verdict; its word is the text `verdict.<name>`."""

_STYLE: Final = """<style>
.pd-path { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .4rem; line-height: 1.35;
  overflow-wrap: anywhere; }
.pd-hop { display: inline-flex; align-items: center; gap: .4rem; max-width: 100%; }
.pd-entity { padding: .2rem .65rem; border-radius: .6rem; font-weight: 600;
  background: color-mix(in srgb, currentColor 8%, transparent); }
.pd-link { display: inline-flex; flex-direction: column; align-items: center; min-width: 4.5rem; }
.pd-arrow { font-size: .9em; }
.pd-verdict { font-size: .75em; padding: 0 .5em; border-radius: 1em; border: 1px solid; }
.pd-verdict i { font-style: normal; font-weight: 700; }
.pd-good { border-color: #009e73; } .pd-good i { color: #009e73; }
.pd-bad { border-color: #d55e00; border-style: dashed; } .pd-bad i { color: #d55e00; }
.pd-bad-link .pd-arrow { text-decoration: underline wavy #d55e00 1px; text-underline-offset: .25em;
} .pd-nearest { flex-basis: 100%; font-size: .85em; opacity: .8; }
</style>"""


def path_strip(hops: Sequence[Fact]) -> None:
    """Draw one chain of hops, each judged hop with its verdict."""
    st.html(strip_html(hops))


def strip_html(hops: Sequence[Fact]) -> Html:
    """The strip as HTML in which every label is escaped."""
    nearest = [_nearest(hop.nearest) for hop in hops if isinstance(hop, JudgedHop) and hop.nearest]
    parts = "".join([*_parts(hops), *nearest])
    return Html(f'{_STYLE}<div class="pd-path" data-testid="path-strip">{parts}</div>')


def relation_arrow(label: str) -> str:
    """A relation as an arrow in plain text: `born_in →`; walked backward, `← born_in`."""
    words = relation_words(label)
    return words if label.startswith(("~", MISSING)) else f"{words} →"


def path_words(labels: Iterable[str]) -> str:
    """A relation path in plain text: `place of birth → country`; walked backward, `← founder`.

    What is looked for in vain is the last of it: `born in → no mayor here`.
    """
    return " → ".join(map(relation_words, labels))


def relation_words(label: str) -> str:
    """One relation of a path in plain text, there or looked for in vain."""
    sought = looked_for((label,))
    if sought is None:
        return f"← {label[1:]}" if label.startswith("~") else label
    if not sought:
        return t_plain("lacking.none")
    return t_plain("lacking.relation", relation=relation_words(sought))


def sought_words(label: str) -> str:
    """What is looked for in vain, by itself: `mayor`."""
    return relation_words(looked_for((label,)) or MISSING)


def chain_facts(graph: KnowledgeGraph, chain: Chain, language: str) -> list[Fact]:
    """A chain of the graph with its labels in a language."""

    def entity(number: int) -> Named:
        return Named(id=graph.entity_id(number), label=graph.label(number, language))

    def relation(code: int) -> Named:
        return Named(id=graph.relation_id(code), label=graph.relation_label(code, language))

    return [
        Fact(head=entity(head), relation=relation(code), tail=entity(tail))
        for head, code, tail in chain
    ]


def path_labels(graph: KnowledgeGraph, path: RelationPath) -> list[str]:
    """The labels of a relation path in the reader's language; an id stays where there is none."""

    def label(name: str) -> str:
        if sought := looked_for((name,)):
            return MISSING + label(sought)
        code = graph.find_relation(name)
        return name if code is None else graph.relation_label(code, language())

    return [label(name) for name in path]


def _parts(hops: Sequence[Fact]) -> Iterator[Html]:
    """Entities and links in turn; where a hop begins elsewhere than the last ended, both ends."""
    last = None
    for hop in hops:
        if hop.head.id != last:
            yield _entity(hop.head)
        yield Html(f'<span class="pd-hop">{_link(hop)}{_entity(hop.tail)}</span>')
        last = hop.tail.id


def _entity(entity: Named) -> Html:
    # A claim that has left the graph reaches nothing that has a name.
    return Html(f'<span class="pd-entity">{escape(clipped(entity.label or "?"))}</span>')


def _link(hop: Fact) -> Html:
    relation = relation_arrow(clipped(hop.relation.label))
    arrow = f'<span class="pd-arrow">{escape(relation)}</span>'
    if not isinstance(hop, JudgedHop):
        return Html(f'<span class="pd-link">{arrow}</span>')
    good = hop.verdict == "in_graph"
    word = f"<i>{SIGNS[hop.verdict]}</i> {escape(t(f'verdict.{hop.verdict}'))}"
    mark = f'<span class="pd-verdict {"pd-good" if good else "pd-bad"}">{word}</span>'
    return Html(f'<span class="pd-link{"" if good else " pd-bad-link"}">{arrow}{mark}</span>')


def _nearest(fact: Fact) -> Html:
    named = (fact.head, fact.relation, fact.tail)
    head, relation, tail = (clipped(one.label) for one in named)
    words = f"{head} · {relation_arrow(relation)} · {tail}"
    return Html(f'<span class="pd-nearest">{escape(t("verdict.nearest"))} {escape(words)}</span>')
