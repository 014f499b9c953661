"""The exact distributions over a batch of trees that a policy induces, and the losses on them.

At every node a softmax over its children, STOP and what is absent there; products of these down the
tree (see `path_policy`). All in float64: masses of deep paths are small.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.teacher.tree_batches import TreeBatch


@dataclass(frozen=True, eq=False)
class PathLogits:
    """What the policy scores before it is normalised, in float64.

    Attributes:
        choose: `(children,)` score of each node whose parent is an inner node.
        children: `(children,)` these nodes.
        stop: `(inner,)` score of STOP; -inf at roots.
        attention: `(inner, words)` the words that each node's prefix looks at next.
        absent: `(scored,)` scores of absent alternatives.
        which: `(scored,)` their place among the batch's.
        counting: `(scored,)` log of how many alternatives each stands for.
    """

    choose: Tensor
    children: Tensor
    stop: Tensor
    attention: Tensor
    absent: Tensor
    which: Tensor
    counting: Tensor


@dataclass(frozen=True, eq=False)
class PathScores:
    """Exact log-probabilities over a batch of trees, in float64; rows follow the batch's nodes.

    Attributes:
        choice: `(nodes,)` log p(node | parent); 0 at roots, -inf below open nodes.
        mass: `(nodes,)` log M(node).
        path: `(nodes,)` log P(path that ends at node).
        missing: `(scored,)` log P(what is absent is what the question looks for); with the paths
            and the masses of open nodes it sums to one over each tree.
        which: `(scored,)` place of each among the batch's absent alternatives.
        attention: `(inner, words)` the words that each inner node's prefix looks at next.
    """

    choice: Tensor
    mass: Tensor
    path: Tensor
    missing: Tensor
    which: Tensor
    attention: Tensor


def normalised(batch: TreeBatch, logits: PathLogits, temperature: Tensor) -> PathScores:
    """Softmax over siblings, STOP and what is absent, then products down; float64 throughout.

    Args:
        batch: The trees.
        logits: What the policy scored.
        temperature: Divides every score: above 1 the policy is less sure of each choice.
    """
    choose, stop = logits.choose / temperature, logits.stop / temperature
    parent = batch.inside[batch.parent[logits.children]]
    absent, lacking = logits.absent / temperature, batch.lacking[logits.which]
    every = torch.cat([choose, absent + logits.counting])
    above = torch.cat([parent, batch.inside[lacking]])
    top = stop.detach().scatter_reduce(0, above, every.detach(), "amax")
    total = torch.exp(stop - top).index_add(0, above, torch.exp(every - top.index_select(0, above)))
    whole = top + torch.log(total)
    nodes = len(batch.parent)
    choice = choose.new_full((nodes,), -torch.inf)
    choice = choice.index_fill(0, torch.arange(batch.levels[1], device=choice.device), 0.0)
    choice = choice.index_copy(0, logits.children, choose - whole.index_select(0, parent))
    masses = [choice[: batch.levels[1]]]
    for depth in range(1, len(batch.levels) - 1):
        level = slice(batch.levels[depth], batch.levels[depth + 1])
        at = batch.parent[level] - batch.levels[depth - 1]
        masses.append(masses[-1].index_select(0, at) + choice[level])
    mass = torch.cat(masses)
    # A node with nothing to choose can only stop; an open one has yet to say.
    ends = choose.new_zeros(nodes).masked_fill(batch.open, -torch.inf)
    ends = ends.index_copy(0, batch.inner, stop - whole)
    missing = mass.index_select(0, lacking) + absent
    missing = missing - whole.index_select(0, batch.inside[lacking])
    return PathScores(choice, mass, mass + ends, missing, logits.which, logits.attention)


def path_loss(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """Mean of `path_losses` over the questions."""
    return path_losses(scores, batch, gold).mean()


def path_losses(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """How badly the policy explains what is known of each question: `(questions,)`.

        gold paths known:   - sum over gold paths of  w(path) log P(path)
        answers known:      - log sum over paths of  P(path) * F1(frontier, answers)
        known to be lacking: - log sum over what is sought of  P(it is missing)

    The first is cross-entropy with the gold paths, so that a question with two right paths keeps
    both. Of several alternatives some may be wrong: w is proportional to F1(frontier, answers), so
    one that misses the answers teaches nothing beside one that reaches them; where none does, or no
    answer is known, all weigh alike. The second asks only that mass ends where the answers are, and
    is infinite where no path reaches any. The third is for what the graph does not answer.

    Args:
        scores: The policy's scores of the batch.
        batch: The batch.
        gold: `(questions,)` bool, which questions learn from their gold paths; they need one.
    """
    right = torch.where(batch.gold, batch.match, 0.0)
    reached = _per_question(right, batch) > 0
    weight = torch.where(reached[batch.question], right, batch.gold.double())
    from_gold = -_per_question(weight * torch.where(weight > 0, scores.path, 0.0), batch)
    from_gold = from_gold / _per_question(weight, batch).clamp(min=1e-12)
    # The branch that is not taken must be finite too, or its gradient would be 0 * inf.
    reward = torch.where(gold[batch.question], batch.gold.double(), batch.match)
    inside = torch.where(reward > 0, scores.path + torch.log(reward.clamp(min=1e-12)), -torch.inf)
    sought = batch.sought[scores.which]
    place = batch.question[batch.lacking[scores.which[sought]]]
    from_absence = -logsumexp_by(place, scores.missing[sought], batch.questions)
    unanswered = torch.zeros_like(gold).index_fill(0, place, True) & ~gold
    from_answers = -per_question_logsumexp(
        torch.where(unanswered[batch.question], 0.0, inside), batch
    )
    from_absence = torch.where(unanswered, from_absence, 0.0)
    return torch.where(unanswered, from_absence, torch.where(gold, from_gold, from_answers))


def _per_question(values: Tensor, batch: TreeBatch) -> Tensor:
    return values.new_zeros(batch.questions).index_add(0, batch.question, values)


def per_question_logsumexp(values: Tensor, batch: TreeBatch) -> Tensor:
    """Log of the sum of exponentials over each question's nodes: `(questions,)`, -inf if empty."""
    return logsumexp_by(batch.question, values, batch.questions)


def logsumexp_by(group: Tensor, values: Tensor, groups: int) -> Tensor:
    """Log of the sum of exponentials of the values of each group: `(groups,)`, -inf if empty."""
    top = values.new_full((groups,), -torch.inf)
    top = top.scatter_reduce(0, group, values.detach(), "amax").clamp(min=-1e300)
    sums = values.new_zeros(groups).index_add(
        0, group, torch.exp(values - top.index_select(0, group))
    )
    return top + torch.log(sums)
