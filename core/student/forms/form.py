"""What every form can do."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Form(Protocol):
    """What is done to a student before it learns, and after.

    Attributes:
        freezes: Whether the student's own weights stay as they are, so that fewer bits will do.
    """

    @property
    def freezes(self) -> bool: ...

    def begin(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        """The model that will learn; only its parameters that require a gradient do."""

    def finish(self, model: PreTrainedModel, folder: Path) -> PreTrainedModel:
        """The plain model that it has become; what else is worth keeping goes into the folder.

        The model that learned may be taken apart by this and learns no more.
        """
