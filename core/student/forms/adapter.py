"""Low-rank adapters (LoRA): learn a few small matrices beside frozen weights.

    W x  ->  W x + (2r / r) B A x        A: (r, in), B: (out, r), starting at B = 0

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021). The path marks are new to
the model, so their embeddings learn too, row by row, and nothing else of the vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.student.prompts import ABSENT, HOP, NONE, PATH, STOP, TOPIC, token_id

ADAPTER = "adapter"
"""Folder of a student's adapter in its own."""


@dataclass(frozen=True)
class Adapter:
    """The student learns through small matrices of a rank."""

    rank: int
    freezes: bool = True

    def begin(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
        """The model with an adapter."""
        # What it returns hands on to the model within whatever that can do.
        return add_adapter(model, tokenizer, self.rank)  # type: ignore[return-value]

    def finish(self, model: PreTrainedModel, folder: Path) -> PreTrainedModel:
        """The model with the adapter added into its weights; it is written into `adapter/` too."""
        adapted: Any = model  # as `begin` made it
        adapted.save_pretrained(folder / ADAPTER, save_embedding_layers=False)
        merged: PreTrainedModel = adapted.merge_and_unload()
        return merged


def add_adapter(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rank: int) -> PeftModel:
    """The model with LoRA beside every linear layer; only that and the marks' rows will learn."""
    marks = [token_id(tokenizer, mark) for mark in (TOPIC, PATH, HOP, STOP, ABSENT, NONE)]
    wanted = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,  # it would keep a copy of what every layer reads
        target_modules="all-linear",
        trainable_token_indices=dict.fromkeys(_vocabulary(model), [*marks, tokenizer.pad_token_id]),
    )
    return get_peft_model(model, wanted)


def _vocabulary(model: PreTrainedModel) -> list[str]:
    """Names of the layers that hold a row for each token; one where both ends share it."""
    layers = {id(model.get_input_embeddings()): model.get_input_embeddings()}
    output = model.get_output_embeddings()
    if output is not None and output.weight is not model.get_input_embeddings().weight:
        layers[id(output)] = output
    return [name for name, module in model.named_modules() if id(module) in layers]
