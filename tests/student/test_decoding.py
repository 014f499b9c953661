"""Decoding against brute force: all paths of the trie, renormalised token by token."""

import math

import pytest
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, follow_path, grow_tree, relation_codes
from core.records import TOPIC_MARK, looked_for
from core.student import decoding
from core.student.decoding import Prefix, decode_paths
from core.student.graph_trie import GraphTrie
from tests.question_trees import names
from tests.tiny_student import RELATIONS, SpellerOfBefore, log_probability, tiny_student

TRIPLES = (
    ("a", "born", "b"),
    ("a", "born_in", "c"),
    ("a", "spouse", "d"),
    ("b", "born_on", "c"),
    ("b", "born", "d"),
    ("c", "出生地", "a"),
    ("d", "spouse", "e"),
)
QUESTIONS = (
    f"Where was {TOPIC_MARK} born?",
    "谁?",
    f"And who is the spouse of {TOPIC_MARK}, by the way?",
)
TOPICS = ("a", "d", "c")
EXACT = {"rel": 1e-9}


@pytest.fixture(scope="module")
def student():
    return tiny_student()


@pytest.fixture(scope="module")
def trees():
    graph = KnowledgeGraph.build("g", TRIPLES)
    return graph, [grow_tree(graph, graph.entity(topic), TreeShape(2)) for topic in TOPICS]


def allowed(trie, tokens):
    """What the trie lets follow some tokens."""
    node = 0
    for token in tokens:
        node = trie.following(node)[token]
    return list(trie.following(node))


def spoken_paths(trie, node=0):
    """Every path that the trie lets be said to its end."""
    following = trie.following(node)
    return [p for below in following.values() for p in spoken_paths(trie, below)] or [
        trie.path(node)
    ]


def holds(graph, topic, path):
    """Whether the graph has a path, or has it up to what it looks for and does not have that."""
    there = path if looked_for(path) is None else path[:-1]
    codes = relation_codes(graph, there)
    frontiers = follow_path(graph, topic, codes)
    if len(frontiers) < len(codes) + 1:
        return False
    relation = graph.find_relation(looked_for(path) or "")
    return relation is None or not len(graph.follow(frontiers[-1], relation))


def constrained(model, speller, question, trie, path):
    """Product over tokens of p(token) over the student's mass on the allowed tokens."""
    prompt, tokens, product = speller.prompt(question), speller.spell(path), 1.0
    with torch.no_grad():
        logits = model(torch.tensor([prompt + tokens])).logits[0, len(prompt) - 1 : -1]
    for place, (token, row) in enumerate(zip(tokens, logits.tolist(), strict=True)):
        choices = allowed(trie, tokens[:place])
        product *= math.exp(row[token]) / sum(math.exp(row[other]) for other in choices)
    return product


def tries_of(graph, speller):
    return [GraphTrie(graph, graph.entity(topic), TreeShape(2), speller) for topic in TOPICS]


@pytest.fixture(scope="module")
def by_hand(student, trees):
    """Each question's paths with their constrained probabilities."""
    (model, speller), (graph, grown) = student, trees
    tries = tries_of(graph, speller)
    found = [
        {path: constrained(model, speller, question, trie, path) for path in spoken_paths(trie)}
        for question, trie in zip(QUESTIONS, tries, strict=True)
    ]
    for paths, tree in zip(found, grown, strict=True):
        assert {*names(graph, tree)[1:]} == {path for path in paths if looked_for(path) is None}
    return tries, found


def test_as_many_beams_as_paths_are_exhaustive_and_exact(student, by_hand):
    tries, found = by_hand
    most = max(map(len, found))
    assert min(map(len, found)) < most  # some questions have fewer paths than beams
    for spoken, wanted in zip(decode_paths(*student, QUESTIONS, most, tries), found, strict=True):
        mine = {path.relations: path.probability for path in spoken}
        assert mine == pytest.approx(wanted, **EXACT)
        assert len(spoken) == len(wanted)
        assert sum(mine.values()) == pytest.approx(1.0, **EXACT)
        probabilities = [path.probability for path in spoken]
        assert probabilities == sorted(probabilities, reverse=True)


@pytest.mark.parametrize("beams", [1, 2, 3, 5])
def test_every_spoken_path_exists_and_has_its_probability(student, trees, by_hand, beams):
    graph, (tries, found) = trees[0], by_hand
    spoken = decode_paths(*student, QUESTIONS, beams, tries)
    for paths, wanted, topic in zip(spoken, found, TOPICS, strict=True):
        assert 1 <= len(paths) <= beams
        for path in paths:
            assert holds(graph, graph.entity(topic), path.relations)
            assert path.probability == pytest.approx(wanted[path.relations], **EXACT)


def test_one_beam_is_greedy(student, by_hand):
    (model, speller), (tries, _) = student, by_hand
    for question, trie, spoken in zip(
        QUESTIONS, tries, decode_paths(*student, QUESTIONS, 1, tries), strict=True
    ):
        tokens = []
        while choices := allowed(trie, tokens):
            with torch.no_grad():
                row = model(torch.tensor([speller.prompt(question) + tokens])).logits[0, -1]
            tokens.append(max(choices, key=lambda token: float(row[token])))
        assert [path.relations for path in spoken] == [speller.read(tokens)]


