"""The objective node by node, on ragged random choices and against formulas written out."""

import math

import numpy as np
import pytest
import torch

from core.distill import losses
from core.distill.losses import NodeTargets, Objective, ragged_logsumexp
from core.distill.soft_targets import node_targets
from tests.objectives import OBJECTIVES

VOCABULARY = 11
CHILDREN = ([3], [0, 5, 9], [1, 2], [10, 4, 7, 8])
WEIGHTS = [1.0, 0.6, 0.3, 0.1]


def soft_loss(logits, *more):
    """The loss where each node has a row of logits of its own."""
    return losses.soft_loss(losses.student_log_probs(logits), torch.arange(len(logits)), *more)


def hard_loss(logits, *more):
    """Likewise, each token."""
    return losses.hard_loss(losses.student_log_probs(logits), torch.arange(len(logits)), *more)


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
    return node_targets(list(zip(map(np.array, CHILDREN), logs, strict=True)), WEIGHTS)


def softmax(values):
    weights = [math.exp(value) for value in values]
    return [weight / sum(weights) for weight in weights]


def by_hand(values, wanted, temperature, objective):
    """Choice and validity with lists and loops; the divergences have tests of their own."""
    choice = validity = 0.0
    owners = wanted.child_node.tolist()
    for node, row in enumerate(values.tolist()):
        mine = [i for i, owner in enumerate(owners) if owner == node]
        said = [row[wanted.child_token[i]] for i in mine]
        teacher = [math.exp(wanted.child_log[i] / temperature) for i in mine]
        teacher = [p / sum(teacher) for p in teacher]
        student = softmax([x / temperature for x in said])
        if objective.level == "token":
            student = softmax([x / temperature for x in row])
            kept = dict(zip([int(wanted.child_token[i]) for i in mine], teacher, strict=True))
            teacher = [kept.get(token, 0.0) for token in range(len(row))]
        p, q = (torch.tensor(each, dtype=torch.float64).log() for each in (teacher, student))
        terms = objective.divergence.terms(p, q, torch.tensor(len(teacher)))
        weight = wanted.weight[node].item()
        choice += weight * temperature**2 * terms.sum().item()
        if objective.level == "split":
            validity -= weight * math.log(sum(map(math.exp, said)) / sum(map(math.exp, row)))
    return choice, validity


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_parts_by_hand(name, temperature):
    for ruled_out in (False, True):
        wanted = targets(ruled_out)
        loss = soft_loss(logits(), wanted, temperature, OBJECTIVES[name])
        choice, validity = by_hand(logits(), wanted, temperature, OBJECTIVES[name])
        assert loss.choice.item() == pytest.approx(choice, rel=1e-11)
        assert loss.validity.item() == pytest.approx(validity, rel=1e-12)
        assert choice > 0.01


