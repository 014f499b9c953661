"""Exact masses of a student on a trie, against saying every token by itself."""

import numpy as np
import pytest
import torch

from core.records import TOPIC_MARK
from core.student import scoring
from core.student.language_model import build_tiny
from core.student.path_trie import PathTrie, build_trie
from core.student.prompts import Speller
from core.student.scoring import score_tree, trie_rows

RELATIONS = ("", "born_in", "born", "spouse", "city_of", "city", "child", "child")
PARENTS = np.array([-1, 0, 0, 0, 1, 1, 3, 6])
EXPANDED = np.array([True, True, False, True, True, True, True, False])


@pytest.fixture(scope="module")
def student():
    torch.manual_seed(0)
    # No relation is among the words it is built from, so each takes many tokens.
    model, tokenizer = build_tiny([f"Where was {TOPIC_MARK} born?"], [])
    return model.eval(), Speller(tokenizer)


@pytest.fixture(scope="module")
def trie(student):
    return build_trie(PARENTS, RELATIONS, EXPANDED, student[1])


@torch.no_grad()
def said_one_by_one(model, prompt, tokens):
    """Log-probability of some tokens after a prompt, each from a forward pass of its own."""
    total = 0.0
    for place, token in enumerate(tokens):
        ids = torch.tensor([[*prompt, *tokens[:place]]])
        total += float(model(input_ids=ids).logits[0, -1].double().log_softmax(-1)[token])
    return total


def spelled(trie, node=0, tokens=()):
    """Every trie node with its tokens."""
    yield node, list(tokens)
    for token, child in trie.children[node].items():
        yield from spelled(trie, child, (*tokens, token))


def test_masses_are_those_of_saying_every_token(student, trie):
    model, speller = student
    prompt = speller.prompt(f"Where was {TOPIC_MARK} born?")
    scored = score_tree(model, prompt, trie)
    assert scored.shape == (len(trie.children),)
    assert scored.dtype == np.float64
    for node, tokens in spelled(trie):
        assert scored[node] == pytest.approx(said_one_by_one(model, prompt, tokens), abs=1e-4)


def test_batches_do_not_matter(student, trie, monkeypatch):
    model, speller = student
    prompt = speller.prompt("谁?")
    whole = score_tree(model, prompt, trie)
    monkeypatch.setattr(scoring, "BATCH", 1)
    assert score_tree(model, prompt, trie) == pytest.approx(whole, abs=1e-5)


def test_leaves_hold_less_than_everything(student, trie):
    model, speller = student
    masses = np.exp(score_tree(model, speller.prompt("Who?"), trie))
    assert masses[0] == 1
    leaves = [node for node, below in enumerate(trie.children) if not below]
    assert 0 < masses[leaves].sum() < 1
    for node, below in enumerate(trie.children):
        assert masses[list(below.values())].sum() < masses[node] or node in leaves


def test_a_trie_of_every_token_holds_everything(student):
    model, speller = student
    vocabulary = range(int(model.config.vocab_size))
    children = [{token: 1 + token for token in vocabulary}, *({} for _ in vocabulary)]
    full = PathTrie(children, np.zeros(1, np.int64), np.full(1, -1))
    masses = np.exp(score_tree(model, speller.prompt("Who?"), full))
    assert masses[1:].sum() == pytest.approx(1, abs=1e-9)


def test_nothing_to_say_needs_no_model():
    empty = PathTrie([{}], np.zeros(1, np.int64), np.full(1, -1))
    assert score_tree(None, [1], empty).tolist() == [0.0]


def test_every_step_is_read_once_in_as_few_rows_as_can_be(trie):
    rows = list(trie_rows(trie))
    read = [child for row in rows for child in row.children]
    assert sorted(read) == list(range(1, len(trie.children)))
    inner = {node for node, below in enumerate(trie.children) if below}
    deepest = [n for n in inner if not inner.intersection(trie.children[n].values())]
    assert len(rows) == len(deepest)
    for row in rows:
        for place, token, child in zip(row.places, row.choices, row.children, strict=True):
            assert [*row.tokens[:place], token] == dict(spelled(trie))[child]


def test_relations_that_begin_alike_share_their_tokens(student, trie):
    speller = student[1]
    long, short = speller.relation("born_in"), speller.relation("born")
    assert long[: len(short)] == short
    assert len(trie.children[0]) == len({name[0] for name in ("born", "spouse")})
