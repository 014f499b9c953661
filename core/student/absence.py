"""Which relation a student looks for where the graph lacks it.

At every inner place of the tree a student may say that nothing there is what the question asks for:
`<missing>` and a relation, or `<none>`. How probable it finds `<missing>` is read off the choice at
the place itself; only where that is likely is it asked which of the relations that are not there it
means: the names are a trie of their own, scored in one pass behind `<missing>`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from transformers import PreTrainedModel

from core.graph.edge_rows import Directions
from core.graph.knowledge_graph import Ints, KnowledgeGraph
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


def absent_posterior(
    model: PreTrainedModel,
    prompt: Sequence[int],
    speller: Speller,
    prefix: Sequence[str],
    absent: Sequence[str],
) -> np.ndarray:
    """P(relation | question, prefix, `<missing>`) under the student confined to what is not there.

    Args:
        model: The student, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        speller: How it spells; it knows `<missing>`.
        prefix: Names of the relations that are there.
        absent: Names of those that are not; at least one.

    Returns:
        `(absent,)` float64, summing to one. Of two names that a tokenizer spells alike the first
        is meant.
    """
    if speller.absent is None:
        raise ValueError("the student knows no <missing>")
    names = ("", *absent)
    parents = np.array([-1, *[0] * len(absent)], np.int32)
    trie = build_trie(parents, names, np.zeros(len(names), bool), speller)
    said = [*speller.spell(tuple(prefix))[:-1], speller.absent[0]]
    mass = np.exp(score_tree(model, [*prompt, *said], trie, confined=True))
    places, first = np.unique(trie.at[1:], return_index=True)
    probability = np.zeros(len(absent))
    probability[first] = mass[places]
    return probability
