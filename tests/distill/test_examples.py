"""Rows, their draws, and where a collated batch puts its losses."""

import math
import random

import numpy as np
import pytest
import torch

from core.distill.examples import (
    Collator,
    Example,
    Examples,
    OtherWords,
    Row,
    make_example,
    only_read,
)
from core.distill.soft_targets import trie_targets
from tests.labels_at_random import random_label, rows_at_random
from tests.objectives import OBJECTIVES
from tests.terms import batch_terms
from tests.tiny_student import tiny_student


@pytest.fixture(scope="module")
def student():
    return tiny_student()


@pytest.fixture(scope="module")
def examples(student):
    """Soft only, gold only, both, and a gold path that the teacher alone would say."""
    speller = student[1]
    labels = [random_label(seed, 3) for seed in range(3)]
    sure = random_label(3, 1)
    made = [
        make_example("Who?", (), trie_targets(labels[0], speller), speller),
        make_example("Where was it born?", (("born",), ("spouse", "born_in")), None, speller),
        make_example("谁?", (("出生地",),), trie_targets(labels[1], speller), speller),
        make_example("X", [sure.best(1)[0][0]], trie_targets(sure, speller), speller),
        make_example("And who?", (), trie_targets(labels[2], speller), speller),
    ]
    assert None not in made
    return made


def test_nothing_to_learn_is_no_example(student):
    assert make_example("谁?", (), None, student[1]) is None


def test_draws_depend_on_seed_epoch_and_question_alone(examples):
    def drawn(seed, epoch, order=(0, 1, 2, 3, 4)):
        data = Examples(examples, seed)
        data.epoch = epoch
        found = {index: [row.path for row in data[index]] for index in order}
        return [found[index] for index in range(5)]

    assert drawn(0, 3) == drawn(0, 3, (4, 2, 0, 1, 3))
    epochs = [drawn(0, epoch) for epoch in range(12)]
    seeds = [drawn(seed, 0) for seed in range(12)]
    for index in (0, 1, 2, 4):
        assert len({str(each[index]) for each in epochs}) > 1
        assert len({str(each[index]) for each in seeds}) > 1
    same = Examples([examples[0]] * 40, 0)
    assert len({str([row.path for row in same[i]]) for i in range(40)}) > 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_question_comes_in_other_words_and_teaches_the_same(examples, student, packed):
    def drawn(share, epoch, seed=0):
        data = Examples(examples, seed)
        data.packed, data.epoch = packed, epoch
        data.other_words = None if share is None else OtherWords(student[1], share)
        return [data[index] for index in range(len(data))]

    def prompts(*which):
        return [rows_of_one[0].prompt for rows_of_one in drawn(*which)]

    own = prompts(None, 0)
    assert prompts(0.0, 3) == own
    assert prompts(1.0, 3) == prompts(1.0, 3)
    where = own.index(student[1].prompt("Where was it born?"))
    assert len({str(prompts(1.0, epoch)[where]) for epoch in range(12)}) > 4
    assert len({str(prompts(1.0, 0, seed)[where]) for seed in range(12)}) > 4
    half = [prompts(0.5, epoch)[where] == own[where] for epoch in range(40)]
    assert 8 < sum(half) < 32
    for plain, other in zip(drawn(None, 3), drawn(1.0, 3), strict=True):
        for one, two in zip(plain, other, strict=True):
            assert one.path == two.path
            assert one.hard_steps() == two.hard_steps()
            assert str(one.soft_steps()) == str(two.soft_steps())


def test_a_question_comes_in_its_other_wordings_too(student):
    made = make_example("Who directed it?", (("born",),), None, student[1], ["By whom was it?"])
    words = OtherWords(student[1], 1.0)
    drawn = {str(words.prompt(made, random.Random(n))) for n in range(60)}
    assert {str(student[1].prompt(text)) for text in made.texts} < drawn


def test_rows_of_each_kind(examples, student):
    draw = np.random.default_rng(0)
    (soft,) = rows_at_random(examples[0], draw)
    assert not soft.hard and soft.choices
    golden = [rows_at_random(examples[1], draw)[0] for _ in range(40)]
    assert {tuple(row.path) for row in golden} == set(map(tuple, examples[1].gold))
    assert all(row.hard and not row.choices for row in golden)
    both = [rows_at_random(examples[2], draw) for _ in range(10)]
    assert any(
        [(r.hard, bool(r.choices)) for r in one] == [(True, False), (False, True)] for one in both
    )
    # Where gold and drawn row are one path they share a row.
    shared = [
        one for one in (rows_at_random(examples[3], draw) for _ in range(60)) if len(one) == 1
    ]
    assert shared and all(one[0].hard and one[0].choices for one in shared)


