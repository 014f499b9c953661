"""The plain lexical teacher: a path is as likely as its labels are spelled in the question.

It needs no training, so it is what a trained teacher must beat and what stands in where there is
none. A text is a bag of pieces g: a character of a script without spaces is a piece of mass 1, any
other word is shared out among itself and its character 3- and 4-grams; small words that every
question has count for nothing. Each piece is weighed by its rarity among the R relations,
w(g) = log(1 + R / relations with g) / log(1 + R). Then there are

    Q  mass of the question        L  mass of the labels along a path        M  what both have
    H  hops of the path            l  mass of a label, on average of all     B  hops walked backward

    U            =  l H (1 - M / L)              what the labels say beyond the question
    score(path)  =  2 (M + s min(Q - M, U)) / (Q + M + U + b B)                    in 0..1
    P(path)      =  softmax of score / temperature over all paths of the tree

With s = b = 0 this is like the Dice overlap, which always prefers a path to a longer one that says
in other words what the question asks ("who is her dad" for `parents`). What remains of the question
and what remains of the labels may mean the same thing; s is the credit for that. What remains of a
label is counted by the hop and not by its letters, for what is not asked about (`release year`) is
no likelier or less likely by being long. And b is there because labels name the way forward: a path
to and fro spells the same again. A graph with labels in several languages is matched in each, and
the best counts. The mention of the topic is no part of the question's words: a name is no evidence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import ROOT, PathTree
from core.plain_text import HAN
from core.teacher.question_encoder import split_words

PARAPHRASE = 0.37
"""s: credit for what may be said in other words."""

BACKWARD = 0.5
"""b: what a hop walked backward weighs beside its label."""

TEMPERATURE = 0.04
"""Of the softmax over paths."""

_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at by to for from with and or as is are was were be been do did does "
        "has have had what which who whom whose where when why how that this these those it its "
        "he his she her they their there s",
    )
)
_SMALL_CHARACTERS = re.compile(
    "请问|你?知道|告诉我?|什么|多少|哪[里个些]?|[的是在了和与谁几吗呢啊有为被由他她它们这那个你我]"
)
_HAN_RUN = re.compile(f"[{HAN}]+")


def pieces(words: Sequence[str]) -> dict[str, float]:
    """The bag of pieces of a text: mass by piece.

    Args:
        words: See `split_words`; marks of topics have no mass.
    """
    bag: dict[str, float] = defaultdict(float)
    text = "".join(word if _HAN_RUN.fullmatch(word) else " " for word in words)
    for character in _SMALL_CHARACTERS.sub("", text).replace(" ", ""):
        bag[character] += 1
    for word in words:
        if word.isalnum() and word not in _SMALL_WORDS and not _HAN_RUN.fullmatch(word):
            padded = f"<{word}>"
            parts = {padded[i : i + n] for n in (3, 4) for i in range(len(padded) - n + 1)}
            for part in parts | {padded}:
                bag[part] += 1 / len(parts | {padded})
    return bag


@dataclass(frozen=True, eq=False)
class SpelledRelations:
    """The pieces of every relation's label in one language.

    Attributes:
        columns: Piece to column.
        masses: `(relations, pieces)` weighed mass of each piece of a label.
        weights: `(pieces,)` w(g); a piece that no label has weighs 1.
    """

    columns: dict[str, int]
    masses: sparse.csr_matrix
    weights: np.ndarray

    @classmethod
    def of(cls, labels: Iterable[str]) -> SpelledRelations:
        """Take relation labels apart, one after the other."""
        texts = [label.replace("_", " ") for label in labels]
        bags = [pieces(split_words(text)) or {text: 1.0} for text in texts]  # "is a", "of"
        columns = {piece: at for at, piece in enumerate(dict.fromkeys(p for b in bags for p in b))}
        where = np.array([columns[piece] for bag in bags for piece in bag], int)
        having = np.bincount(where, minlength=len(columns))
        weights = np.log1p(len(bags) / np.maximum(having, 1)) / np.log1p(len(bags))
        mass = np.array([mass for bag in bags for mass in bag.values()]) * weights[where]
        starts = np.cumsum([0, *map(len, bags)])
        shape = len(bags), len(columns)
        return cls(columns, sparse.csr_matrix((mass, where, starts), shape=shape), weights)

    def score(self, tree: PathTree, words: Sequence[str]) -> np.ndarray:
        """See `path_scores`, for one language."""
        asked = pieces(words)
        shared = [piece for piece in asked if piece in self.columns]
        which = np.array([self.columns[piece] for piece in shared], int)
        question = np.array([asked[piece] for piece in shared]) * self.weights[which]
        unheard = sum(mass for piece, mass in asked.items() if piece not in self.columns)
        backward, relations = np.divmod(tree.relations, self.masses.shape[0])
        masses = np.asarray(self.masses.sum(1))
        labels = _along(tree, masses[relations])[:, 0]
        turned = BACKWARD * _along(tree, backward[:, None].astype(float))[:, 0]
        common = np.minimum(_along(tree, self.masses[:, which].toarray()[relations]), question)
        both, whole = common.sum(1), question.sum() + unheard
        unsaid = masses.mean() * tree.depths * (1 - both / np.maximum(labels, 1e-12))
        total = np.maximum(whole + both + unsaid + turned, 1e-12)
        return np.asarray(2 * (both + PARAPHRASE * np.minimum(whole - both, unsaid)) / total)


def _along(tree: PathTree, values: np.ndarray) -> np.ndarray:
    """Sum the values of hops, `(nodes, k)`, along each path from the root, which has none."""
    total = values.copy()
    total[ROOT] = 0
    for depth in range(2, int(tree.depths.max(initial=0)) + 1):
        at = np.flatnonzero(tree.depths == depth)
        total[at] += total[tree.parents[at]]
    return total


def spelled_relations(graph: KnowledgeGraph) -> tuple[SpelledRelations, ...]:
    """The relation labels of a graph in each of its languages; their ids where it has none."""
    return tuple(
        SpelledRelations.of(
            graph.relation_label(code, language) for code in range(graph.relation_count)
        )
        for language in graph.languages or ("en",)
    )


def path_scores(
    spelled: Sequence[SpelledRelations], tree: PathTree, words: Sequence[str]
) -> np.ndarray:
    """How well the labels of each path match a question: `(nodes,)` in 0..1, 0 at the root.

    Args:
        spelled: The graph's relation labels, see `spelled_relations`.
        tree: The tree of the question's topic.
        words: The question's words, its topics masked.
    """
    best: np.ndarray = np.max([language.score(tree, words) for language in spelled], axis=0)
    return best


def path_distribution(scores: np.ndarray, temperature: float = TEMPERATURE) -> np.ndarray:
    """A softmax over the paths of a tree: `(nodes,)`, 0 at the root, else summing to one.

    Args:
        scores: `(nodes,)`.
        temperature: Above 0; the lower, the surer.
    """
    if len(scores) == 1:
        return np.zeros(1)
    weights = np.exp((scores[1:] - scores[1:].max()) / temperature)  # the root is no path
    return np.concatenate([[0.0], weights / weights.sum()])
