"""The lexical teacher as a scorer: what the matching says, as a scored tree."""

import numpy as np
import pytest

from core.graph.path_tree import TreeShape
from core.labels.masses import node_masses
from core.teacher.lexical_matching import path_distribution, path_scores, spelled_relations
from core.teacher.lexical_teacher import LexicalScorer, from_paths
from tests.question_trees import grown, names, question

QUESTIONS = (
    question(0, "What is the nationality of the child of Ann Berg?", "bob", ["norway"]),
    question(1, "谁是 Carl Berg 的配偶？", "carl", ["gina"]),
    question(2, "?!", "emma", []),
)


def test_trees_are_scored_in_order_as_the_matching_says(graph):
    trees = grown(graph, TreeShape(2), QUESTIONS)
    spelled = spelled_relations(graph)
    scored = list(LexicalScorer(graph, 0.1).score(trees))
    assert len(scored) == len(trees)
    for asked, one in zip(trees, scored, strict=True):
        wanted = path_distribution(path_scores(spelled, asked.tree, asked.words), 0.1)
        assert one.tree is asked.tree and one.match is asked.match
        assert np.array_equal(one.path, wanted)
        assert one.path.sum() == pytest.approx(1) and one.path[0] == one.rest == 0
        assert np.array_equal(one.mass, node_masses(asked.tree.parents, wanted))
        assert one.attention.shape == (len(asked.tree), len(asked.words))
        assert not one.attention.any()


def test_it_finds_what_is_spelled_in_either_language(graph):
    trees = grown(graph, TreeShape(2), QUESTIONS)
    best = [
        names(graph, one.tree)[int(one.path.argmax())]
        for one in LexicalScorer(graph, 0.1).score(trees)
    ]
    assert best[:2] == [("child", "nationality"), ("spouse",)]


def test_a_lower_temperature_is_surer(graph):
    trees = grown(graph, TreeShape(2), QUESTIONS[:1])
    warm, cold = (next(LexicalScorer(graph, heat).score(trees)).path.max() for heat in (0.5, 0.05))
    assert cold > warm


def test_paths_become_masses_by_hand(graph):
    (asked,) = grown(graph, TreeShape(2, "forward"), [question(0, "Who?", "dora", [])])
    assert names(graph, asked.tree) == [(), ("nationality",)]
    assert from_paths(asked, np.array([0.0, 1.0])).mass.tolist() == [1.0, 1.0]
