"""Training questions as they are asked, in other words, and changed so that nothing answers them.

A teacher meets each question in another form in each epoch: as it was written or as it might have
been typed (see `core.questions.rewording`), and of those whose right path is known some where the
graph does not answer them (see `unanswerable`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.questions.rewording import reworded
from core.teacher.absence import sought_paths
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.unanswerable import asked_of, forgotten, on_the_way, removed

REMOVED, FORGOTTEN, EXCHANGED = 0.2, 0.07, 0.15
"""Shares of the training questions that nothing answers, drawn anew in each epoch."""

MOST_WORDINGS = 2
"""Wordings of a question, its own first, that are met as they stand, beside one as it might have
been typed. Each is compared with every path of a tree: many questions in few wordings teach more
than few in many."""

TRIES = 5
"""A held-out question is drawn so often to find forms that nothing answers."""

SURE = 0.9
"""A path that answers alone vouch for is the right one where so much of the posterior is its."""

_NOWHERE = np.zeros(0, np.int64)


class Variations:
    """The forms of some training questions.

    Args:
        trees: The questions.
        relations: Number of relations R of the graph.
        gold: Whether gold paths may be used.
        grower: What grew the trees, to hear other words and to ask about other topics; None to do
            neither.
    """

    def __init__(
        self,
        trees: Sequence[QuestionTree],
        relations: int,
        *,
        gold: bool,
        grower: TreeGrower | None = None,
    ) -> None:
        self._trees, self._relations = trees, relations
        self._ends = [np.flatnonzero(tree.gold) if gold else _NOWHERE for tree in trees]
        self._wordings = [[tree] for tree in trees]
        self._elsewhere: list[QuestionTree | None] = [None] * len(trees)
        rng = random.Random(0)
        texts = [_other_words(tree, rng) for tree in trees]
        partners = [rng.randrange(len(trees)) for _ in trees]
        if grower is None:
            return
        if grower.spoken is not None:
            grower.spoken.listen([text for ways in texts for text in ways])
        # Side by side by topic, so that what is around it is grown once.
        for number in sorted(range(len(trees)), key=lambda number: trees[number].tree.topic):
            ways = [grower.reworded(trees[number], text) for text in texts[number]]
            self._wordings[number] += ways
            self._elsewhere[number] = self._asked_here(trees[number], partners[number], grower)

    def draw(self, number: int, rng: np.random.Generator) -> QuestionTree:
        """A question in one of its forms.

        One whose right path is not known, or that has several topics, only changes its words.
        """
        ends, kind = self._ends[number], rng.random()
        wordings = self._wordings[number]
        tree = wordings[int(rng.integers(len(wordings)))]
        if not len(ends) or not len(tree.absent) or len(tree.question.topics) > 1:
            return tree
        elsewhere = self._elsewhere[number]
        if kind < EXCHANGED and elsewhere is not None:
            return elsewhere
        if EXCHANGED <= kind < EXCHANGED + REMOVED + FORGOTTEN:
            way = on_the_way(tree.tree, int(rng.choice(ends)))
            node = way[int(rng.integers(len(way)))]
            if kind < EXCHANGED + REMOVED:
                return removed(tree, node)
            return forgotten(tree, node, self._relations)
        return tree

    def is_as_asked(self, number: int, tree: QuestionTree) -> bool:
        """Whether a form of a question has its tree and answers, in whatever words."""
        return tree.tree is self._trees[number].tree and tree.match is self._trees[number].match

    def learn(self, numbers: Sequence[int], posteriors: Sequence[np.ndarray | None]) -> None:
        """Take over which paths the answers vouch for.

        Args:
            numbers: Of some questions.
            posteriors: `(nodes,)` of each, not scaled; None where the question was changed.
        """
        for number, weights in zip(numbers, posteriors, strict=True):
            if weights is not None and weights.max() > SURE * weights.sum():
                self._ends[number] = np.array([weights.argmax()])

    def _asked_here(
        self, here: QuestionTree, partner: int, grower: TreeGrower
    ) -> QuestionTree | None:
        """Another question, asked of this one's topic; None where its path is not known."""
        other, ends = self._trees[partner], self._ends[partner]
        if not len(ends) or len(other.question.topics) > 1 or len(here.question.topics) > 1:
            return None
        path = other.tree.prefix(int(ends[0]))
        moved = asked_of(other, path, grower.reworded(here, other.masked, other.question.id))
        return None if moved is other else moved


def _other_words(tree: QuestionTree, rng: random.Random) -> list[str]:
    """A question in some of its other wordings, and as it might have been typed in any of them."""
    typed = reworded(rng.choice(tree.wordings), rng)
    return [*tree.wordings[1:MOST_WORDINGS], typed]


def with_unanswerable(
    trees: Sequence[QuestionTree], grower: TreeGrower, *, gold: bool
) -> list[QuestionTree]:
    """Held-out questions, and as many as a fifth of them that the graph does not answer.

    These are made of the others where there are none; always the same ones.
    """
    if any(tree.absent.sought.any() for tree in trees) or not any(len(t.absent) for t in trees):
        return list(trees)
    rng = np.random.default_rng(0)
    every = Variations(trees, grower.graph.relation_count, gold=gold, grower=grower)
    made: dict[int, QuestionTree] = {}
    for number in [*rng.permutation(len(trees)).tolist()] * TRIES:
        if 4 * len(made) >= len(trees):
            break
        tree = every.draw(number, rng)
        if tree.absent.sought.any() and number not in made:
            asked = replace(
                tree.question,
                # Asked of two topics, one question is two.
                id=f"{tree.question.id} unanswerable {number}",
                answers=(),
                paths=sought_paths(grower.graph, tree.tree, tree.absent),
            )
            made[number] = replace(tree, question=asked)
    return [*trees, *made.values()]
