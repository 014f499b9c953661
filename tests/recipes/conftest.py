"""A small world in which everything is trained, once for all tests of recipes that ask."""

import shutil
from itertools import cycle

import pytest
from family_graph import family

from core.answers.predictions import execute
from core.questions.question_sets import QuestionSet
from core.recipes import distill_student, train_teacher
from core.records import Question
from core.report import Silent
from core.settings import DistillSettings, TeacherSettings
from core.workspace import Workspace
from tests import family_loop

PHRASES = (
    ("child", "Who are the children of {en}?", "{zh}的子女是谁？"),
    ("spouse", "Who is married to {en}?", "{zh}的配偶是谁？"),
    ("nationality", "What is the nationality of {en}?", "{zh}的国籍是什么？"),
    ("child nationality", "What is the nationality of {en}'s children?", "{zh}的子女是哪国人？"),
    ("spouse child", "Who are the children of the spouse of {en}?", "{zh}的配偶有哪些子女？"),
)


def asked_of(graph):
    """Every phrase about everybody whom it fits, in both languages."""
    splits = cycle(("train", "train", "train", "dev"))
    for entity in range(graph.entity_count):
        for relations, *texts in PHRASES:
            path = tuple(relations.split())
            answers = execute(graph, entity, path)
            for language, text in zip(("en", "zh"), texts, strict=True):
                if answers:
                    name = graph.entity_id(entity)
                    said = text.format(**{language: graph.label(entity, language)})
                    id = f"{name}.{relations}.{language}"
                    yield Question(id, said, language, (name,), answers, (path,), next(splits), id)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A workspace with the graph `family`, questions, a teacher `t` and a student `s`."""
    made = Workspace(tmp_path_factory.mktemp("world"))
    graph = family(tmp_path_factory.mktemp("files"))
    with made.publish("graphs", "family") as folder:
        graph.save(folder)
    with made.publish("questions", "asked") as folder:
        questions = QuestionSet("asked", "family", graph.hash, "given", tuple(asked_of(graph)))
        questions.save(folder, {})
    teaching = TeacherSettings(
        name="t", graph="family", questions="asked", hops=2, epochs=2, width=32, device="cpu"
    )
    train_teacher.run(teaching, Silent(), made)
    distilling = DistillSettings(name="s", teacher="t", epochs=16, batch_size=8, device="cpu")
    distill_student.run(distilling, Silent(), made)
    return made


@pytest.fixture
def workspace(tmp_path):
    """One that holds the graph `family` and its questions `asked`."""
    return family_loop.world(tmp_path)


@pytest.fixture(scope="session")
def teacher_of_one_epoch(tmp_path_factory):
    """The folder of a teacher `t` of the family, which knows next to nothing."""
    made = family_loop.world(tmp_path_factory.mktemp("taught"))
    train_teacher.run(family_loop.teaching(epochs=1), Silent(), made)
    return made.folder("teachers", "t")


@pytest.fixture
def taught(workspace, teacher_of_one_epoch):
    """Puts that teacher into the workspace."""
    shutil.copytree(teacher_of_one_epoch, workspace.root / "teachers" / "t")
