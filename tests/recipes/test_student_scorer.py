"""A student stands where a scorer is asked for: labels of a student are its posterior."""

import numpy as np
import pytest

from core.answers.student_scorer import StudentScorer
from core.graph.linking import Linker
from core.questions.question_sets import load_questions
from core.records import TOPIC_MARK, looked_for
from core.student.language_model import open_student
from core.teacher.labelling import labels_of
from core.teacher.reasoning import score_questions
from core.teacher.teachers import open_teacher


@pytest.fixture
def scorer(world):
    student = open_student(world, "s")
    return StudentScorer(student, Linker(student.graph))


@pytest.fixture
def trees(world):
    grower = open_teacher(world, "t").grower()
    questions = load_questions(world, "asked").part("dev")[:4]
    return [tree for question in questions for tree in grower.grow(question)]


def test_labels_of_a_student_sum_to_one_and_are_its_posterior(scorer, trees):
    graph = scorer.student.graph
    for scored in score_questions(scorer, trees):
        (one,) = scored.trees
        text = Linker(graph).read(one.question.text).masked(one.tree.topic, TOPIC_MARK)
        found = scorer.posterior(text, scorer.spelled(one.tree.topic))
        assert found.path.sum() + found.missing.total == pytest.approx(1, abs=1e-6)
        posterior = found.path
        np.testing.assert_array_equal(scored.scored[0].path, posterior)
        (label,) = labels_of(graph, scored, "prior", 99)
        assert label.stops.sum() + label.rest == pytest.approx(1, abs=1e-6)
        best = int(np.argmax(posterior))
        there = (one for one in label.best(99) if looked_for(one[0]) is None)
        said, probability = next(there)
        assert said == tuple(graph.relation_id(code) for code in one.tree.prefix(best))
        assert probability == pytest.approx(posterior[best])


def test_masses_add_up_at_every_node(scorer, trees):
    for one, scored in zip(trees, scorer.score(trees), strict=True):
        assert scored.mass[0] == pytest.approx(1, abs=1e-6)
        lost = scored.missing
        absent = np.bincount(lost.nodes, weights=lost.probability, minlength=len(one.tree))
        assert lost.total > 0
        assert scored.path.sum() + lost.total == pytest.approx(1, abs=1e-6)
        for node in range(len(one.tree)):
            below = scored.mass[one.tree.children(node)].sum()
            assert scored.mass[node] == pytest.approx(scored.path[node] + absent[node] + below)
