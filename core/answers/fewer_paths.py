"""What a student says on a tree of which some paths are gone, without asking it again.

A student speaks word by word and does not see what a topic has: how probable it finds a path is the
same whichever other paths there are. So on a tree with fewer paths those that are left weigh what
they did, and what was said of those that are gone is said of what the graph lacks:

    beside'(u) = beside(u) + sum over the children that u lost of their mass

By what names it is then looked for is asked once, for all relations at all places where that may
have to be known.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.answers.student_scorer import NAMED, StudentPosterior, StudentScorer, told
from core.graph.knowledge_graph import Ints
from core.graph.path_tree import ROOT, PathTree
from core.student.absence import absent_masses, absent_relations
from core.student.posterior import PathPosterior, path_posterior, spell_tree


class FewerPaths:
    """A question read once on its topic's whole tree.

    Args:
        scorer: The student, which knows how to say that something is missing.
        text: The question with `TOPIC_MARK` for the mention of its topic.
        tree: The tree.
    """

    def __init__(self, scorer: StudentScorer, text: str, tree: PathTree) -> None:
        one = scorer.student
        prompt = one.speller.prompt(text)
        self.tree, self.graph, self.directions = tree, one.graph, one.shape.directions
        # Where every relation is there, one may be missing once it is gone.
        spelled = spell_tree(one.graph, tree, one.speller, one.shape, everywhere=True)
        self._found = path_posterior(one.model, prompt, spelled)
        self._places = spelled.none >= 0
        codes = absent_relations(one.graph, self.directions, ())
        names = [one.graph.relation_id(code) for code in codes.tolist()]
        self._codes = len(codes)
        # Nothing weighs more at a place than all that reaches it, but for rounding.
        likely = np.flatnonzero(self._places & (self._found.reached >= 0.9 * NAMED)).tolist()
        prefixes = [tuple(map(one.graph.relation_id, self.tree.prefix(node))) for node in likely]
        masses = absent_masses(
            one.model, prompt, one.speller, [(prefix, names) for prefix in prefixes]
        )
        self._said = dict(zip(likely, masses, strict=True))

    def without(self, gone: np.ndarray) -> StudentPosterior:
        """What the student says by itself; nodes are numbered as in the tree that is left.

        Args:
            gone: `(nodes,)` bool, nodes that are no more; whatever is below one is gone too.
        """
        tree, found, kept = self.tree, self._found, np.flatnonzero(~gone)
        first = gone & ~gone[tree.parents]  # the highest of those that are gone
        first[ROOT] = False
        lost = np.bincount(tree.parents[first], weights=found.reached[first], minlength=len(tree))
        there = np.bincount(tree.parents[kept[1:]], minlength=len(tree))
        # Where every relation is there still, the student cannot say that one is missing.
        unsaid = np.where(there == self._codes, found.missing, 0.0)
        left = PathPosterior(
            path=found.path[kept],
            missing=(found.missing - unsaid)[kept],
            none=found.none[kept],
            beside=(found.beside + lost + unsaid)[kept],
            reached=found.reached[kept],
        )

        def named(unclear: Sequence[int]) -> list[tuple[Ints, np.ndarray]]:
            each = []
            for node in kept[list(unclear)].tolist():
                below = tree.children(node)
                codes = absent_relations(
                    self.graph, self.directions, tree.relations[below[~gone[below]]].tolist()
                )
                each.append((codes, self._said[node][codes]))
            return each

        return told(left, np.flatnonzero(self._places[kept]), named)
