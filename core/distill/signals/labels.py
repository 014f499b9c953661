"""The teacher's soft labels: its choice at each node of the trie, L_soft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.distill.losses import NodeTargets, Objective, soft_loss
from core.distill.schedules import Hyperparameters
from core.distill.signals.signal import Number, Outputs, Placed
from core.distill.soft_targets import node_targets


class Labels:
    """L_soft, weighted by 1 - alpha.

    Args:
        objective: See `soft_loss`; split with the forward KL where it is not given.
    """

    name = "soft"
    at = "soft_at"

    def __init__(self, objective: Objective | None = None) -> None:
        self.objective = objective or Objective()

    def columns(self, rows: Sequence[Placed]) -> dict[str, Tensor]:
        """`soft_at`, `(nodes,)`, and the fields of `NodeTargets`."""
        nodes = [
            (begin + place, choice, weight)
            for begin, row in rows
            for place, choice, weight in row.soft_steps()
        ]
        targets = node_targets([c for _, c, _ in nodes], [weight for _, _, weight in nodes])
        at = torch.tensor([at for at, _, _ in nodes], dtype=torch.long)
        return {"soft_at": at, **vars(targets)}

    def sums(
        self, student: Outputs, batch: Mapping[str, Tensor], hyperparameters: Hyperparameters
    ) -> dict[str, Tensor]:
        """`choice`, with its factor T^2, and `validity`, without lambda."""
        names = ("weight", "child_node", "child_token", "child_log")
        targets = NodeTargets(*(batch[name] for name in names))
        divergence = replace(self.objective.divergence, beta=hyperparameters.beta)
        objective = replace(self.objective, divergence=divergence)
        temperature = hyperparameters.temperature
        soft = soft_loss(student.log_probs, batch["soft_at"], targets, temperature, objective)
        return {"choice": soft.choice, "validity": soft.validity}

    def value(self, parts: Mapping[str, Number], hyperparameters: Hyperparameters) -> Number:
        """L_soft."""
        return parts["choice"] + hyperparameters.validity * parts["validity"]

    def weight(self, hyperparameters: Hyperparameters) -> float:
        """1 - alpha."""
        return 1 - hyperparameters.alpha
