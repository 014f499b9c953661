"""What the words of the paths say to a question, as scores of a policy's choices."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.teacher.absence import NONE
from core.teacher.path_distributions import logsumexp_by
from core.teacher.tree_batches import TreeBatch


class Listening(nn.Module):
    """What the words of the paths say to a question, as scores of all that may follow a node.

    With s(u) the cosine of the question with the path to u in words, and one learned scale b, every
    path and every absence of a tree gets the weight exp(b s), and a node the sum of the weights at
    and below it. As scores of the node's choices these make the policy the softmax over the whole
    tree: what is meant three hops on pulls at the first. *None of these* has the weight of a
    learned cosine.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(3.0))
        self.none = nn.Parameter(torch.tensor(0.4))

    def forward(self, batch: TreeBatch, nodes: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of choices.

        Args:
            batch: The trees.
            nodes: `(children,)` nodes that may be chosen.
            which: `(scored,)` absent alternatives that may be.

        Returns:
            `(children + scored,)` and, for stopping, `(inner,)`; float64.
        """
        scale = self.log_scale.double().exp()
        stop = scale * batch.spoken
        lost = scale * batch.absent_spoken
        named = (batch.absent != NONE).nonzero().squeeze(1)
        # From the deepest level up: a node weighs what it is and what is below it.
        whole = logsumexp_by(
            torch.cat([torch.arange(len(stop), device=stop.device), batch.lacking[named]]),
            torch.cat([stop, lost[named]]),
            len(stop),
        )
        for depth in range(len(batch.levels) - 2, 0, -1):
            level = torch.arange(batch.levels[depth], batch.levels[depth + 1], device=stop.device)
            above = batch.levels[depth - 1]
            parents = torch.arange(above, batch.levels[depth], device=stop.device)
            sums = logsumexp_by(
                torch.cat([parents, batch.parent[level]]) - above,
                torch.cat([whole[parents], whole[level]]),
                len(parents),
            )
            whole = whole.index_copy(0, parents, sums)
        absent = torch.where(batch.absent == NONE, scale * self.none.double(), lost)
        return torch.cat([whole[nodes], absent[which]]), stop[batch.inner]
