"""What the page computes with: the graph, the student, how text is read, and the rules of answers.

All of it is JSON. Numbers that the studio goes by are taken from where it has them, so that a page
answers by the same.
"""

from __future__ import annotations

from typing import Any

from core.answers.decision import EVEN, card_certainty
from core.answers.student_scorer import NAMED
from core.answers.topics import JOINING, MOST_TOPICS
from core.answers.voting import SAID
from core.errors import FormatError
from core.export.offline.tokens import tokenizer_data
from core.export.offline.weights import language_model
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import CERTAIN, COMMON, MOST_MENTIONS
from core.plain_text import ALIKE, HAN, SILENT, SYMBOLS, UNSPACED, VOWEL_SIGNS
from core.records import TOPIC_MARK
from core.settings import AskSettings
from core.student.language_model import Student
from core.student.prompts import LONGEST, TOPIC, token_id

MOST_FACTS = 100_000
"""Facts of a graph that goes into a page."""


def page_data(student: Student) -> dict[str, Any]:
    """Everything that the scripts need to answer as the student alone.

    Raises:
        FormatError: If the student or its graph is not for a page.
    """
    certainty = card_certainty(student.card)
    return {
        "graph": graph_data(student.graph),
        "student": _student_data(student),
        "words": {
            "unspaced": UNSPACED,
            "symbols": SYMBOLS,
            "silent": SILENT,
            "vowelSigns": VOWEL_SIGNS,
            "alike": ALIKE,
            "han": HAN,
        },
        "rules": {
            "mark": TOPIC_MARK,
            "common": sorted(COMMON),
            "joining": sorted(JOINING),
            "certain": CERTAIN,
            "mentions": MOST_MENTIONS,
            "topics": MOST_TOPICS,
            "longestPrompt": LONGEST,
            "named": NAMED,
            "said": SAID,
            "even": EVEN,
            "precision": AskSettings.model_fields["precision"].default,
        },
        "certainty": None if certainty is None else certainty.as_record(),
    }


def graph_data(graph: KnowledgeGraph) -> dict[str, Any]:
    """The graph for `graph.js`: columns of facts by number, and what the numbers are called.

    Raises:
        FormatError: If it has more than `MOST_FACTS`.
    """
    if graph.triple_count > MOST_FACTS:
        raise FormatError(
            "The graph {name!r} has {count:,} facts, and an HTML file holds {most:,} at most: "
            "serve the student instead (python -m core serve), or distil one of a part of the "
            "graph.",
            name=graph.name,
            count=graph.triple_count,
            most=MOST_FACTS,
        )
    aliases = graph.column("entities", "aliases")
    others = enumerate(aliases.to_pylist() if aliases else ())
    return {
        "languages": list(graph.languages),
        "entities": {
            **_names(graph, "entities"),
            "aliases": [[entity, more] for entity, more in others if more],
        },
        "relations": _names(graph, "relations"),
        "heads": graph.heads.tolist(),
        "kinds": graph.relations.tolist(),
        "tails": graph.tails.tolist(),
    }


def _names(graph: KnowledgeGraph, kind: str) -> dict[str, Any]:
    """Ids and labels, a row each; an empty label where there is none."""
    table = graph.table(kind)
    labels = {
        language: [label or "" for label in table[f"label:{language}"].to_pylist()]
        for language in graph.languages
        if f"label:{language}" in table.column_names
    }
    return {"ids": table["id"].to_pylist(), "labels": labels}


def _student_data(student: Student) -> dict[str, Any]:
    speller, graph = student.speller, student.graph
    if speller.absent is None:
        raise FormatError(
            "The student {name!r} is of a version that knew no <missing>: distil it again.",
            name=student.name,
        )
    missing, none = speller.absent
    return {
        "language": language_model(student.name, student.model),
        "tokenizer": tokenizer_data(student.name, speller.tokenizer),
        "marks": {
            "topic": token_id(speller.tokenizer, TOPIC),
            "path": speller.path,
            "hop": speller.hop,
            "stop": speller.stop,
            "missing": missing,
            "none": none,
        },
        "relations": [speller.relation(name) for name in graph.relation_ids],
        "shape": {
            "hops": student.shape.hops,
            "directions": student.shape.directions,
            "widest": student.shape.widest,
            "most": student.shape.most,
        },
        "absenceWeight": float(student.card.get("absence_weight", 1.0)),
    }
