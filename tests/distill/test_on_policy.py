"""Paths that the student speaks: their distribution, their rows, and what learning from them is."""

from collections import Counter

import numpy as np
import pytest
import torch

from core.distill.divergences import UNIFORM_MIX, Divergence
from core.distill.examples import Collator, Examples, make_example, rows
from core.distill.losses import Objective
from core.distill.on_policy import decoded_ends
from core.distill.soft_targets import trie_targets
from core.student.scoring import score_tree
from tests.labels_at_random import random_label
from tests.small_runs import Scripted, examples, run
from tests.terms import batch_terms
from tests.tiny_student import tiny_student


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def confined(model, prompt, targets):
    """The student's mass of every trie node, confined to the trie: one softmax a node."""
    log = score_tree(model, prompt, targets.path_trie())
    mass = np.ones(len(log))
    for node in range(len(log)):
        below = slice(targets.starts[node], targets.starts[node + 1])
        if below.stop > below.start:
            step = np.exp(log[below] - log[node])
            mass[below] = mass[node] * step / step.sum()
    return mass


def leaves(targets):
    return np.flatnonzero(np.diff(targets.starts) == 0)


def test_paths_are_sampled_with_the_confined_students_probability(student):
    model, speller = student
    labels = [random_label(seed, 3, zeros=True) for seed in range(2)]
    targets = [trie_targets(label, speller) for label in labels]
    prompts = [speller.prompt(text) for text in ("谁?", "Where was X born?")]
    count = 700
    draws = [np.random.default_rng((7, n)) for n in range(2 * count)]
    ends = decoded_ends(model, prompts * count, targets * count, draws, 0)
    for question in range(2):
        drawn = Counter(ends[question::2])
        mass = confined(model, prompts[question], targets[question])
        assert set(drawn) <= set(leaves(targets[question]).tolist())
        for leaf in leaves(targets[question]):
            p = mass[leaf]
            assert abs(drawn[leaf] / count - p) < 5 * np.sqrt(p * (1 - p) / count) + 1e-9


def test_draws_do_not_depend_on_company(student):
    """Padding, order and batch change nothing: each question has a chance of its own."""
    model, speller = student
    targets = [trie_targets(random_label(seed, 3), speller) for seed in range(4)]
    prompts = [speller.prompt("Who? " * (n + 1)) for n in range(4)]

    def ends(order):
        draws = [np.random.default_rng(n) for n in order]
        made = decoded_ends(
            model, [prompts[n] for n in order], [targets[n] for n in order], draws, 0
        )
        return dict(zip(order, made, strict=True))

    together = ends([0, 1, 2, 3])
    assert ends([3, 1, 0, 2]) == together
    assert {n: ends([n])[n] for n in range(4)} == together


def test_reverse_kl_along_spoken_paths_is_that_of_whole_paths(student):
    """The expected choice is KL(student confined || teacher), up to the speck of uniform."""
    model, speller = student
    targets, prompt = trie_targets(random_label(1, 99), speller), speller.prompt("谁?")
    mass = confined(model, prompt, targets)
    example = make_example("谁?", (), targets, speller)
    objective, total = Objective("split", Divergence("reverse-kl")), 0.0
    with torch.no_grad():
        for leaf in leaves(targets):
            batch = Collator(0)([rows(example, None, int(leaf))])
            output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
            total += mass[leaf] * batch_terms(output.logits, batch, 1.0, objective).choice.item()
    at = leaves(targets)
    wanted = (mass[at] * (np.log(mass[at]) - np.log(targets.masses[at]))).sum()
    assert total == pytest.approx(wanted, rel=1e-3) and wanted > 0.5


def test_a_path_that_the_teacher_rules_out_is_followed_to_its_first_wrong_step(student):
    speller = student[1]
    targets = trie_targets(random_label(0, 5, zeros=True), speller)
    example = make_example("谁?", (), targets, speller)
    wrong = [leaf for leaf in leaves(targets) if targets.masses[leaf] == 0]
    assert wrong
    for leaf in wrong:
        tokens, nodes = targets.row(int(leaf))
        (row,) = rows(example, None, int(leaf))
        last = len(row.choices) - 1
        assert targets.masses[nodes[last]] > 0 and (targets.masses[nodes[last + 1 :]] == 0).all()
        children, log = row.choices[last]
        assert np.exp(log[list(children).index(tokens[last])]) == 0
        batch = Collator(0)([[row]])
        assert len(batch["soft_at"]) == len(row.choices) == len(batch["weight"])


def test_the_share_of_own_paths_is_as_asked(student):
    model, speller = student
    data = Examples(
        [make_example("谁?", (), trie_targets(random_label(0), speller), speller)] * 300, 0
    )
    theirs = [row[0].path for row in data.__getitems__(range(300))]
    data.student = model
    for share, least, most in ((0.0, 0, 0), (0.3, 0.1, 0.38), (1.0, 0.5, 1.0)):
        data.on_policy = share
        mine = [row[0].path for row in data.__getitems__(range(300))]
        moved = np.mean([one != other for one, other in zip(mine, theirs, strict=True)])
        assert least <= moved <= most
        assert [row[0].path for row in data.__getitems__(range(300))] == mine


def test_gold_paths_stay_beside_own_paths(student):
    model, speller = student
    made = examples(speller)
    data = Examples(made, 0)
    data.student, data.on_policy = model, 1.0
    for example, drawn in zip(made, data.__getitems__(range(5)), strict=True):
        assert any(row.hard for row in drawn) == bool(example.gold)
        assert any(row.choices for row in drawn) == (example.soft is not None)


def own_kl(model, made):
    """KL(student confined || teacher) over whole paths, summed over questions."""
    total = 0.0
    for example in made:
        at, mass = leaves(example.soft), confined(model, example.prompt, example.soft)
        floor = np.maximum(example.soft.masses[at], UNIFORM_MIX)
        total += (mass[at] * (np.log(mass[at]) - np.log(floor))).sum()
    return total


def test_learning_along_own_paths_brings_the_student_to_the_teacher(tmp_path):
    made = [e for e in examples(tiny_student()[1]) if e.soft is not None][:2]
    before = own_kl(tiny_student()[0], made)
    more = {"on_policy": 1.0, "alpha": 0.0, "learning_rate": 0.03}
    model, _ = run(Scripted(), tmp_path, data=Examples(made, 0), epochs=30, **more)
    assert own_kl(model.eval(), made) < 0.6 * before


@pytest.mark.parametrize("training", [True, False])
def test_the_student_is_left_as_it_was(student, training):
    model, speller = student
    model.train(training)
    state = torch.get_rng_state()
    targets = trie_targets(random_label(0), speller)
    decoded_ends(model, [[5, 6]], [targets], [np.random.default_rng(0)], 0)
    assert model.training is training and torch.equal(torch.get_rng_state(), state)
    model.eval()
