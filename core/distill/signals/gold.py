"""Gold paths: cross-entropy with each of their tokens, L_hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.distill.losses import hard_loss
from core.distill.schedules import Hyperparameters
from core.distill.signals.signal import Number, Outputs, Placed


class Gold:
    """L_hard, weighted by alpha."""

    name = "hard"
    at = "hard_at"

    def columns(self, rows: Sequence[Placed]) -> dict[str, Tensor]:
        """`hard_at`, `hard_tokens`, `hard_weight`: `(steps,)` along gold paths."""
        steps = [(begin + place, *step) for begin, row in rows for place, *step in row.hard_steps()]
        return {
            "hard_at": torch.tensor([at for at, _, _ in steps], dtype=torch.long),
            "hard_tokens": torch.tensor([token for _, token, _ in steps], dtype=torch.long),
            "hard_weight": torch.tensor([weight for _, _, weight in steps], dtype=torch.float64),
        }

    def sums(
        self, student: Outputs, batch: Mapping[str, Tensor], hyperparameters: Hyperparameters
    ) -> dict[str, Tensor]:
        """`hard`."""
        told = batch["hard_at"], batch["hard_tokens"], batch["hard_weight"]
        return {"hard": hard_loss(student.log_probs, *told)}

    def value(self, parts: Mapping[str, Number], hyperparameters: Hyperparameters) -> Number:
        """L_hard."""
        return parts["hard"]

    def weight(self, hyperparameters: Hyperparameters) -> float:
        """Alpha."""
        return hyperparameters.alpha