@pytest.mark.parametrize("beams", [1, 4])
def test_questions_do_not_disturb_each_other(student, by_hand, beams):
    tries, _ = by_hand
    together = decode_paths(*student, QUESTIONS, beams, tries)
    for question, trie, paths in zip(QUESTIONS, tries, together, strict=True):
        alone = decode_paths(*student, [question], beams, [trie])[0]
        assert [path.relations for path in alone] == [path.relations for path in paths]
        wanted = [path.probability for path in paths]
        assert [path.probability for path in alone] == pytest.approx(wanted, **EXACT)


@pytest.mark.parametrize("beams", [1, 3])
def test_free_speech_is_kept_as_it_is(student, beams, monkeypatch):
    """A random student speaks nonsense: it is returned, with its unconstrained probability."""
    model, speller = student
    monkeypatch.setattr(decoding, "LONGEST_PATH", 5)
    spoken = decode_paths(model, speller, QUESTIONS[:1], beams)[0]
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
        assert spoken[0].probability == pytest.approx(probability, **EXACT)


def test_the_same_path_in_other_tokens_counts_once(student):
    speller = student[1]
    letters = [speller.relation(letter)[0] for letter in "born"]
    spellings = ([*letters], list(speller.relation("born")))
    assert spellings[0] != spellings[1]
    finished = [
        Prefix(0, 0, (*tokens, speller.hop, speller.stop), score=math.log(probability))
        for tokens, probability in zip(spellings, (0.5, 0.25), strict=True)
    ]
    told = decoding._told([*finished, finished[0]], 1, speller, None)  # two groups said the first
    assert [path.relations for path in told[0]] == [("born",)]
    assert told[0][0].probability == pytest.approx(0.75)


@pytest.mark.parametrize("search", ["beam", "diverse", "sample"])
@pytest.mark.parametrize("beams", [1, 3, 40])
def test_however_searched_every_path_exists_and_has_its_probability(
    student, trees, by_hand, search, beams
):
    found = by_hand[1]
    spoken = decode_paths(*student, QUESTIONS, beams, tries_of(trees[0], student[1]), search)
    for paths, wanted in zip(spoken, found, strict=True):
        assert 1 <= len(paths) <= beams
        assert len({path.relations for path in paths}) == len(paths)
        for path in paths:
            assert path.probability == pytest.approx(wanted[path.relations], **EXACT)


def test_draws_fall_as_the_probabilities_say(student, by_hand):
    tries, found = by_hand
    draws = 4000
    spoken = decode_paths(*student, QUESTIONS, draws, tries, "sample", seed=3)
    for paths, wanted in zip(spoken, found, strict=True):
        assert sum(path.draws for path in paths) == draws
        for path in paths:
            spread = math.sqrt(wanted[path.relations] * (1 - wanted[path.relations]) / draws)
            assert abs(path.draws / draws - wanted[path.relations]) <= 5 * spread + 1 / draws


def test_the_same_seed_draws_the_same(student, by_hand):
    first, again, other = (
        decode_paths(*student, QUESTIONS, 20, by_hand[0], "sample", seed=seed) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_free_draws_are_draws_from_the_student(student, monkeypatch):
    model, speller = student
    monkeypatch.setattr(decoding, "LONGEST_PATH", 1)
    spoken = decode_paths(model, speller, QUESTIONS[:1], 3000, search="sample")[0]
    with torch.no_grad():
        p = model(torch.tensor([speller.prompt(QUESTIONS[0])])).logits[0, -1].softmax(-1)
    assert sum(path.draws for path in spoken) == 3000
    assert spoken[0].probability >= p.max() - 1e-9
    assert abs(spoken[0].draws / 3000 - spoken[0].probability) < 0.05


def test_groups_keep_away_from_each_other(student, trees, monkeypatch):
    """Where two groups would say the same, the second says the next best that begins otherwise."""
    graph, grown = trees
    tries = tries_of(graph, SpellerOfBefore(student[1].tokenizer))
    found = [names(graph, tree)[1:] for tree in grown]
    monkeypatch.setattr(decoding, "DIVERSITY", 100.0)
    for paths, wanted in zip(
        decode_paths(*student, QUESTIONS, 4, tries, "diverse"), found, strict=True
    ):
        first = {student[1].spell(path.relations)[0] for path in paths}
        starts = {student[1].spell(path)[0] for path in wanted}
        assert len(first) == min(4, len(starts))
    monkeypatch.setattr(decoding, "DIVERSITY", 0.0)
    alike = decode_paths(*student, QUESTIONS, 4, tries, "diverse")
    best = decode_paths(
        *student, QUESTIONS, 2, tries
    )  # without a penalty every group says the same
    assert [[path.relations for path in paths] for paths in alike] == [
        [path.relations for path in paths] for paths in best
    ]


def test_a_thousand_paths_and_none_leaves_the_graph(student):
    """More in the benchmark of decoding: ten thousand in every way."""
    triples = [(f"e{n}", RELATIONS[n * step % 4], f"e{(n * step + 1) % 9}")
               for n in range(9) for step in (1, 2, 5)]  # fmt: skip
    graph = KnowledgeGraph.build("g", triples)
    topics = [n % 9 for n in range(40)]
    questions = [f"{n} {QUESTIONS[n % 3]}" for n in range(40)]
    said = 0
    for search, beams in (("beam", 8), ("diverse", 8), ("sample", 30)):
        tries = [GraphTrie(graph, topic, TreeShape(3), student[1]) for topic in topics]
        for topic, paths in zip(
            topics, decode_paths(*student, questions, beams, tries, search), strict=True
        ):
            said += sum(path.draws for path in paths)
            for path in paths:
                assert holds(graph, topic, path.relations)
    assert said > 1000
