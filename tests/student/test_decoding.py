"""Decoding against brute force: all paths of the trie, renormalised token by token."""

import math

import pytest
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, follow_path, grow_tree, relation_codes
from core.student import decoding
from core.student.decoding import speak
from core.student.path_trie import graph_trie
from core.student.prompts import MASK
from tests.question_trees import names
from tests.tiny_student import log_probability, tiny_student

TRIPLES = (
    ("a", "born", "b"),
    ("a", "born_in", "c"),
    ("a", "spouse", "d"),
    ("b", "born_on", "c"),
    ("b", "born", "d"),
    ("c", "出生地", "a"),
    ("d", "spouse", "e"),
)
QUESTIONS = (f"Where was {MASK} born?", "谁?", f"And who is the spouse of {MASK}, by the way?")
TOPICS = ("a", "d", "c")
FLOAT32 = {"rel": 2e-6}
"""`generate` keeps its scores in float32, whatever the model computes in."""


@pytest.fixture(scope="module")
def student():
    return tiny_student()


@pytest.fixture(scope="module")
def trees():
    graph = KnowledgeGraph.build("g", TRIPLES)
    return graph, [grow_tree(graph, graph.entity(topic), TreeShape(2)) for topic in TOPICS]


def constrained(model, speller, question, trie, path):
    """Product over tokens of p(token) over the student's mass on the allowed tokens."""
    prompt, tokens, product = speller.prompt(question), speller.spell(path), 1.0
    with torch.no_grad():
        logits = model(torch.tensor([prompt + tokens])).logits[0, len(prompt) - 1 : -1]
    for place, (token, row) in enumerate(zip(tokens, logits.tolist(), strict=True)):
        allowed = trie.allowed(tokens[:place])
        product *= math.exp(row[token]) / sum(math.exp(row[other]) for other in allowed)
    return product


@pytest.fixture(scope="module")
def by_hand(student, trees):
    """Each question's paths with their constrained probabilities."""
    (model, speller), (graph, grown) = student, trees
    tries = [graph_trie(graph, tree, speller) for tree in grown]
    found = [
        {path: constrained(model, speller, question, trie, path) for path in names(graph, tree)[1:]}
        for question, trie, tree in zip(QUESTIONS, tries, grown, strict=True)
    ]
    return tries, found


def test_as_many_beams_as_paths_are_exhaustive_and_exact(student, by_hand):
    tries, found = by_hand
    most = max(map(len, found))
    assert min(map(len, found)) < most  # some questions have fewer paths than beams
    for spoken, wanted in zip(speak(*student, QUESTIONS, most, tries), found, strict=True):
        mine = {path.relations: path.probability for path in spoken}
        assert mine == pytest.approx(wanted, **FLOAT32)
        assert len(spoken) == len(wanted)
        assert sum(mine.values()) == pytest.approx(1.0, **FLOAT32)
        probabilities = [path.probability for path in spoken]
        assert probabilities == sorted(probabilities, reverse=True)


@pytest.mark.parametrize("beams", [1, 2, 3, 5])
def test_every_spoken_path_exists_and_has_its_probability(student, trees, by_hand, beams):
    graph, (tries, found) = trees[0], by_hand
    spoken = speak(*student, QUESTIONS, beams, tries)
    for paths, wanted, topic in zip(spoken, found, TOPICS, strict=True):
        assert 1 <= len(paths) <= beams
        for path in paths:
            codes = relation_codes(graph, path.relations)
            assert len(follow_path(graph, graph.entity(topic), codes)) == len(codes) + 1
            assert path.probability == pytest.approx(wanted[path.relations], **FLOAT32)


def test_one_beam_is_greedy(student, by_hand):
    (model, speller), (tries, _) = student, by_hand
    for question, trie, spoken in zip(
        QUESTIONS, tries, speak(*student, QUESTIONS, 1, tries), strict=True
    ):
        tokens = []
        while allowed := trie.allowed(tokens):
            with torch.no_grad():
                row = model(torch.tensor([speller.prompt(question) + tokens])).logits[0, -1]
            tokens.append(max(allowed, key=lambda token: float(row[token])))
        assert [path.relations for path in spoken] == [speller.read(tokens)]


@pytest.mark.parametrize("beams", [1, 4])
def test_questions_do_not_disturb_each_other(student, by_hand, beams):
    tries, _ = by_hand
    together = speak(*student, QUESTIONS, beams, tries)
    for question, trie, paths in zip(QUESTIONS, tries, together, strict=True):
        alone = speak(*student, [question], beams, [trie])[0]
        assert [path.relations for path in alone] == [path.relations for path in paths]
        wanted = [path.probability for path in paths]
        assert [path.probability for path in alone] == pytest.approx(wanted, **FLOAT32)


@pytest.mark.parametrize("beams", [1, 3])
def test_free_speech_is_kept_as_it_is(student, beams, monkeypatch):
    """A random student speaks nonsense: it is returned, with its unconstrained probability."""
    model, speller = student
    monkeypatch.setattr(decoding, "LONGEST_PATH", 5)
    spoken = speak(model, speller, QUESTIONS[:1], beams)[0]
    assert 1 <= len(spoken) <= beams
    known = {"born", "born_in", "born_on", "spouse", "出生地"}
    assert not any(set(path.relations) <= known and path.relations for path in spoken)
    assert all(0 < path.probability < 1 for path in spoken)
    if beams == 1:
        prompt, tokens = speller.prompt(QUESTIONS[0]), []
        with torch.no_grad():
            while len(tokens) < 5 and speller.stop not in tokens:
                tokens.append(int(model(torch.tensor([prompt + tokens])).logits[0, -1].argmax()))
            probability = log_probability(model, prompt, tokens).sum().exp().item()
        assert spoken[0].relations == speller.read(tokens)
        assert spoken[0].probability == pytest.approx(probability, **FLOAT32)


def test_the_same_path_in_other_tokens_counts_once(student, monkeypatch):
    model, speller = student
    letters = [speller.relation(letter)[0] for letter in "born"]
    spellings = ([*letters], list(speller.relation("born")))
    assert spellings[0] != spellings[1]
    output = type("Output", (), {})()
    output.sequences = torch.tensor(
        [
            speller.prompt("谁?") + tokens + [speller.hop, speller.stop] + [0] * (4 - len(tokens))
            for tokens in spellings
        ]
    )
    output.sequences_scores = torch.tensor([0.5, 0.25]).log()
    monkeypatch.setattr(model, "generate", lambda **_: output)
    spoken = speak(model, speller, ["谁?"], 2)
    assert [path.relations for path in spoken[0]] == [("born",)]
    assert spoken[0][0].probability == pytest.approx(0.75)
