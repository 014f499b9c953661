"""An ear for a student: what a question sounds like counts beside what the student has learned.

A small student knows few words, and is thrown off by others. The sentence encoder that its teacher
listens with knows many, and hears which path a question asks for in whatever words. Both together,
as a product of experts over all paths of a topic's tree and all that it lacks:

    log P(path)  =  TRUST * log P_student(path) + b * s(path) [- DOUBT where it is missing] + const

with s the cosine of the question with the path in words and b the teacher's own scale (see
`core.teacher.listening`). The student says the same with its ear covered as ever.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import PathTree, TreeShape
from core.labels.masses import node_masses
from core.student.language_model import Student
from core.teacher.absence import NONE, absent_alternatives
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.reasoning import Missing
from core.teacher.spoken_paths import SpokenPaths
from core.teacher.teachers import Teacher

TRUST = 0.5
"""What a student has learned counts so much; chosen among 0.3, 0.5, 0.7 and 1 on questions in
people's own words."""

DOUBT = 2.0
"""What a student finds missing counts exp(DOUBT) times less than what it finds there: it takes
unfamiliar words for what the graph lacks. Chosen among 0, 1, 2 and 3 likewise."""


@dataclass(frozen=True, eq=False)
class Ear:
    """What a teacher listens with, lent to its student.

    Attributes:
        graph: Whose paths are heard, and what it lacks.
        spoken: Its paths in words.
        scale: Of the cosines.
        none: The cosine that *none of these* counts for.
        shape: The trees that the teacher knows.
    """

    graph: KnowledgeGraph
    spoken: SpokenPaths
    scale: float
    none: float
    shape: TreeShape

    @classmethod
    def of(cls, teacher: Teacher, student: Student) -> Ear | None:
        """None where the teacher does not listen, or reasons over another graph."""
        if teacher.spoken is None or teacher.graph.hash != student.graph.hash:
            return None
        if not isinstance(teacher.scorer, PolicyScorer) or teacher.scorer.policy.listen is None:
            return None
        listen = teacher.scorer.policy.listen
        scale, none = listen.log_scale.detach().exp(), listen.none.detach()
        return cls(teacher.graph, teacher.spoken, float(scale), float(none), teacher.shape)

    def weigh(
        self, text: str, tree: PathTree, path: np.ndarray, missing: Missing
    ) -> tuple[np.ndarray, Missing, np.ndarray]:
        """A student's probabilities, and what is heard.

        What is missing is only what could be there, as for a teacher, and what sounds more like the
        question than *none of these* does; of anything else that is meant. A tree that was cut is
        left as it is.

        Args:
            text: The question with `TOPIC_MARK` for the mention of its topic.
            tree: The topic's whole tree.
            path: `(nodes,)` P(path that ends at each node).
            missing: What the student finds missing.

        Returns:
            Paths and what is missing, summing to one, and `(nodes,)` the mass of each prefix.
        """
        graph = self.graph
        could = absent_alternatives(graph, tree, self.shape)
        nodes, codes, lost = _among(missing, could.nodes, could.codes, 2 * graph.relation_count)
        named = codes != NONE
        prefixes = [tree.prefix(node) for node in range(len(tree))]
        lacking = [
            (*prefixes[node], code)
            for node, code in zip(nodes[named].tolist(), codes[named].tolist(), strict=True)
        ]
        heard = self.spoken.similarities(text, prefixes[1:], lacking=lacking).astype(np.float64)
        sounds = np.full(len(codes), self.none)
        sounds[named] = heard[len(tree) - 1 :]
        with np.errstate(divide="ignore"):
            said = TRUST * np.log(np.concatenate([path[1:], lost]))
        said += self.scale * np.concatenate([heard[: len(tree) - 1], sounds])
        said[len(tree) - 1 :] -= DOUBT
        if not np.isfinite(said).any():
            return path, missing, node_masses(tree.parents, path)
        weights = np.exp(said - said.max())
        weights /= weights.sum()
        paths = np.concatenate([[0.0], weights[: len(tree) - 1]])
        # A relation that sounds less like the question than none at all is not what it asks for.
        codes = np.where(sounds < self.none, NONE, codes)
        lacks = _summed(nodes, codes, weights[len(tree) - 1 :], 2 * graph.relation_count)
        ended = paths + np.bincount(lacks.nodes, weights=lacks.probability, minlength=len(tree))
        return paths, lacks, node_masses(tree.parents, ended)


def _among(missing: Missing, nodes: Ints, codes: Ints, width: int) -> tuple[Ints, Ints, np.ndarray]:
    """What is missing among all that could be; the rest is told as *none of these* at its node."""
    could = nodes * (width + 1) + codes + 1  # `NONE` is -1
    order = np.argsort(could)
    key = missing.nodes * (width + 1) + missing.codes + 1
    none = missing.nodes * (width + 1)
    place = np.searchsorted(could[order], key).clip(max=len(could) - 1)
    known = could[order[place]] == key
    key = np.where(known, key, none)
    place = order[np.searchsorted(could[order], key).clip(max=len(could) - 1)]
    there = could[place] == key
    lost = np.bincount(place[there], missing.probability[there], minlength=len(could))
    kept = lost > 0
    return nodes[kept], codes[kept], lost[kept]


def _summed(nodes: Ints, codes: Ints, chance: np.ndarray, width: int) -> Missing:
    """What is missing, each once, of rows that may name the same."""
    rows, row = np.unique(nodes * (width + 1) + codes + 1, return_inverse=True)
    node, code = np.divmod(rows, width + 1)
    return Missing(node, code - 1, np.bincount(row, weights=chance, minlength=len(rows)))