def test_token_and_split_are_one_at_temperature_one():
    values, wanted = logits(), targets()
    split, token = (
        soft_loss(values, wanted, 1.0, Objective(level)) for level in ("split", "token")
    )
    assert token.choice.item() == pytest.approx((split.choice + split.validity).item(), rel=1e-12)
    hot = [soft_loss(values, wanted, 2.0, Objective(level)) for level in ("split", "token")]
    assert hot[1].choice.item() != pytest.approx((hot[0].choice + hot[0].validity).item(), rel=0.01)


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


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("temperature", [1.0, 2.0, 4.0])
def test_a_student_that_is_the_teacher_has_nothing_to_learn(name, temperature):
    wanted = targets()
    values = torch.full((len(CHILDREN), VOCABULARY), -1e3, dtype=torch.float64)
    values[wanted.child_node, wanted.child_token] = wanted.child_log
    values = (values + 7.0).requires_grad_()
    loss = soft_loss(values, wanted, temperature, OBJECTIVES[name])
    assert loss.choice.item() == pytest.approx(0.0, abs=1e-12)
    assert loss.validity.item() == pytest.approx(0.0, abs=1e-12)
    (gradient,) = torch.autograd.grad(loss.choice, values, retain_graph=True)
    assert gradient.abs().max() < 1e-12


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_a_constant_added_to_logits_changes_nothing(name, temperature):
    shift = torch.tensor([[5.0], [-30.0], [0.1], [300.0]], dtype=torch.float64)
    tokens, weight = torch.tensor([3, 5, 1, 8]), torch.ones(4)
    one, other = (
        soft_loss(v, targets(True), temperature, OBJECTIVES[name])
        for v in (logits(), logits() + shift)
    )
    assert one.choice.item() == pytest.approx(other.choice.item(), rel=1e-11)
    assert one.validity.item() == pytest.approx(other.validity.item(), rel=1e-11)
    hard = hard_loss(logits(), tokens, weight).item()
    assert hard == pytest.approx(hard_loss(logits() + shift, tokens, weight).item(), rel=1e-11)


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("temperature", [1.0, 2.0, 4.0])
def test_gradients_are_those_of_finite_differences(name, temperature):
    """Choice and validity in one sum, with a weight that tells them apart."""
    step = 1e-3 if "jsd" in name else 1e-4
    for ruled_out in (False, True):
        wanted = targets(ruled_out)

        def loss(values, wanted=wanted):
            made = soft_loss(values, wanted, temperature, OBJECTIVES[name])
            return made.choice + 0.7 * made.validity

        values = logits()
        (gradient,) = torch.autograd.grad(loss(values), values)
        for place in np.ndindex(*values.shape):
            nudge = torch.zeros_like(values)
            nudge[place] = step
            with torch.no_grad():
                near = loss(values + nudge) - loss(values - nudge)
                far = loss(values + 2 * nudge) - loss(values - 2 * nudge)
            measured = ((8 * near - far) / 12 / step).item()
            assert gradient[place].item() == pytest.approx(measured, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_temperature_squared_is_in_value_and_gradient(name):
    """On doubled logits at 2 T the choice is the same, so loss and gradient are four times it."""
    wanted = targets(ruled_out=True)
    doubled = NodeTargets(
        wanted.weight, wanted.child_node, wanted.child_token, 2 * wanted.child_log
    )
    values = logits()
    cool = soft_loss(values, wanted, 1.5, OBJECTIVES[name]).choice
    hot = soft_loss(2 * values, doubled, 3.0, OBJECTIVES[name]).choice
    assert hot.item() == pytest.approx(4 * cool.item(), rel=1e-11)
    gradients = [torch.autograd.grad(loss, values)[0] for loss in (cool, hot)]
    torch.testing.assert_close(gradients[1], 4 * gradients[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_temperature_changes_the_gradient_itself_not_only_its_size(name):
    values = logits()
    one, two = (
        torch.autograd.grad(soft_loss(values, targets(), t, OBJECTIVES[name]).choice, values)[0]
        for t in (1.0, 3.0)
    )
    angle = torch.nn.functional.cosine_similarity(one.flatten(), two.flatten(), dim=0)
    assert 0 < angle < 0.99


@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name.startswith("split")])
def test_hot_choices_tend_to_squared_differences_of_centred_logits(name):
    """T^2 D(softmax(v / T) || softmax(z / T)) -> scale / 2 * variance of v - z, whatever D."""
    values, wanted = logits(), targets()
    limit = (1 - OBJECTIVES[name].divergence.skew) ** 2 if "skew" in name else 1.0
    limit *= sum(
        weight * 0.5 * gap.var(correction=0).item() for weight, gap in gaps(values, wanted)
    )
    errors = [
        abs(soft_loss(values, wanted, t, OBJECTIVES[name]).choice.item() / limit - 1)
        for t in (1e2, 1e3, 1e4)
    ]
    assert errors[0] < 0.1 and errors[1] < 0.2 * errors[0] and errors[2] < 1e-3


def gaps(values, wanted):
    """At each node its weight, and how far the teacher's logits are from the student's."""
    for node, weight in enumerate(WEIGHTS):
        mine = wanted.child_node == node
        yield weight, wanted.child_log[mine] - values[node, wanted.child_token[mine]].detach()


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("temperature", [0.1, 1.0, 20.0])
def test_ruled_out_children_give_finite_values_and_gradients(name, temperature):
    values = logits()
    wanted = targets(ruled_out=True)
    assert torch.isinf(wanted.child_log).sum() == 4
    loss = soft_loss(values, wanted, temperature, OBJECTIVES[name])
    (gradient,) = torch.autograd.grad(loss.choice + loss.validity, values)
    assert math.isfinite(loss.choice.item()) and torch.isfinite(gradient).all()
    # The teacher's No is taught: a ruled-out child's logit is pushed down.
    if name.endswith("forward-kl"):
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


@pytest.mark.parametrize("name", OBJECTIVES)
def test_low_precision_is_lifted_before_sums(name):
    values = logits().detach().bfloat16()
    loss = soft_loss(values, targets(), 1.0, OBJECTIVES[name])
    assert loss.choice.dtype == torch.float32
    exact = soft_loss(values.double(), targets(), 1.0, OBJECTIVES[name])
    assert loss.choice.item() == pytest.approx(exact.choice.item(), rel=1e-5)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_nothing_at_all_costs_nothing(name):
    nowhere = logits()[:0]
    loss = soft_loss(nowhere, node_targets([], []), 2.0, OBJECTIVES[name])
    assert (loss.choice.item(), loss.validity.item()) == (0.0, 0.0)
    none = torch.zeros(0, dtype=torch.long)
    assert hard_loss(nowhere, none, none.double()).item() == 0.0


def test_ragged_sums_hold_against_huge_values():
    values = torch.tensor([1000.0, 1001.0, -torch.inf, -1000.0], dtype=torch.float64)
    found = ragged_logsumexp(values, torch.tensor([0, 0, 1, 1]), 2)
    assert found.tolist() == pytest.approx([1001 + math.log1p(math.exp(-1)), -1000.0], rel=1e-12)
