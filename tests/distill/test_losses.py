"""The objective node by node, on ragged random choices and against formulas written out."""

import math

import numpy as np
import pytest
import torch

from core.distill.losses import NodeTargets, hard_loss, ragged_logsumexp, soft_loss
from core.distill.soft_targets import node_targets

VOCABULARY = 11
CHILDREN = ([3], [0, 5, 9], [1, 2], [10, 4, 7, 8])
WEIGHTS = [1.0, 0.6, 0.3, 0.1]


def logits(seed=0):
    draw = torch.Generator().manual_seed(seed)
    values = 3 * torch.randn(len(CHILDREN), VOCABULARY, generator=draw, dtype=torch.float64)
    return values.requires_grad_()


def targets(ruled_out=False, seed=0):
    draw = np.random.default_rng(seed)
    choices = [draw.dirichlet(np.ones(len(tokens))) for tokens in CHILDREN]
    if ruled_out:
        choices[1] = np.array([0.0, 0.7, 0.3])
        choices[3] = np.array([0.0, 0.0, 1.0, 0.0])
    with np.errstate(divide="ignore"):
        logs = [np.log(choice) for choice in choices]
    return node_targets(list(zip(CHILDREN, logs, strict=True)), WEIGHTS)


def by_hand(values, wanted, temperature):
    """Choice and validity with dictionaries and loops."""
    choice = validity = 0.0
    owners = wanted.child_node.tolist()
    for node, row in enumerate(values.tolist()):
        mine = [i for i, owner in enumerate(owners) if owner == node]
        said = [row[wanted.child_token[i]] for i in mine]
        teacher = [math.exp(wanted.child_log[i] / temperature) for i in mine]
        teacher = [p / sum(teacher) for p in teacher]
        student = [math.exp(x / temperature) for x in said]
        student = [p / sum(student) for p in student]
        kl = sum(p * math.log(p / s) for p, s in zip(teacher, student, strict=True) if p > 0)
        choice += wanted.weight[node].item() * temperature**2 * kl
        on_trie = sum(map(math.exp, said)) / sum(map(math.exp, row))
        validity -= wanted.weight[node].item() * math.log(on_trie)
    return choice, validity


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("ruled_out", [False, True])
def test_parts_by_hand(temperature, ruled_out):
    loss = soft_loss(logits(), targets(ruled_out), temperature)
    choice, validity = by_hand(logits(), targets(ruled_out), temperature)
    assert loss.choice.item() == pytest.approx(choice, rel=1e-12)
    assert loss.validity.item() == pytest.approx(validity, rel=1e-12)


