"""All weights of a student learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Whole:
    """The student as it is."""

    freezes: bool = False

    def begin(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        """The same model."""
        return model

    def finish(self, model: PreTrainedModel, folder: Path) -> PreTrainedModel:
        """The same model."""
        return model
