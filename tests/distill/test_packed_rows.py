"""A question in one packed row, against the same question path by path."""

import numpy as np
import pytest
import torch

from core.distill import packed_rows as module
from core.distill.examples import INPUTS, Collator, Examples, Row, make_example, only_read
from core.distill.packed_rows import RARE, packed_rows
from core.distill.soft_targets import trie_targets
from core.student.output_layer import logits_only_at
from tests.labels_at_random import random_label
from tests.objectives import OBJECTIVES
from tests.terms import batch_terms
from tests.tiny_student import tiny_student


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def examples(speller):
    labels = [trie_targets(random_label(seed, 3), speller) for seed in range(3)]
    golden = (("born",), ("spouse", "born_in"))
    return [
        make_example("Who?", (), labels[0], speller),
        make_example("Where was it born?", golden, None, speller),
        make_example("谁?", (("出生地",), ("born", "spouse")), labels[1], speller),
        make_example("X", (random_label(2, 3).best(1)[0][0],), labels[2], speller),
    ]


def parts_of(model, batch, objective=None):
    at, read = only_read(batch)
    with logits_only_at(model, at):
        logits = model(**{name: batch[name] for name in INPUTS if name in batch}).logits
    return batch_terms(logits, read, 2.0, objective)


def expected(model, example, objective):
    """The sums over every path, each by itself, weighted by its probability."""
    hard = choice = validity = 0.0
    for path in example.gold:
        parts = parts_of(model, Collator(0)([[Row(example.prompt, path, True, [])]]), objective)
        hard += parts.hard / len(example.gold)
    if example.soft is not None:
        for end in example.soft.ends:
            tokens, nodes = example.soft.row(int(end))
            row = Row(example.prompt, tokens, False, example.soft.choices(nodes))
            parts = parts_of(model, Collator(0)([[row]]), objective)
            choice += example.soft.masses[end] * parts.choice
            validity += example.soft.masses[end] * parts.validity
    return hard, choice, validity


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_packed_question_is_the_expectation_over_its_paths(student, name, monkeypatch):
    monkeypatch.setattr(module, "RARE", 0.0)
    model, speller = student
    parameters = list(model.parameters())
    for example in examples(speller):
        batch = Collator(0, torch.float64)([packed_rows(example)])
        mine = parts_of(model, batch, OBJECTIVES[name])
        wanted = expected(model, example, OBJECTIVES[name])
        for part, value in zip(("hard", "choice", "validity"), wanted, strict=True):
            assert getattr(mine, part).item() == pytest.approx(
                torch.as_tensor(value).item(), rel=1e-9, abs=1e-9
            )
        total = 0.3 * mine.hard + 0.7 * (mine.choice + mine.validity)
        other = 0.3 * wanted[0] + 0.7 * (wanted[1] + wanted[2])
        theirs = torch.autograd.grad(other, parameters)
        for one, two in zip(torch.autograd.grad(total, parameters), theirs, strict=True):
            torch.testing.assert_close(one, two, rtol=1e-8, atol=1e-9)


def test_questions_in_one_batch_sum_up(student):
    model, speller = student
    data = Examples(examples(speller), seed=0)
    data.packed = True
    collate = Collator(0, torch.float64)
    together = parts_of(model, collate(data.__getitems__(range(len(data)))))
    alone = [parts_of(model, collate([data[index]])) for index in range(len(data))]
    for part in ("hard", "choice", "validity"):
        total = sum(getattr(parts, part).item() for parts in alone)
        assert getattr(together, part).item() == pytest.approx(total, rel=1e-9)


def test_nothing_is_left_to_chance(student):
    data = Examples(examples(student[1]), seed=0)
    data.packed = True
    first = [data[index] for index in range(len(data))]
    data.epoch, data.seed = 7, 3
    again = [data[index] for index in range(len(data))]
    for (one,), (two,) in zip(first, again, strict=True):
        assert one.path == two.path
        assert [place for place, _, _ in one.soft] == [place for place, _, _ in two.soft]


def test_what_the_teacher_hardly_comes_to_is_not_read(student):
    speller = student[1]
    soft = trie_targets(random_label(1, 3), speller)
    seldom = np.argsort(soft.masses)[len(soft.masses) // 2]
    soft.masses[soft.masses <= soft.masses[seldom]] *= RARE / 2
    (row,) = packed_rows(make_example("Who?", (), soft, speller))
    weights = [weight for _, _, weight in row.soft]
    assert 0 < len(weights) < np.count_nonzero(np.diff(soft.starts))
    assert min(weights) > RARE and max(weights) == pytest.approx(1)
    assert np.all(np.diag(row.ancestors)) and not np.any(np.triu(row.ancestors, 1))
