"""What is said about several topics, combined as the teacher combines its trees."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from family_graph import family

from core.answers import predictions as predict
from core.answers import voting
from core.answers.predictions import student_prediction, student_predictions
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape, grow_tree
from core.questions.question_sets import load_questions
from core.records import TOPIC_MARK, Question
from core.report import Silent
from core.student.decoding import DecodedPath
from core.student.language_model import open_student
from core.teacher.meetings import meeting_answers, meeting_distribution
from tests.tiny_student import log_probability

BOTH = ("ann", "bob")


def test_all_paths_said_of_several_topics_give_the_teachers_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(voting, "SAID", 0.0)
    graph, draw = family(tmp_path), np.random.default_rng(0)
    topics = [graph.entity(name) for name in BOTH]
    trees = [grow_tree(graph, topic, TreeShape(2)) for topic in topics]
    masses = [np.append(0.0, draw.dirichlet(np.ones(len(tree) - 1))) for tree in trees]
    said = [
        (
            topic,
            [
                DecodedPath(tuple(map(graph.relation_id, tree.prefix(node))), float(mass[node]))
                for node in range(1, len(tree))
            ],
        )
        for topic, tree, mass in zip(topics, trees, masses, strict=True)
    ]
    entities, wanted = meeting_answers(*meeting_distribution(trees, masses))
    made = student_prediction(graph, said).as_prediction(graph, "q")
    assert len(wanted) > 5
    assert dict(made.answers) == pytest.approx(
        {graph.entity_id(e): p for e, p in zip(entities, wanted, strict=True)}
    )


def test_a_question_with_several_topics_is_spoken_to_once_for_each(world, monkeypatch):
    monkeypatch.setattr(voting, "SAID", 0.0)
    student = open_student(world, "s")
    text = "Who are the children of Ann Berg and Bob Berg?"

    def predicted(id, *topics):
        asked = Question(id, text, "en", topics, (), (), "test", id)
        alone = Question("other", text, "en", ("carl",), (), (), "test", "other")
        return student_predictions(student, [alone, asked], "constrained", 64, Silent())[1]

    ann, bob, both = predicted("a", "ann"), predicted("b", "bob"), predicted("c", *BOTH)
    masses = {}
    for one, other in product(ann.paths, bob.paths):
        for entity in {*one.answers} & {*other.answers}:
            masses.setdefault(entity, []).append(one.probability * other.probability)
    whole = sum(
        one.probability * other.probability
        for one, other in product(ann.paths, bob.paths)
        if {*one.answers} & {*other.answers}
    )
    there = (1 - ann.missing) * (1 - bob.missing)
    assert both.missing == pytest.approx(1 - there, rel=1e-3) and both.missing > ann.missing > 0
    wanted = {entity: there * sum(each) / whole for entity, each in masses.items()}
    assert dict(both.answers) == pytest.approx(wanted, rel=1e-3)
    assert predicted("d", "ann", "zed").paths == ()  # nothing leads on from zed
    assert predicted("e", "ann", "nobody").paths == ()


def test_the_posterior_is_what_the_student_would_say(world, monkeypatch):
    monkeypatch.setattr(voting, "SAID", 0.0)
    monkeypatch.setattr(predict, "SAID", 0.0)
    student = open_student(world, "s")
    questions = load_questions(world, "asked").questions[:12]
    made = student_predictions(student, questions, "constrained", 64, Silent())
    assert max(len(one.paths) for one in made) > 5
    linker = Linker(student.graph)
    for question, exact in zip(questions, made, strict=True):
        topic = student.graph.entity(question.topics[0])
        prompt = student.speller.prompt(linker.read(question.text).masked(topic, TOPIC_MARK))
        said = [student.speller.spell(path.relations) for path in exact.paths]
        with torch.no_grad():
            logs = [float(log_probability(student.model, prompt, one).sum()) for one in said]
        # As probable beside each other as it is to say them.
        wanted = np.exp(np.array(logs) - logs[0])
        found = np.array([path.probability for path in exact.paths])
        assert found / found[0] == pytest.approx(wanted, rel=1e-3)
        assert found.sum() + exact.missing == pytest.approx(1, abs=1e-5)


def test_a_topic_with_too_many_paths_is_searched_instead(world):
    student = open_student(world, "s")
    small = replace(student, shape=replace(student.shape, most=1))
    questions = load_questions(world, "asked").questions
    searched = student_predictions(student, questions, "constrained", 2, Silent(), search="beam")
    made = student_predictions(small, questions, "constrained", 2, Silent(), search="exact")
    for one, other in zip(made, searched, strict=True):
        assert [p.relations for p in one.paths] == [p.relations for p in other.paths]
        assert [p.answers for p in one.paths] == [p.answers for p in other.paths]
        wanted = [p.probability for p in other.paths]
        assert [p.probability for p in one.paths] == pytest.approx(wanted, abs=1e-5)
