"""What a scored tree says: paths, answers, and the posterior once the answers are known.

Everything here is read off the paths and node masses of the trees, in float64, without sampling.
Whatever scores trees (the policy, a language model, plain lexical overlap, a mixture of these) is a
`Scorer`; labels, answers, evaluation and screens ask for no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Protocol

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import PathTree
from core.records import RelationPath
from core.teacher.absence import absent_path
from core.teacher.meetings import (
    Meetings,
    marginals,
    meeting_answers,
    meeting_distribution,
    meeting_match,
)
from core.teacher.question_trees import QuestionTree

DENSE = 8
"""A table of all entity numbers may be so many times as long as what is looked up in it."""


@dataclass(frozen=True, eq=False)
class Missing:
    """What the graph may not have that a question looks for, and how probably that is so.

    Attributes:
        nodes: `(absent,)` where in the tree it is missing.
        codes: `(absent,)` the relation's code, or `NONE`: no relation of the graph is meant.
        probability: `(absent,)`.
    """

    nodes: Ints
    codes: Ints
    probability: np.ndarray

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def total(self) -> float:
        """P(the graph does not say)."""
        return float(self.probability.sum())


NOTHING_MISSING = Missing(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
"""Of whatever knows no more than what is there."""


@dataclass(frozen=True, eq=False)
class ScoredTree:
    """A tree with a teacher's probabilities.

    Attributes:
        tree: The relation-prefix tree; not always that of the question, which may be grown anew.
        path: `(nodes,)` float64 probability of the path that ends at each node.
        mass: `(nodes,)` M(u): total probability of the paths through each node and of what is
            missing at and below it, 1 at the root.
        match: `(nodes,)` F1 of each frontier with the known answers.
        attention: `(nodes, words)` the words that each node's prefix looks at next; zero where
            nothing is to be chosen, or where the teacher has no attention to show.
        missing: What the graph may not have; with the paths and the rest it sums to one.
    """

    tree: PathTree
    path: np.ndarray
    mass: np.ndarray
    match: np.ndarray
    attention: np.ndarray
    missing: Missing = NOTHING_MISSING

    @property
    def rest(self) -> float:
        """Mass of the paths below open nodes: 0 where the whole tree is grown."""
        return float(self.mass[self.tree.open].sum())

    def answers(self) -> tuple[Ints, np.ndarray]:
        """Entities with the probability of being an answer, most probable first.

        `P(e) = sum of P(path) over paths whose frontier holds e`. Equal probabilities stand in
        entity order.
        """
        return answer_distribution(self.tree, self.path)

    def posterior(self, match: np.ndarray | None = None) -> np.ndarray:
        """P(path | question, known answers), proportional to P(path | question) * match(path).

        Paths that were not grown count as missing the answers.

        Args:
            match: `(nodes,)` F1 of each frontier with the known answers; None for `self.match`.

        Returns:
            `(nodes,)` summing to one; the prior itself where no path reaches any answer.
        """
        weighted = self.path * (self.match if match is None else match)
        total = weighted.sum()
        return weighted / total if total > 0 else self.path


def missing_paths(
    graph: KnowledgeGraph, tree: PathTree, missing: Missing
) -> dict[RelationPath, float]:
    """What the graph may lack as paths that end in it, with their probabilities."""
    return {
        absent_path(graph, tree, node, code): probability
        for node, code, probability in zip(
            missing.nodes.tolist(),
            missing.codes.tolist(),
            missing.probability.tolist(),
            strict=True,
        )
    }


class Scorer(Protocol):
    """Whatever gives the paths of question trees probabilities."""

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order."""


@dataclass(frozen=True, eq=False)
class ScoredQuestion:
    """A question with the scored trees of all its topics.

    Attributes:
        trees: One per topic.
        scored: The same, scored.
    """

    trees: tuple[QuestionTree, ...]
    scored: tuple[ScoredTree, ...]

    @cached_property
    def meetings(self) -> tuple[Meetings, np.ndarray]:
        """Where the topics' paths meet, and how probably; see `meetings`."""
        return meeting_distribution([s.tree for s in self.scored], [s.path for s in self.scored])

    def answers(self) -> tuple[Ints, np.ndarray]:
        """Entities with the probability of being an answer, most probable first."""
        if len(self.scored) == 1:
            return self.scored[0].answers()
        entities, probability = meeting_answers(*self.meetings)
        return entities, probability * (1.0 - self.missing)

    @property
    def missing(self) -> float:
        """P(the graph does not say): that what is asked of any of the topics is not there."""
        return float(1.0 - np.prod([1.0 - one.missing.total for one in self.scored]))

    def confidence(self) -> tuple[float, float]:
        """The best answer's probability, and the chance that it is right; 0 and 0 without any.

        Ties are broken by a uniform pick.
        """
        entities, probability = self.answers()
        if not len(entities):
            return 0.0, 0.0
        top = entities[probability >= probability[0] * (1 - 1e-9)]
        return float(probability[0]), float(np.isin(top, self.trees[0].answers).mean())

    def prior(self) -> list[np.ndarray]:
        """P(path) for each topic, once the other topics have had their say."""
        if len(self.scored) == 1:
            return [self.scored[0].path]
        return marginals([s.tree for s in self.scored], *self.meetings)

    def posterior(self) -> list[np.ndarray] | None:
        """P(path | known answers) for each topic; None where no path or meeting reaches any."""
        if len(self.scored) == 1:
            one = self.scored[0]
            return [one.posterior()] if (one.path * one.match).sum() > 0 else None
        meetings, probability = self.meetings
        weighted = probability * meeting_match(meetings, self.trees[0].answers)
        if not weighted.sum() > 0:
            return None
        return marginals([s.tree for s in self.scored], meetings, weighted / weighted.sum())


def score_questions(scorer: Scorer, trees: Sequence[QuestionTree]) -> Iterator[ScoredQuestion]:
    """Score trees, those of one question (which stand side by side) together."""
    pairs = zip(trees, scorer.score(trees), strict=True)
    for _, group in groupby(pairs, key=lambda pair: pair[0].question.id):
        mine, scored = zip(*group, strict=True)
        yield ScoredQuestion(mine, scored)


def answer_distribution(tree: PathTree, path: np.ndarray) -> tuple[Ints, np.ndarray]:
    """See `ScoredTree.answers`; the root, which is no path, counts for nothing."""
    reached = tree.entities[tree.starts[1] :]
    weights = np.repeat(path[1:], np.diff(tree.starts)[1:])
    if len(reached) and int(reached.max()) < DENSE * len(reached):
        # A table by entity number beats sorting, where it is not much longer than what it counts.
        entities = np.flatnonzero(np.bincount(reached)).astype(reached.dtype)
        probability = np.bincount(reached, weights=weights)[entities]
    else:
        entities, where = np.unique(reached, return_inverse=True)
        probability = np.bincount(where, weights=weights, minlength=len(entities))
    order = np.argsort(-probability, kind="stable")
    return entities[order], probability[order]
