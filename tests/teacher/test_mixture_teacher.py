"""A mixture: the weighted mean of its parts, also where a part would grow trees its own way."""

import numpy as np
import pytest
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.teacher.lexical_teacher import LexicalScorer
from core.teacher.mixture_teacher import MixtureScorer
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from tests.question_trees import grown, question

SHAPE = TreeShape(2)
QUESTIONS = (
    question(0, "What is the nationality of the child of Bob Berg?", "bob", ["norway"]),
    question(1, "Who is the spouse of Carl Berg?", "carl", ["gina"]),
)


def policy(graph, shape, seed=0):
    torch.manual_seed(seed)
    return PolicyScorer(PathPolicy(graph, 16, 1), graph, shape)


def test_paths_masses_and_attention_are_weighted_means(graph):
    trees = grown(graph, SHAPE, QUESTIONS)
    parts = (policy(graph, SHAPE), policy(graph, SHAPE, seed=1), LexicalScorer(graph, 0.1))
    mixed = list(MixtureScorer(parts, (2.0, 1.0, 1.0)).score(trees))
    each = [list(part.score(trees)) for part in parts]
    assert len(mixed) == len(trees)
    for nth, one in enumerate(mixed):
        first, second, third = (scored[nth] for scored in each)
        assert one.tree is trees[nth].tree and one.match is trees[nth].match
        for name, precision in (("path", 1e-12), ("mass", 1e-12), ("attention", 1e-6)):
            values = [getattr(scored, name) for scored in (first, second, third)]
            wanted = 0.5 * values[0] + 0.25 * values[1] + 0.25 * values[2]
            assert getattr(one, name) == pytest.approx(wanted, abs=precision)
        assert one.path.sum() == pytest.approx(1)
        assert not np.allclose(one.path, first.path)


def test_alone_or_with_itself_a_teacher_says_the_same(graph):
    trees, part = grown(graph, SHAPE, QUESTIONS), policy(graph, SHAPE)
    for mixture in (MixtureScorer([part], [3.0]), MixtureScorer([part, part], [1.0, 9.0])):
        for one, alone in zip(mixture.score(trees), part.score(trees), strict=True):
            assert one.path == pytest.approx(alone.path, abs=1e-15)


def test_all_parts_of_a_crowded_tree_speak_of_the_same_paths():
    triples = [("hub", f"relation{chr(97 + n)}", f"end{n}") for n in range(20)]
    triples += [("end3", "city", "oslo")]
    graph = KnowledgeGraph.build("g", triples)
    shape = TreeShape(2, "forward", most=16)
    (asked,) = grown(graph, shape, [question(0, "In which city is relationd?", "hub", ["oslo"])])
    assert asked.tree.truncated
    grows, reads = policy(graph, shape), LexicalScorer(graph, 0.1)
    assert next(grows.score([asked])).tree is not asked.tree  # alone it grows the tree anew
    mixed = next(MixtureScorer([grows, reads], [1.0, 3.0]).score([asked]))
    assert np.array_equal(mixed.tree.entities, asked.tree.entities)
    wanted = 0.25 * grows.whole([asked])[0].path + 0.75 * next(reads.score([asked])).path
    assert mixed.path == pytest.approx(wanted, abs=1e-12)
