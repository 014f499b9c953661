"""What a scored question says, by hand."""

import numpy as np
import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.labels.masses import node_masses
from core.records import Question
from core.teacher.reasoning import ScoredTree, score_questions
from tests.question_trees import grown, names, question

TRIPLES = [
    ("a", "r", "b"),
    ("a", "s", "b"),
    ("a", "s", "c"),
    ("a", "t", "d"),
    ("e", "r", "c"),
    ("e", "s", "d"),
]


class Told:
    """A scorer with given path probabilities: topic -> prefix -> probability."""

    def __init__(self, graph, said):
        self.graph, self.said = graph, said

    def score(self, trees):
        for one in trees:
            said = self.said[self.graph.entity_id(one.tree.topic)]
            path = np.array([said.get(prefix, 0.0) for prefix in names(self.graph, one.tree)])
            mass = node_masses(one.tree.parents, path)
            yield ScoredTree(one.tree, path, mass, one.match, np.zeros((len(path), 1)))


def asked(said, *questions):
    graph = KnowledgeGraph.build("g", TRIPLES)
    scorer = Told(graph, said)
    found = list(score_questions(scorer, grown(graph, TreeShape(1, "forward"), questions)))
    return graph, found


def answers(graph, one):
    entities, chances = one.answers()
    return {graph.entity_id(e): p for e, p in zip(entities, chances.tolist(), strict=True)}


def test_an_answer_is_as_probable_as_the_paths_that_hold_it():
    said = {"a": {("r",): 0.2, ("s",): 0.5, ("t",): 0.3}}
    graph, (one,) = asked(said, question(0, "?", "a", ["b"]))
    assert answers(graph, one) == pytest.approx({"b": 0.7, "c": 0.5, "d": 0.3})
    assert one.confidence() == pytest.approx((0.7, 1.0))
    assert one.prior()[0] is one.scored[0].path
    # r: F1 1; s: F1 2/3; t: none.
    weights = {("r",): 0.2, ("s",): 0.5 * 2 / 3}
    wanted = {prefix: w / sum(weights.values()) for prefix, w in weights.items()}
    (posterior,) = one.posterior()
    told = zip(names(graph, one.scored[0].tree), posterior.tolist(), strict=True)
    assert {prefix: p for prefix, p in told if p} == pytest.approx(wanted)


def test_ties_are_right_by_half():
    _, found = asked(
        {"a": {("s",): 0.8, ("t",): 0.2}},
        question(0, "?", "a", ["c"]),
        question(1, "?", "a", ["b", "c"]),
        question(2, "?", "a", ["d"]),
    )
    assert [one.confidence() for one in found] == [(0.8, 0.5), (0.8, 1.0), (0.8, 0.0)]


def test_trees_of_one_question_are_taken_together():
    both = [Question(f"q{n}", "?", "en", ("a", "e"), ("c",)) for n in range(2)]
    said = {"a": {("s",): 0.5, ("t",): 0.5}, "e": {("r",): 0.75, ("s",): 0.25}}
    graph, found = asked(said, both[0], question(9, "?", "a", ["b"]), both[1])
    assert [len(one.trees) for one in found] == [2, 1, 2]
    assert [one.trees[0].question.id for one in found] == ["q0", "q9", "q1"]
    for one in (found[0], found[2]):
        # s and r meet at c (3/8), t and s at d (1/8).
        assert answers(graph, one) == pytest.approx({"c": 0.75, "d": 0.25})
        assert one.confidence() == pytest.approx((0.75, 1.0))
        assert [sorted(part[part > 0].tolist()) for part in one.prior()] == [[0.25, 0.75]] * 2
        assert [part.max() for part in one.posterior()] == [1.0, 1.0]


def test_topics_that_meet_nowhere_say_nothing():
    both = Question("q", "?", "en", ("a", "e"), ("c",))
    _, (one,) = asked({"a": {("r",): 1.0}, "e": {("s",): 1.0}}, both)
    assert one.confidence() == (0.0, 0.0)
    assert one.posterior() is None
    assert not any(part.any() for part in one.prior())


def test_no_known_answer_leaves_no_posterior():
    _, (one,) = asked({"a": {("r",): 0.4, ("t",): 0.6}}, question(0, "?", "a", ["e"]))
    assert one.posterior() is None
    np.testing.assert_array_equal(one.scored[0].posterior(), one.scored[0].path)
