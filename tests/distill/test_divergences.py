"""Divergences between two choices: against their formulas, at their ends, near agreement."""

import math

import numpy as np
import pytest
import torch

from core.distill.divergences import UNIFORM_MIX, Divergence
from tests.objectives import DIVERGENCES

FOUR = torch.tensor(4)


def choices(seed=0, zeros=False):
    draw = np.random.default_rng(seed)
    p, q = draw.dirichlet(np.ones(4)), draw.dirichlet(np.ones(4))
    if zeros:
        p = np.array([0.0, 0.7, 0.3, 0.0])
    return p, q


def value(divergence, p, q, dtype=torch.float64):
    with np.errstate(divide="ignore"):
        logs = [torch.tensor(np.log(each), dtype=dtype) for each in (p, q)]
    return divergence.terms(*logs, FOUR).sum().item()


def kl(p, q):
    return sum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def by_formula(divergence, p, q):
    if divergence.kind == "forward-kl":
        return kl(p, q)
    s, b = divergence.skew, divergence.beta
    if divergence.kind == "skew-kl":
        return kl(p, s * p + (1 - s) * q)
    p, q = ((1 - UNIFORM_MIX) * each + UNIFORM_MIX / 4 for each in (p, q))
    if divergence.kind == "skew-reverse-kl":
        return kl(q, (1 - s) * p + s * q)
    if divergence.kind == "reverse-kl" or b == 1:
        return kl(q, p)
    if b == 0:
        return kl(p, q)
    m = b * p + (1 - b) * q
    return (b * kl(p, m) + (1 - b) * kl(q, m)) / (b * (1 - b))


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("name", DIVERGENCES)
def test_each_is_its_formula(name, zeros):
    for seed in range(3):
        p, q = choices(seed, zeros)
        expected = by_formula(DIVERGENCES[name], p, q)
        assert value(DIVERGENCES[name], p, q) == pytest.approx(expected, rel=1e-11)
        assert expected > 0.01


@pytest.mark.parametrize("name", DIVERGENCES)
def test_agreement_is_zero_even_where_the_teacher_rules_out(name):
    for zeros in (False, True):
        p, _ = choices(1, zeros)
        assert value(DIVERGENCES[name], p, p) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_jsd_has_no_jump_at_its_ends(seed, zeros):
    p, q = choices(seed, zeros)
    for end, inward in ((0.0, 1), (1.0, -1)):
        at = value(Divergence("jsd", beta=end), p, q)
        gaps = [
            abs(value(Divergence("jsd", beta=end + inward * step), p, q) - at)
            for step in (1e-3, 1e-5, 1e-7, 1e-9)
        ]
        # Where the teacher rules out, the slope at the end is of the order of 1 / UNIFORM_MIX.
        assert gaps == sorted(gaps, reverse=True) and gaps[-1] < (1e-3 if zeros else 1e-6) * at
    reverse = value(Divergence("reverse-kl"), p, q)
    assert value(Divergence("jsd", beta=1.0), p, q) == reverse
    assert value(Divergence("jsd", beta=0.0), p, q) == pytest.approx(kl(p, q), abs=1e-4)


def test_jsd_close_to_its_ends_holds_in_single_precision():
    p, q = choices(2)
    for beta in (1e-6, 1e-4, 1 - 1e-4):
        exact = value(Divergence("jsd", beta=beta), p, q)
        single = value(Divergence("jsd", beta=beta), p, q, torch.float32)
        assert single == pytest.approx(exact, rel=2e-4)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_all_agree_to_second_order_near_agreement(name):
    """D(p || p + h) -> scale / 2 * sum of h^2 / p: so alpha means the same under all of them."""
    divergence = DIVERGENCES[name]
    scale = (1 - divergence.skew) ** 2 if "skew" in name else 1.0
    p = np.array([0.4, 0.3, 0.2, 0.1])
    h = 1e-4 * np.array([1.0, -2.0, 0.5, 0.5])
    expected = scale / 2 * (h**2 / p).sum()
    assert value(divergence, p, p + h) == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize("kind", ["reverse-kl", "jsd", "skew-reverse-kl"])
def test_a_ruled_out_alternative_costs_much_but_not_infinitely(kind):
    teacher = torch.tensor([-math.inf, 0.0], dtype=torch.float64)
    student = torch.tensor([0.5, 0.5], dtype=torch.float64).log().requires_grad_()
    terms = Divergence(kind).terms(teacher, student, torch.tensor(2))
    assert 0 < terms.sum().item() <= 0.5 * math.log(0.5 / (UNIFORM_MIX / 2)) + 1
    (gradient,) = torch.autograd.grad(terms.sum(), student)
    assert torch.isfinite(gradient).all() and gradient[0] > gradient[1]


def test_forward_kl_prefers_to_cover_and_reverse_kl_to_keep_to_one_mode():
    p = np.array([0.495, 0.495, 0.005, 0.005])
    one_mode = np.array([0.985, 0.005, 0.005, 0.005])
    spread = np.array([0.25, 0.25, 0.25, 0.25])
    assert value(Divergence("forward-kl"), p, spread) < value(Divergence("forward-kl"), p, one_mode)
    assert value(Divergence("reverse-kl"), p, spread) > value(Divergence("reverse-kl"), p, one_mode)
