"""The state of a language model that has read some prefixes, and reads on token by token.

Rows may be dropped, repeated and reordered between steps, as a search needs it; what was read is
kept in the model's own cache of keys and values and never read twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel


class CachedModel:
    """A model with what it has read, one row per prefix.

    Attributes:
        logits: `(rows, vocabulary)` for the next token of each row.
    """

    logits: Tensor

    def __init__(self, model: PreTrainedModel, prompts: Sequence[list[int]]) -> None:
        self._model = model
        longest = max(map(len, prompts))
        pad = int(model.config.pad_token_id)
        ids = [[pad] * (longest - len(prompt)) + prompt for prompt in prompts]
        real = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        self._real = torch.tensor(real, device=model.device)
        self._cache: Any = None
        plain = model.get_base_model() if isinstance(model, PeftModel) else model
        self._takes = inspect.signature(plain.forward).parameters
        self._run(torch.tensor(ids, device=model.device))

    def read(self, rows: Sequence[int], tokens: Sequence[int]) -> None:
        """Read one token after each of some rows, which become the rows from now on."""
        if list(rows) != list(range(len(self._real))):
            chosen = torch.tensor(rows, device=self._real.device)
            self._real = self._real[chosen]
            self._cache.reorder_cache(chosen)
        self._real = torch.cat([self._real, self._real.new_ones(len(rows), 1)], dim=1)
        self._run(torch.tensor(tokens, device=self._real.device)[:, None])

    def _run(self, ids: Tensor) -> None:
        places = (self._real.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        wanted = {"position_ids": places, "logits_to_keep": 1}
        output = self._model(
            input_ids=ids,
            attention_mask=self._real,
            past_key_values=self._cache,
            use_cache=True,
            **{name: value for name, value in wanted.items() if name in self._takes},
        )
        self._cache = output.past_key_values
        self.logits = output.logits[:, -1]
