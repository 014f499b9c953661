"""The distillation objective, node by node of the path trie.

For one question, with u a trie node, M(u) the teacher's mass through it, C(u) its children, l the
student's logits at u, A(u) the student's (untempered) mass on C(u), and p_T the teacher's choice
among C(u):

    L        = alpha * L_hard + (1 - alpha) * L_soft
    L_hard   = mean over gold paths of  - sum over tokens of  log p_S(token)
    L_soft   = sum_u M(u) * [ T^2 * KL( p_T^(T) || softmax(l_C(u) / T) )  -  lambda * log A(u) ]
                              choice                                        validity

p^(T) is p^(1/T) renormalised. At T = 1 and lambda = 1, L_soft is exactly the KL between the
teacher's and the student's distributions over whole paths (over the paths and buckets that the
label spells). T softens the choice among paths that exist, never the validity: flattening the
whole vocabulary would ask the student for huge logit gaps just to keep its mass on the trie.

This is the `split` objective. Another divergence of `core.distill.divergences` may stand where KL
stands above. The `token` objective is the textbook's instead, over the whole vocabulary:

    L_soft   = sum_u M(u) * T^2 * KL( p_T^(T) || softmax(l / T) )

which at T = 1 is the same as split with lambda = 1, and at T > 1 makes a teacher's zero hard to
match.

Nothing here divides by the number of rows, tokens or devices: callers sum over the questions of a
whole optimizer step and divide by their number, which is what makes the loss independent of
padding, of how a batch is split, and of the world size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from core.distill.divergences import Divergence


@dataclass(frozen=True, eq=False)
class NodeTargets:
    """The teacher's choices at a batch of trie nodes, ragged.

    Attributes:
        weight: `(nodes,)` float64, how much each node counts: M(u), or 1 on a path sampled from the
            teacher, whose expectation is the same.
        child_node: `(children,)` the node that each child belongs to, ascending.
        child_token: `(children,)` its token id.
        child_log: `(children,)` float64 log p_T(child | node); -inf for one the teacher rules out.
    """

    weight: Tensor
    child_node: Tensor
    child_token: Tensor
    child_log: Tensor


@dataclass(frozen=True)
class Objective:
    """What L_soft is made of; see the module's text."""

    level: Literal["split", "token"] = "split"
    divergence: Divergence = field(default_factory=Divergence)


@dataclass(frozen=True, eq=False)
class SoftLoss:
    """The two parts of L_soft, each summed over nodes with their weights.

    The token objective has one part, `choice`; its validity is zero.
    """

    choice: Tensor
    validity: Tensor


def student_log_probs(logits: Tensor) -> Tensor:
    """The student's log-probabilities at T = 1: the logits normalised, in float32 at least.

    Both terms of the loss read them, and the softened choices too, which do not change when all
    logits at a node are shifted. A large vocabulary is so gone over once, not once for each term.
    """
    wide = torch.promote_types(logits.dtype, torch.float32)
    return torch.log_softmax(logits, dim=-1, dtype=wide)


def soft_loss(
    log_probs: Tensor,
    at: Tensor,
    targets: NodeTargets,
    temperature: float,
    objective: Objective | None = None,
) -> SoftLoss:
    """Choice and validity of a batch of trie nodes; see the module's text.

    Args:
        log_probs: `(positions, vocabulary)` what the student says: `student_log_probs`.
        at: `(nodes,)` the position of each node.
        targets: The teacher's choices at the nodes.
        temperature: T > 0.
        objective: Split with the forward KL where it is not given.

    Returns:
        The weighted sums; `choice` holds the factor T^2, `validity` is without lambda.
    """
    objective = objective or Objective()
    nodes, owner = len(at), targets.child_node
    weight = targets.weight.to(log_probs.dtype)
    sharp = targets.child_log.to(log_probs.dtype) / temperature
    teacher = sharp - ragged_logsumexp(sharp, owner, nodes)[owner]
    if objective.level == "token":
        each = _over_vocabulary(log_probs, at, targets, temperature, teacher, objective.divergence)
        return SoftLoss(temperature**2 * (weight * each).sum(), weight.new_zeros(()))
    legal = log_probs[at[owner], targets.child_token]
    validity = -ragged_logsumexp(legal, owner, nodes)
    softened = legal / temperature
    student = softened - ragged_logsumexp(softened, owner, nodes)[owner]
    terms = objective.divergence.terms(teacher, student, _siblings(targets, nodes))
    choice = legal.new_zeros(nodes).index_add(0, owner, terms)
    return SoftLoss(temperature**2 * (weight * choice).sum(), (weight * validity).sum())


def _over_vocabulary(
    log_probs: Tensor,
    at: Tensor,
    targets: NodeTargets,
    temperature: float,
    teacher: Tensor,
    divergence: Divergence,
) -> Tensor:
    """The divergence at each node with every token as an alternative: `(nodes,)`."""
    student = torch.log_softmax(log_probs / temperature, dim=-1)
    size = torch.tensor(log_probs.shape[1], device=log_probs.device)
    if divergence.follows_teacher:
        said = student[at[targets.child_node], targets.child_token]
        terms = divergence.terms(teacher, said, size)
        return student.new_zeros(len(at)).index_add(0, targets.child_node, terms)
    student = student[at]
    whole = torch.full_like(student, -torch.inf)
    whole[targets.child_node, targets.child_token] = teacher
    return divergence.terms(whole, student, size).sum(-1)


def _siblings(targets: NodeTargets, nodes: int) -> Tensor:
    """How many children each child's node has: `(children,)`."""
    return torch.bincount(targets.child_node, minlength=nodes)[targets.child_node]


def hard_loss(log_probs: Tensor, at: Tensor, tokens: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy with gold tokens: the sum of `- weight * log p_S(token)`.

    Args:
        log_probs: `(positions, vocabulary)` what the student says: `student_log_probs`.
        at: `(n,)` the position before each gold token.
        tokens: `(n,)` their ids.
        weight: `(n,)`, e.g. one over the question's number of gold paths.
    """
    return -(weight.to(log_probs.dtype) * log_probs[at, tokens]).sum()


def ragged_logsumexp(values: Tensor, owner: Tensor, count: int) -> Tensor:
    """Log of the sum of exponentials of each owner's values: `(count,)`.

    Args:
        values: `(n,)`; each owner has at least one finite value.
        owner: `(n,)` in 0..count - 1.
        count: Number of owners.
    """
    top = values.new_full((count,), -torch.inf).scatter_reduce(0, owner, values.detach(), "amax")
    return top + torch.log(
        values.new_zeros(count).index_add(0, owner, torch.exp(values - top[owner]))
    )
