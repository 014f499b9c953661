"""A student that listens: against a naive product of experts, and through recipes and cards."""

from dataclasses import replace

import numpy as np
import pytest

from core.answers import model_cache
from core.answers.ear import DOUBT, TRUST, Ear
from core.answers.student_scorer import StudentScorer
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.recipes import answer_question, evaluate
from core.records import TOPIC_MARK
from core.report import Silent
from core.settings import AskSettings, EvaluateSettings
from core.student.language_model import open_student
from core.student.posterior import spelled_tree
from core.teacher.absence import NONE, absent_alternatives
from core.workspace import read_json

QUESTION = f"Who is the spouse of {TOPIC_MARK}?"


class Sounds:
    """Cosines by the path, always the same."""

    def __init__(self, graph):
        self.graph = graph

    def similarities(self, question, paths, lacking=()):
        assert question == QUESTION
        every = [*paths, *lacking]
        return np.array([np.sin(7 * sum(path) + len(path)) for path in every], np.float32)


@pytest.fixture
def student(world):
    return open_student(world, "s")


def test_what_is_heard_multiplies_what_is_known(student):
    graph, ear = student.graph, Ear(student.graph, Sounds(student.graph), 5.0, 0.3, student.shape)
    topic = graph.entity("carl")
    spelled = spelled_tree(graph, topic, student.shape, student.speller)
    plain = replace(student, card={**student.card, "absence_weight": 1.0})  # the ear has its doubt
    alone = StudentScorer(plain, Linker(graph)).posterior(QUESTION, spelled)
    heard = StudentScorer(student, Linker(graph), ear).posterior(QUESTION, spelled)
    could = absent_alternatives(graph, spelled.tree, student.shape)
    there = set(zip(could.nodes.tolist(), could.codes.tolist(), strict=True))
    known: dict[tuple[int, int], float] = {}
    for node, code, p in zip(*vars(alone.missing).values(), strict=True):
        key = (int(node), int(code)) if (node, code) in there else (int(node), NONE)
        known[key] = known.get(key, 0.0) + p
    weights = {}
    for node in range(1, len(spelled.tree)):
        path = spelled.tree.prefix(node)
        (sound,) = ear.spoken.similarities(QUESTION, [path])
        weights[path] = alone.path[node] ** TRUST * np.exp(5.0 * float(sound))
    for (node, code), p in known.items():
        path = (*spelled.tree.prefix(node), code)
        sound = 0.3 if code == NONE else float(ear.spoken.similarities(QUESTION, [path])[0])
        meant = path if sound >= 0.3 else (*path[:-1], NONE)  # it sounds less like it than none
        weights[meant] = weights.get(meant, 0.0) + p**TRUST * np.exp(5.0 * sound - DOUBT)
    total = sum(weights.values())
    assert len(heard.missing) < len(known), "some are told as none of them"
    for node in range(1, len(spelled.tree)):
        wanted = weights[spelled.tree.prefix(node)] / total
        assert heard.path[node] == pytest.approx(wanted, rel=1e-6)
    for node, code, p in zip(*vars(heard.missing).values(), strict=True):
        wanted = weights[(*spelled.tree.prefix(int(node)), int(code))] / total
        assert p == pytest.approx(wanted, rel=1e-6)
    assert heard.path.sum() + heard.missing.total == pytest.approx(1.0)
    assert heard.reached[0] == pytest.approx(1.0)
    assert np.abs(heard.path - alone.path).max() > 0.01


def test_a_student_whose_teacher_does_not_listen_answers_alone(world, student):
    assert model_cache.ear(world, student) is None
    asked = AskSettings(student="s", question="Who is the spouse of Carl Berg?")
    assert not answer_question.run(asked, Silent(), world).heard
    assert not evaluate.run(EvaluateSettings(model="s", split="train"), Silent(), world).heard
    assert read_json(world.folder("students", "s") / "card.json")["certainty_heard"] is None


def test_with_an_ear_it_is_said_and_can_be_covered(world, student, monkeypatch):
    class Same:
        graph = student.graph

        def similarities(self, question, paths, lacking=()):
            return np.zeros(len(paths) + len(lacking), np.float32)

    monkeypatch.setattr(
        model_cache,
        "ear",
        lambda *_: Ear(student.graph, Same(), 1.0, 0.0, TreeShape(**vars(student.shape))),
    )
    asked = AskSettings(student="s", question="Who is the spouse of Carl Berg?")
    assert answer_question.run(asked, Silent(), world).heard
    covered = asked.model_copy(update={"listen": False})
    assert not answer_question.run(covered, Silent(), world).heard
    scored = EvaluateSettings(model="s", split="train")
    assert evaluate.run(scored, Silent(), world).heard
    assert not evaluate.run(scored.model_copy(update={"listen": False}), Silent(), world).heard
    names = set(world.names("evaluations"))
    assert any(name.endswith(".alone") for name in names)
