"""Which relation a student looks for where the graph lacks it.

What is not in the graph a student may say in two ways: as `<missing>` and the relation, as it
learns it from labels; or just so, as of a topic that has it, for it does not see what the topic
has. How probable it is that either is said at a place is known from the place itself (`posterior`);
only where that is likely is it asked which of the relations that are not there are meant: their
names are a trie of their own, scored in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from transformers import PreTrainedModel

from core.graph.edge_rows import Directions
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.records import MISSING
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
    prefix: Sequence[str],
    absent: Sequence[str],
) -> np.ndarray:
    """P(the student goes on with a relation, as missing or just so | question, prefix).

    Args:
        model: The student, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        speller: How it spells.
        prefix: Names of the relations that are there.
        absent: Names of those that are not.

    Returns:
        `(absent,)` float64, summing to at most one. Of two names that a tokenizer spells alike the
        first is meant.
    """
    names = ("", *absent, *(MISSING + name for name in absent))
    parents = np.array([-1, *[0] * (len(names) - 1)], np.int32)
    trie = build_trie(parents, names, np.zeros(len(names), bool), speller)
    said = speller.spell(tuple(prefix))[:-1]
    mass = np.exp(score_tree(model, [*prompt, *said], trie))
    places, first = np.unique(trie.at[1:], return_index=True)
    each = np.zeros(len(names) - 1)
    each[first] = mass[places]
    return each[: len(absent)] + each[len(absent) :]
