"""Which relation a student looks for where the graph lacks it.

What is not in the graph a student may say in two ways: as `<missing>` and the relation, as it
learns it from labels; or just so, as of a topic that has it, for it does not see what the topic
has. How probable it is that either is said at a place is known from the place itself (`posterior`);
only where that is likely is it asked which of the relations that are not there are meant: the names
of all such places are a trie of their own, scored in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from transformers import PreTrainedModel

from core.graph.edge_rows import Directions
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.records import MISSING, RelationPath
from core.student.path_trie import build_trie
from core.student.prompts import Speller
from core.student.scoring import score_tree


def absent_relations(graph: KnowledgeGraph, directions: Directions, present: Iterable[int]) -> Ints:
    """Codes of the relations that a place lacks: `(absent,)`, ascending.

    Args:
        graph: Whose relations.
        directions: Whether relations may be walked backward too.
        present: Codes of the relations that lead on from the place.
    """
    count = graph.relation_count * (2 if directions == "both" else 1)
    return np.setdiff1d(np.arange(count), np.fromiter(present, np.int64)).astype(np.int32)


def absent_masses(
    model: PreTrainedModel,
    prompt: Sequence[int],
    speller: Speller,
    places: Sequence[tuple[RelationPath, Sequence[str]]],
) -> list[np.ndarray]:
    """P(the student goes on with a relation, as missing or just so | question, prefix).

    Args:
        model: The student, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        speller: How it spells.
        places: Of each the names of the relations that lead there, and of those that it lacks.

    Returns:
        Of each place `(absent,)` float64, summing to at most one. Of two names that a tokenizer
        spells alike the first is meant.
    """
    names, parents = [""], [-1]
    nodes: dict[RelationPath, int] = {(): 0}

    def add(parent: int, name: str) -> int:
        names.append(name)
        parents.append(parent)
        return len(names) - 1

    begins = []
    for prefix, absent in places:
        for depth, name in enumerate(prefix):
            if prefix[: depth + 1] not in nodes:
                nodes[prefix[: depth + 1]] = add(nodes[prefix[:depth]], name)
        begins.append(len(names))
        for name in (*absent, *(MISSING + name for name in absent)):
            add(nodes[prefix], name)
    trie = build_trie(np.array(parents, np.int32), names, np.zeros(len(names), bool), speller)
    mass = np.exp(score_tree(model, prompt, trie))
    found = []
    for (prefix, absent), begin in zip(places, begins, strict=True):
        at, first = np.unique(trie.at[begin : begin + 2 * len(absent)], return_index=True)
        each = np.zeros(2 * len(absent))
        each[first] = mass[at] / mass[trie.at[nodes[prefix]]]
        found.append(each[: len(absent)] + each[len(absent) :])
    return found
