"""Pretrained students: any Hugging Face causal language model by hub id, folder, file or preset.

The path marks become new tokens of the model's own vocabulary, so that no text can produce them and
a path has one spelling under every tokenizer; and it reads questions in the normal form. Everything
else of the model stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

from core.pretrained.models.language_models import load_language_model, moved
from core.student.normal_form import with_normal_form
from core.student.prompts import ABSENT, HOP, NONE, PATH, STOP, TOPIC

PAD = "<pad>"


def load_pretrained(
    name: str, models: Path, dtype: torch.dtype = torch.float32
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A causal language model with the path marks added.

    Args:
        name: A preset, a hub id, a folder, or a GGUF file.
        models: Where a preset's weights are kept if they come from the package index.
        dtype: Type of the weights.

    Raises:
        NotFound: If there is no such model, here or on the hub.
        FormatError: If its files cannot be read, or must not be.
    """
    model, tokenizer = load_language_model(name, models)
    _add_marks(model, tokenizer)
    return moved(model, dtype), with_normal_form(tokenizer)


def _add_marks(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Make room for the marks; their embeddings begin at the mean of all others.

    A tokenizer without padding gets a token for it. The model's own ways of generating (sampling,
    penalties) go: a path is said as it is.
    """
    known = len(tokenizer)
    marks = [TOPIC, PATH, HOP, ABSENT, NONE]
    new: dict[str, Any] = {"additional_special_tokens": marks, "eos_token": STOP}
    if tokenizer.pad_token is None:
        new["pad_token"] = PAD
    tokenizer.add_special_tokens(new)
    if len(tokenizer) > len(_vocabulary_matrices(model)[0]):  # some have spare rows
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    _start_at_the_mean(model, known, len(tokenizer))
    model.config.bos_token_id = None
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.eos_token_id = tokenizer.eos_token_id
    model.generation_config = GenerationConfig(
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id
    )


@torch.no_grad()
def _start_at_the_mean(model: PreTrainedModel, known: int, size: int) -> None:
    """Give rows `known` to `size` of the embeddings the mean of all before, and a little noise.

    Hewitt, "Initializing New Word Embeddings for Pretrained Language Models" (2021): a random start
    puts new tokens far above or below all others. The noise tells them apart.
    """
    for weight in {id(one): one for one in _vocabulary_matrices(model)}.values():
        old, new = weight[:known], weight[known:size]
        new.copy_(old.mean(0) + 0.1 * old.std(0) * torch.randn(new.shape, dtype=new.dtype))


def _vocabulary_matrices(model: PreTrainedModel) -> list[torch.nn.Parameter]:
    layers = (model.get_input_embeddings(), model.get_output_embeddings())
    return [layer.get_parameter("weight") for layer in layers if layer is not None]
