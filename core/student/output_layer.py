"""Logits only where somebody reads them.

With a large vocabulary the output layer is most of what a small model computes and nearly all that
it keeps in memory, and neither a loss nor a score reads it in the prompt or in the padding. The
positions are picked on the way into the layer, so that whatever wraps the model (an adapter,
several processes) and whatever it does to its logits afterwards (scaling, capping) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass
class Picked:
    """What went into the output layer.

    Attributes:
        states: `(positions, width)`, the last hidden states at the positions; None before the
            model has read anything.
    """

    states: Tensor | None = None


@contextmanager
def logits_only_at(model: Any, at: Tensor) -> Iterator[Picked]:
    """Within, a causal language model's logits are `(1, positions, vocabulary)`.

    Args:
        model: The model itself, not what several processes wrap it in.
        at: `(positions,)` flat positions in the rows that it will read: row * length + column.
    """
    picked = Picked()

    def pick(_: torch.nn.Module, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        picked.states = states[0].flatten(0, 1).index_select(0, at)
        return (picked.states[None], *states[1:])

    hook = model.get_output_embeddings().register_forward_pre_hook(pick)
    try:
        yield picked
    finally:
        hook.remove()
