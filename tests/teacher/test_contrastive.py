import random
import string

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from tiny_sentence_encoder import write_sentence_encoder

from core.graph.knowledge_graph import KnowledgeGraph
from core.pretrained.embedders import Embedder
from core.pretrained.universal_encoder import read_universal_encoder
from core.records import TOPIC_MARK
from core.teacher import contrastive
from core.teacher.contrastive import _Step, fine_tune
from core.teacher.spoken_paths import HeardQuestion, SpokenPaths
from core.teacher.text_vectors import TextVectors

PIECES = ["<unk>", "<s>", "</s>", "▁", *string.ascii_lowercase]
ASKED = {
    "helmer": "director",
    "scribe": "author",
    "tunes": "composer",
    "mate": "spouse",
}
"""A word that questions have for each relation, and that spelling does not tell."""


@pytest.fixture
def graph():
    return KnowledgeGraph.build("films", [("up", relation, "pete") for relation in ASKED.values()])


@pytest.fixture
def questions(graph):
    every = [(graph.relation(one),) for one in ASKED.values()]
    return [
        HeardQuestion(text, (text,), ((graph.relation(relation),),), every)
        for word, relation in ASKED.items()
        for text in (f"{word} of {TOPIC_MARK}?", f"who is the {word} of {TOPIC_MARK}", f"{word}")
    ]


def encoder(folder):
    write_sentence_encoder(folder, PIECES)
    return Embedder("tiny", SentenceTransformer(modules=[read_universal_encoder(folder)]))


def spoken_by(embedder, graph, folder):
    return SpokenPaths(graph, TextVectors("tiny", folder / "vectors", lambda: embedder))


def right(spoken, questions):
    """Share of questions that sound most like their path."""
    sounds = [spoken.similarities(one.texts[0], one.others) for one in questions]
    return np.mean(
        [
            one.others[int(np.argmax(s))] in one.right
            for one, s in zip(questions, sounds, strict=True)
        ]
    )


def test_questions_come_near_their_paths(graph, questions, tmp_path, monkeypatch):
    monkeypatch.setattr(contrastive, "LEARNING_RATE", 3e-3)  # a small encoder learns slowly
    embedder = encoder(tmp_path)
    losses = fine_tune(embedder, spoken_by(embedder, graph, tmp_path), questions, epochs=250)
    assert losses[-1] < losses[0] / 2
    assert not embedder.model.training
    assert right(spoken_by(embedder, graph, tmp_path), questions) >= 0.75
    untaught = encoder(tmp_path)
    assert right(spoken_by(untaught, graph, tmp_path), questions) <= 0.5


def test_the_same_seed_learns_the_same(graph, questions, tmp_path):
    states = []
    for seed in (0, 0, 1):
        embedder = encoder(tmp_path)
        fine_tune(embedder, spoken_by(embedder, graph, tmp_path), questions, epochs=1, seed=seed)
        states.append(torch.cat([part.flatten() for part in embedder.model.state_dict().values()]))
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_the_end_is_half_way_from_the_start(graph, questions, tmp_path, monkeypatch):
    embedder = encoder(tmp_path)
    before = embedder.model.state_dict()["0.project.weight"].clone()
    seen = []
    load = embedder.model.load_state_dict

    def loaded(state):
        seen.append(embedder.model.state_dict()["0.project.weight"].clone())
        return load(state)

    monkeypatch.setattr(embedder.model, "load_state_dict", loaded)
    fine_tune(embedder, spoken_by(embedder, graph, tmp_path), questions, epochs=2)
    now = embedder.model.state_dict()["0.project.weight"]
    assert not torch.equal(seen[0], before)
    assert torch.allclose(now, (seen[0] + before) / 2)


def test_what_is_right_for_another_question_too_is_no_contrast(graph, tmp_path):
    class Same:
        """Every text has the same vector, so that all that counts is how many are compared."""

        def preprocess(self, texts):
            return texts

        def __call__(self, texts):
            return {"sentence_embedding": torch.ones(len(texts), 4)}

    step = _Step(spoken_by(encoder(tmp_path), graph, tmp_path), random.Random(0))
    both = ((0,), (1,))
    step.add(HeardQuestion("a", ("a",), both, ()))
    step.add(HeardQuestion("b", ("b",), ((2,),), [(2,), (3,)]))
    step.add(HeardQuestion("c", ("c",), both, ()))
    said = [path for _, path in step._said]
    wrong_for_a = sum(path not in both for path in said)
    told = [wrong_for_a + 1, len(said), wrong_for_a + 1]
    expected = np.mean([np.log(number) for number in told])
    assert step.loss(Same(), torch.tensor(1.0)).item() == pytest.approx(expected)
