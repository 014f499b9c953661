"""Divergences between a teacher's and a student's choice, as sums over alternatives.

With p the teacher's and q the student's probabilities of the alternatives at one node:

    forward-kl         KL(p || q)                    covers all that the teacher may say
    reverse-kl         KL(q || p)                    says only what the teacher may say
    jsd                [b KL(p || m) + (1 - b) KL(q || m)] / (b (1 - b)),   m = b p + (1 - b) q
    skew-kl            KL(p || s p + (1 - s) q)
    skew-reverse-kl    KL(q || (1 - s) p + s q)

b is `beta`, s is `skew` (DistiLLM, arXiv:2402.03898). The generalised Jensen-Shannon divergence as
usually written vanishes at b = 0 and b = 1; divided by b (1 - b) it runs from the forward KL to the
reverse KL without a jump, and near p = q it equals them whatever b is.

Where q log p stands, a teacher's zero would cost infinity. There (reverse-kl, jsd, skew-reverse-kl)
both p and q are first mixed with `UNIFORM_MIX` of the uniform distribution, which keeps the
divergence finite, and zero exactly where p = q.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Kind = Literal["forward-kl", "reverse-kl", "jsd", "skew-kl", "skew-reverse-kl"]

UNIFORM_MIX = 1e-6
"""Share of the uniform distribution in both sides where a teacher's zero must not be infinite."""


@dataclass(frozen=True)
class Divergence:
    """A divergence with its shape parameters.

    Attributes:
        kind: Which one; see the module's text.
        beta: b of `jsd`, 0 to 1.
        skew: s of the skew divergences, 0 to less than 1.
    """

    kind: Kind = "forward-kl"
    beta: float = 0.5
    skew: float = 0.1

    @property
    def follows_teacher(self) -> bool:
        """Whether only alternatives count to which the teacher gives mass."""
        return self.kind in ("forward-kl", "skew-kl")

    def terms(self, teacher: Tensor, student: Tensor, count: Tensor) -> Tensor:
        """Each alternative's share of the divergence.

        Args:
            teacher: log p, -inf where the teacher rules an alternative out; any shape.
            student: log q, of the same shape.
            count: How many alternatives there are at the alternative's node; broadcastable.

        Returns:
            Terms of the same shape, whose sum over a node's alternatives is its divergence.
        """
        if self.follows_teacher:
            mixed = _mixture(teacher, student, self.skew) if self.kind == "skew-kl" else student
            p = torch.exp(teacher)
            # 0 * log 0 = 0: a ruled-out alternative adds nothing, whatever the student thinks.
            return torch.where(p > 0, p * (teacher - mixed), 0.0)
        p, q = _mixed_with_uniform(teacher, count), _mixed_with_uniform(student, count)
        if self.kind == "skew-reverse-kl":
            return torch.exp(q) * (q - _mixture(q, p, self.skew))
        if self.kind == "reverse-kl" or self.beta == 1:
            return torch.exp(q) * (q - p)
        if self.beta == 0:
            return torch.exp(p) * (p - q)
        # log p - log m and log q - log m, without the difference of nearly equal numbers.
        inside, outside = math.log(self.beta), math.log1p(-self.beta)
        from_teacher = -torch.logaddexp(_like(p, inside), q - p + outside)
        from_student = -torch.logaddexp(_like(p, outside), p - q + inside)
        first = torch.exp(p) * from_teacher / (1 - self.beta)
        return first + torch.exp(q) * from_student / self.beta


def _mixture(one: Tensor, other: Tensor, share: float) -> Tensor:
    """Log of `share` of one and the remainder of the other, both given as logs."""
    if share == 0:
        return other
    return torch.logaddexp(one + math.log(share), other + math.log1p(-share))


def _mixed_with_uniform(log: Tensor, count: Tensor) -> Tensor:
    uniform = math.log(UNIFORM_MIX) - torch.log(count.to(log.dtype))
    return torch.logaddexp(log + math.log1p(-UNIFORM_MIX), uniform.expand_as(log))


def _like(values: Tensor, constant: float) -> Tensor:
    return torch.full_like(values, constant)
