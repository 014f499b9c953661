"""Learn with weights of 8 bits: what is computed with is rounded, what learns is not.

    block of 32 weights w   ->   d q,   d = max |w| / 127 as float16,   q = round(w / max |w| * 127)

This is Q8_0, the format in which a student can be exported for llama.cpp, so that such an export
has just the weights that the student learned to do with. Rounding has no slope; the gradient passes
it as if it were not there (Bengio et al., "Estimating or Propagating Gradients Through Stochastic
Neurons", 2013). Vectors, and matrices whose rows are no whole blocks, stay as they are, as in the
export.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from transformers import PreTrainedModel, PreTrainedTokenizerBase

BLOCK = 32
MOST = 127
"""The largest whole number that 8 bits hold with a sign."""


@dataclass(frozen=True)
class Bits:
    """All weights of a student learn, rounded to 8 bits wherever they are used."""

    freezes: bool = False

    def begin(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        """The same model, in which every matrix is read rounded."""
        for layer in _layers(model):
            parametrize.register_parametrization(layer, "weight", Rounded())
        return model

    def finish(self, model: PreTrainedModel, folder: Path) -> PreTrainedModel:
        """The plain model with its weights rounded for good."""
        for layer in _layers(model):
            parametrize.remove_parametrizations(layer, "weight")
        return model


class Rounded(nn.Module):
    """A matrix rounded on the way forward, and its gradient untouched on the way back."""

    def forward(self, weight: Tensor) -> Tensor:
        """`(rows, columns)`, of the same type."""
        return weight + (rounded(weight.detach()) - weight.detach())


def rounded(weight: Tensor) -> Tensor:
    """A matrix in the numbers that Q8_0 has; halves are rounded away from zero, as it does."""
    blocks: Tensor = weight.float().unflatten(-1, (-1, BLOCK))
    step = blocks.abs().amax(-1, keepdim=True) / MOST
    inverse = torch.where(step == 0, 0.0, 1 / step)
    scaled = (blocks * inverse).abs()
    whole = scaled.floor() + (2 * (scaled - scaled.floor())).floor()
    return (blocks.sign() * whole * step.half().float()).flatten(-2).to(weight.dtype)


def _layers(model: PreTrainedModel) -> list[nn.Module]:
    """The layers whose weight is a matrix of whole blocks."""
    kinds = (nn.Linear, nn.Embedding)
    return [
        layer
        for layer in model.modules()
        if isinstance(layer, kinds) and layer.weight.shape[-1] % BLOCK == 0
    ]