def test_choice_and_validity_together_are_the_kl_over_the_whole_vocabulary():
    values, wanted = logits(), targets()
    whole = torch.zeros(len(CHILDREN), VOCABULARY, dtype=torch.float64)
    whole[wanted.child_node, wanted.child_token] = wanted.child_log.exp()
    kl = torch.nn.functional.kl_div(values.log_softmax(-1), whole, reduction="none").sum(-1)
    loss = soft_loss(values, wanted, 1.0)
    total = loss.choice + loss.validity
    expected = (kl * wanted.weight).sum()
    assert total.item() == pytest.approx(expected.item(), rel=1e-12)
    mine, theirs = (torch.autograd.grad(x, values)[0] for x in (total, expected))
    torch.testing.assert_close(mine, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("temperature", [1.0, 2.0, 4.0])
def test_a_student_that_is_the_teacher_has_nothing_to_learn(temperature):
    wanted = targets()
    values = torch.full((len(CHILDREN), VOCABULARY), -torch.inf, dtype=torch.float64)
    values[wanted.child_node, wanted.child_token] = wanted.child_log
    values = (values + 7.0).requires_grad_()
    loss = soft_loss(values, wanted, temperature)
    assert loss.choice.item() == pytest.approx(0.0, abs=1e-13)
    assert loss.validity.item() == pytest.approx(0.0, abs=1e-13)
    (gradient,) = torch.autograd.grad(loss.choice, values, retain_graph=True)
    assert gradient.abs().max() < 1e-13


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_a_constant_added_to_logits_changes_nothing(temperature):
    shift = torch.tensor([[5.0], [-30.0], [0.1], [300.0]], dtype=torch.float64)
    tokens, weight = torch.tensor([3, 5, 1, 8]), torch.ones(4)
    one, other = (soft_loss(v, targets(), temperature) for v in (logits(), logits() + shift))
    assert one.choice.item() == pytest.approx(other.choice.item(), rel=1e-11)
    assert one.validity.item() == pytest.approx(other.validity.item(), rel=1e-11)
    hard = hard_loss(logits(), tokens, weight).item()
    assert hard == pytest.approx(hard_loss(logits() + shift, tokens, weight).item(), rel=1e-11)


@pytest.mark.parametrize("temperature", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("ruled_out", [False, True])
@pytest.mark.parametrize("part", ["choice", "validity"])
def test_gradients_are_those_of_finite_differences(temperature, ruled_out, part):
    def loss(values):
        return getattr(soft_loss(values, targets(ruled_out), temperature), part)

    values = logits()
    (gradient,) = torch.autograd.grad(loss(values), values)
    step = 1e-4
    for place in np.ndindex(*values.shape):
        nudge = torch.zeros_like(values)
        nudge[place] = step
        with torch.no_grad():
            near = loss(values + nudge) - loss(values - nudge)
            far = loss(values + 2 * nudge) - loss(values - 2 * nudge)
        measured = ((8 * near - far) / 12 / step).item()
        assert gradient[place].item() == pytest.approx(measured, rel=1e-8, abs=1e-9)


def test_hot_choices_tend_to_squared_differences_of_centred_logits():
    """T^2 KL(softmax(v / T) || softmax(z / T)) -> 1/2 variance of v - z."""
    values, wanted = logits(), targets()
    limit = 0.0
    for node, weight in enumerate(WEIGHTS):
        mine = wanted.child_node == node
        gap = wanted.child_log[mine] - values[node, wanted.child_token[mine]].detach()
        limit += weight * 0.5 * gap.var(correction=0).item()
    errors = [abs(soft_loss(values, wanted, t).choice.item() / limit - 1) for t in (1e2, 1e3, 1e4)]
    assert errors[0] < 0.1 and errors[1] < 0.2 * errors[0] and errors[2] < 1e-3


@pytest.mark.parametrize("temperature", [0.1, 1.0, 20.0])
def test_ruled_out_children_give_finite_values_and_gradients(temperature):
    values = logits()
    wanted = targets(ruled_out=True)
    assert torch.isinf(wanted.child_log).sum() == 4
    loss = soft_loss(values, wanted, temperature)
    (gradient,) = torch.autograd.grad(loss.choice + loss.validity, values)
    assert math.isfinite(loss.choice.item()) and torch.isfinite(gradient).all()
    # The teacher's No is taught: a ruled-out child's logit is pushed down.
    (pushed,) = torch.autograd.grad(soft_loss(values, wanted, temperature).choice, values)
    assert (pushed[1, 0], pushed[3, 10]) > (0, 0)


def test_an_only_child_leaves_no_choice():
    wanted = NodeTargets(
        weight=torch.ones(1, dtype=torch.float64),
        child_node=torch.tensor([0]),
        child_token=torch.tensor([4]),
        child_log=torch.zeros(1, dtype=torch.float64),
    )
    values = logits()[:1]
    loss = soft_loss(values, wanted, 2.0)
    assert loss.choice.item() == 0.0
    tokens, weight = torch.tensor([4]), torch.ones(1)
    assert loss.validity.item() == pytest.approx(hard_loss(values, tokens, weight).item())


def test_hard_loss_by_hand_and_weighted():
    values = logits()
    tokens, weight = [3, 5, 1, 8], [1.0, 0.5, 0.0, 2.0]
    expected = sum(
        w * (math.log(sum(map(math.exp, row))) - row[t])
        for w, t, row in zip(weight, tokens, values.tolist(), strict=True)
    )
    mine = hard_loss(values, torch.tensor(tokens), torch.tensor(weight)).item()
    assert mine == pytest.approx(expected, rel=1e-12)


def test_low_precision_is_lifted_before_sums():
    values = logits().detach().bfloat16()
    loss = soft_loss(values, targets(), 1.0)
    assert loss.choice.dtype == torch.float32
    exact = soft_loss(values.double(), targets(), 1.0)
    assert loss.choice.item() == pytest.approx(exact.choice.item(), rel=1e-5)


def test_nothing_at_all_costs_nothing():
    nowhere = logits()[:0]
    loss = soft_loss(nowhere, node_targets([], []), 2.0)
    assert (loss.choice.item(), loss.validity.item()) == (0.0, 0.0)
    none = torch.zeros(0, dtype=torch.long)
    assert hard_loss(nowhere, none, none.double()).item() == 0.0


def test_ragged_sums_hold_against_huge_values():
    values = torch.tensor([1000.0, 1001.0, -torch.inf, -1000.0], dtype=torch.float64)
    found = ragged_logsumexp(values, torch.tensor([0, 0, 1, 1]), 2)
    assert found.tolist() == pytest.approx([1001 + math.log1p(math.exp(-1)), -1000.0], rel=1e-12)
