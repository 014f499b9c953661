"""A trie packed into one row, against its paths one by one."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_student import tiny_student
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from core.student import packing
from core.student.packing import pack, takes_tree_mask, tree_inputs
from core.student.path_trie import PathTrie, build_trie
from core.student.scoring import packed_steps, score_tree, single_steps

SIZES = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "vocab_size": 50}
LLAMA_LIKE = {**SIZES, "intermediate_size": 32, "num_key_value_heads": 1}


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def random_trie(draw: np.random.Generator, speller, nodes: int) -> PathTrie:
    """The trie of a random relation tree."""
    names = ("born", "born_in", "born_on", "spouse", "~spouse", "出生地")
    parents = np.array([-1, *(draw.integers(0, node) for node in range(1, nodes))])
    relations = ("", *(names[draw.integers(len(names))] for _ in range(1, nodes)))
    expanded = np.array([True, *(draw.random(nodes - 1) < 0.8)])
    expanded[parents[1:]] = True
    return build_trie(parents, relations, expanded, speller)


def inner(trie: PathTrie) -> list[bool]:
    return [bool(below) for below in trie.children]


@torch.no_grad()
def log_masses(steps, size: int, trie: PathTrie) -> np.ndarray:
    found = np.zeros(size)
    for nodes, values in steps:
        found[nodes] = values
    for node, below in enumerate(trie.children):
        found[list(below.values())] += found[node]
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("confined", [False, True])
def test_one_row_says_what_single_paths_say_in_float64(student, seed, confined):
    model, speller = student
    draw = np.random.default_rng(seed)
    trie = random_trie(draw, speller, int(draw.integers(2, 40)))
    prompt = speller.prompt("Where was X born?")
    size = len(trie.children)
    packed = log_masses(packed_steps(model, prompt, trie, confined), size, trie)
    alone = log_masses(single_steps(model, prompt, trie, confined), size, trie)
    assert takes_tree_mask(model)
    assert np.abs(packed - alone).max() < 1e-10
    assert np.array_equal(score_tree(model, prompt, trie, confined=confined), packed)


def test_float32_keeps_the_log_masses_to_four_digits(student):
    model, speller = tiny_student()
    trie = random_trie(np.random.default_rng(7), speller, 60)
    prompt = speller.prompt("Where was X born?")
    exact = score_tree(model, prompt, trie)
    assert np.abs(score_tree(model.float(), prompt, trie) - exact).max() < 1e-4


def test_a_confined_student_leaves_nothing_outside_the_trie(student):
    model, speller = student
    trie = random_trie(np.random.default_rng(3), speller, 25)
    masses = np.exp(score_tree(model, speller.prompt("谁?"), trie, confined=True))
    leaves = [node for node, below in enumerate(trie.children) if not below]
    assert masses[leaves].sum() == pytest.approx(1, abs=1e-12)


def test_a_confined_student_reads_nothing_where_it_has_no_choice(student):
    speller = student[1]
    parents = np.array([-1, 0, 0, 1])
    trie = build_trie(parents, ("", "born_in", "spouse", "child"), np.ones(4, bool), speller)
    (whole,) = pack(trie, inner(trie))
    (needed,) = pack(trie, [len(below) > 1 for below in trie.children])
    # One choice at the root, one after `born_in<hop>`; what follows either of them is certain.
    after = int(trie.at[1])
    assert needed.read == [0, after]
    assert set(needed.places) == {0, *whole_path(trie, after)}
    assert len(whole.read) == sum(bool(below) for below in trie.children)


def whole_path(trie: PathTrie, wanted: int) -> list[int]:
    above = {child: node for node, below in enumerate(trie.children) for child in below.values()}
    path = [wanted]
    while path[-1] in above and above[path[-1]] != 0:
        path.append(above[path[-1]])
    return path


@pytest.mark.parametrize("longest", [1, 2, 7, 30])
def test_a_trie_too_large_for_one_row_takes_several(student, monkeypatch, longest):
    model, speller = student
    trie = random_trie(np.random.default_rng(5), speller, 30)
    prompt = speller.prompt("Where?")
    whole = score_tree(model, prompt, trie)
    rows = list(pack(trie, inner(trie), longest))
    read = [node for row in rows for node in row.read]
    assert sorted(read) == [node for node, below in enumerate(trie.children) if below]
    assert len(rows) > 1
    monkeypatch.setattr(packing.pack, "__defaults__", (longest,))
    assert np.abs(score_tree(model, prompt, trie) - whole).max() < 1e-10


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_rows_side_by_side_do_not_overlap_and_fill_what_would_be_padding(lengths):
    places = packing.side_by_side(lengths)
    taken = [
        (row, column)
        for (row, first), length in zip(places, lengths, strict=True)
        for column in range(first, first + length)
    ]
    assert len(set(taken)) == len(taken)
    assert max(column for _, column in taken) < max(lengths)
    rows = 1 + max(row for row, _ in places)
    assert {row for row, _ in places} == set(range(rows))
    filled = [sum(n for (at, _), n in zip(places, lengths, strict=True) if at == row)
              for row in range(rows)]  # fmt: skip
    assert all(one + two > max(lengths) for one, two in pairwise(filled))


def test_rows_of_different_length_do_not_see_each_other(student):
    model, speller = student
    trie = random_trie(np.random.default_rng(5), speller, 30)
    prompt = speller.prompt("Where?")
    rows = [(prompt, row.tokens, row.ancestors) for row in pack(trie, inner(trie), 9)]
    rows.append(([*prompt, *prompt], [5, 6, 7], None))
    together = model(**tree_inputs(rows, 0, model.dtype)).logits
    for number, row in enumerate(rows):
        alone = model(**tree_inputs([row], 0, model.dtype)).logits[0]
        assert torch.allclose(together[number, : len(alone)], alone, atol=1e-10)
    lengths = [len(one) + len(tokens) for one, tokens, _ in rows]
    places = [(0, sum(lengths[:number])) for number in range(len(rows))]
    padded = [*rows, ([1], [2] * sum(lengths), None)]
    beside = tree_inputs(padded, 0, model.dtype, [*places, (1, 0)])
    assert len(beside["input_ids"]) == 2
    side = model(**beside).logits[0]
    for number, (_, first) in enumerate(places):
        mine = side[first : first + lengths[number]]
        assert torch.allclose(mine, together[number, : lengths[number]], atol=1e-10)
    plain = model(torch.tensor([[*prompt, *prompt, 5, 6, 7]])).logits[0]
    assert torch.allclose(together[-1, : len(plain)], plain, atol=1e-10)


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        (GPT2LMHeadModel(GPT2Config(n_embd=16, n_head=2, n_layer=2, vocab_size=50)), True),
        (Qwen2ForCausalLM(Qwen2Config(**LLAMA_LIKE)), True),
        (MistralForCausalLM(MistralConfig(**LLAMA_LIKE, sliding_window=None)), True),
        # Its positions come from the mask of two dimensions, which a tree mask is not.
        (BloomForCausalLM(BloomConfig(hidden_size=16, n_head=2, n_layer=2, vocab_size=50)), False),
        # It has no attention that could be masked.
        (MambaForCausalLM(MambaConfig(hidden_size=16, num_hidden_layers=2, vocab_size=50)), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_the_architecture_the_masses_are_those_of_single_paths(model, takes, caplog):
    model.eval()
    model.config.pad_token_id = 0
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(5)  # far from uniform, so that a wrong mask is seen
    children = [{4: 1, 5: 2}, {5: 3}, {4: 4, 7: 5}, {9: 6}, {}, {8: 7}, {}, {}]
    trie = PathTrie(children, np.zeros(0, np.int64), np.zeros(0, np.int64))
    scored = score_tree(model, [1, 2, 3], trie)
    alone = log_masses(single_steps(model, [1, 2, 3], trie, False), len(children), trie)
    assert takes_tree_mask(model) is takes
    assert np.abs(scored - alone).max() < 1e-4
    score_tree(model, [1, 2], trie)
    said = [record for record in caplog.records if "takes no tree mask" in record.message]
    assert len(said) == (0 if takes else 1)  # once, however often it is asked
