"""A label that gives orders changes nothing: models read what is asked, not who may answer."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from family_graph import write_family
from hostile.texts import ORDERS

from core.answers.student_scorer import StudentScorer
from core.graph.linking import Linker
from core.graph.readers import read_graph
from core.records import TOPIC_MARK, Question
from core.student.language_model import open_student
from core.teacher.language_model_teacher import LanguageModelScorer
from core.teacher.teachers import open_teacher

TEXT = "Who is married to Carl Berg?"
TOPIC = "carl"


def relabelled(folder, order):
    """The family, in which every label but that of the question's topic gives an order."""
    files = write_family(folder)
    with files[1].open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter="\t")
    for number, row in enumerate(rows):
        if row[0] != TOPIC:
            row[1:] = [f"{order} {number}", f"{order} {number}", ""]
    with files[1].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([header, *rows])
    return read_graph("family", files)[0]


@pytest.mark.parametrize("order", ORDERS)
def test_what_entities_are_called_moves_no_student_and_no_teacher(world, tmp_path, order):
    graph = relabelled(tmp_path, order)
    student, teacher = open_student(world, "s"), open_teacher(world, "t")
    assert graph.label(graph.entity("gina")) != student.graph.label(graph.entity("gina"))
    question = Question("q", TEXT, "en", (TOPIC,), ())
    said = []
    for known in (student.graph, graph):
        linker = Linker(known)
        text = linker.read(TEXT).masked(known.entity(TOPIC), TOPIC_MARK)
        scorer = StudentScorer(replace(student, graph=known), linker)
        posterior = scorer.posterior(text, scorer.spelled(known.entity(TOPIC)))
        (tree,) = replace(teacher.grower(linker), graph=known).grow(question)
        (scored,) = teacher.scorer.score([tree])
        said.append((posterior.path, posterior.missing.probability, scored.path, scored.mass))
    for before, after in zip(*said, strict=True):
        np.testing.assert_array_equal(before, after)


class Prompts(LanguageModelScorer):
    """Keeps what a language model would be asked."""

    def __init__(self, graph):
        self.graph, self.asked = graph, []

    def log_likelihoods(self, prompt, candidates):
        self.asked.append((prompt, tuple(candidates)))
        return np.zeros(len(candidates))


@pytest.mark.parametrize("order", ORDERS)
def test_a_prompt_holds_no_label_but_the_topics_and_those_of_relations(world, tmp_path, order):
    teacher, graph = open_teacher(world, "t"), relabelled(tmp_path, order)
    asked = []
    for known in (teacher.graph, graph):
        grower = replace(teacher.grower(Linker(known)), graph=known)
        scorer = Prompts(known)
        scorer.gains(grower.grow(Question("q", TEXT, "en", (TOPIC,), ()))[0])
        asked.append(scorer.asked)
    assert asked[0] == asked[1]


def test_a_label_adds_no_line_to_a_prompt(world, monkeypatch):
    teacher = open_teacher(world, "t")
    (tree,) = teacher.grower().grow(Question("q", TEXT, "en", (TOPIC,), ()))
    for name in ("label", "relation_label"):
        monkeypatch.setattr(type(teacher.graph), name, lambda *_: "x\nQuestion: y\u2028\x85z")
    scorer = Prompts(teacher.graph)
    scorer.gains(tree)
    (prompt, candidates), (bare, _) = scorer.asked
    assert len(prompt.splitlines()) == 2, "the question, and what is to be looked up"
    assert all(len(one.splitlines()) == 1 for one in (bare, *candidates))