def test_a_batch_written_out():
    choice = (np.array([7, 9]), np.log([0.25, 0.75]))
    one = Row([5, 6], [7, 8, 3], True, [])
    other = Row([4], [9, 3], False, [choice, (np.array([3]), np.zeros(1))])
    batch = Collator(0)([[one], [other]])
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8, 3], [4, 9, 3, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]
    assert batch["questions"].item() == 2
    assert batch["hard_at"].tolist() == [1, 2, 3]  # the places *before* 7, 8 and 3
    assert batch["hard_tokens"].tolist() == [7, 8, 3]
    assert batch["soft_at"].tolist() == [5, 6]

    assert batch["weight"].tolist() == [1.0, 1.0]
    assert batch["child_node"].tolist() == [0, 0, 1]
    assert batch["child_token"].tolist() == [7, 9, 3]
    assert batch["child_log"].exp().tolist() == pytest.approx([0.25, 0.75, 1.0])

    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 5, 10, generator=draw, dtype=torch.float64)
    parts = batch_terms(logits, batch, 1.0)
    log = logits.log_softmax(-1)
    hard = -(log[0, 1, 7] + log[0, 2, 8] + log[0, 3, 3])
    assert parts.hard.item() == pytest.approx(hard.item(), rel=1e-12)
    soft = 0.25 * (math.log(0.25) - log[1, 0, 7]) + 0.75 * (math.log(0.75) - log[1, 0, 9])
    total = parts.choice + parts.validity
    assert total.item() == pytest.approx((soft - log[1, 1, 3]).item(), rel=1e-12)


def parts_of(model, batch, objective=None):
    output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
    return batch_terms(output.logits, batch, 2.0, objective)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_padding_changes_nothing(examples, student, name):
    model, _ = student
    question = rows_at_random(examples[2], np.random.default_rng(0))
    plain = parts_of(model, Collator(0)([question]), OBJECTIVES[name])
    for pad in (0, 9):
        long = Row([1] * 40, [2] * 9, True, [])
        batch = Collator(pad)([question, [long]])
        batch["hard_at"] = batch["hard_at"][:-9]
        batch["hard_tokens"] = batch["hard_tokens"][:-9]
        batch["hard_weight"] = batch["hard_weight"][:-9]
        padded = parts_of(model, batch, OBJECTIVES[name])
        for part in ("hard", "choice", "validity"):
            mine, theirs = getattr(plain, part).item(), getattr(padded, part).item()
            assert mine == pytest.approx(theirs, rel=1e-9)
            assert mine > 0.1 or (part == "validity" and name.startswith("token"))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_split_batch_sums_to_the_whole(examples, student, name):
    model, _ = student
    four = [rows_at_random(one, np.random.default_rng(5)) for one in examples[:4]]
    parameters = list(model.parameters())

    def summed(size):
        batches = [Collator(0)(four[begin : begin + size]) for begin in range(0, 4, size)]
        total = sum(
            0.3 * parts.hard + 0.7 * (parts.choice + parts.validity)
            for parts in (parts_of(model, batch, OBJECTIVES[name]) for batch in batches)
        )
        return total.item(), torch.autograd.grad(total, parameters)

    value, gradients = summed(4)
    for size in (1, 2):
        split, others = summed(size)
        assert split == pytest.approx(value, rel=1e-9)
        for mine, theirs in zip(gradients, others, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-9)


def test_batches_of_one_kind_alone(examples, student):
    """Only gold, or only soft: the other term is zero and nothing breaks."""
    model, _ = student
    gold = parts_of(model, Collator(0)([rows_at_random(examples[1], np.random.default_rng(0))]))
    assert gold.hard > 0 and gold.choice == 0 and gold.validity == 0
    soft = parts_of(model, Collator(0)([rows_at_random(examples[0], np.random.default_rng(0))]))
    assert soft.hard == 0 and soft.choice > 0 and soft.validity > 0
    assert rows_at_random(Example("", [1], (), None), np.random.default_rng(0)) == []


def test_a_loss_that_sees_only_what_it_reads_is_the_same(examples, student):
    model, _ = student
    batch = Collator(0)([rows_at_random(one, np.random.default_rng(5)) for one in examples])
    at, read = only_read(batch)
    assert 0 < len(at) < len(batch["hard_at"]) + len(batch["soft_at"])  # shared ones count once
    logits = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    mine = batch_terms(logits.flatten(0, 1)[at][None], read, 2.0)
    theirs = batch_terms(logits, batch, 2.0)
    for part in ("hard", "choice", "validity"):
        torch.testing.assert_close(getattr(mine, part), getattr(theirs, part))
