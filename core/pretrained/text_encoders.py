"""The folder of a sentence-transformers model: of plain modules, or not opened.

    modules.json                  the modules in order, each with its class and its folder
    sentence_bert_config.json     how texts go into the first
    1_Pooling/config.json, ...    settings and weights of the others

The library imports the class that a module names and calls it with what the settings say, so only
modules that are known here are let in, with settings that name no other place.
"""

from __future__ import annotations

import math
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import FormatError
from core.foreign_files import read_foreign_json
from core.pretrained.folders import LARGEST_SETTINGS, WEIGHTS, read_settings, regular_files
from core.pretrained.reading import found_in

MODULES = "modules.json"

_KNOWN = ("Transformer", "Pooling", "Normalize", "Dense", "LayerNorm", "Dropout", "StaticEmbedding")
_WEIGHTY = ("Dense", "LayerNorm", "StaticEmbedding")
_LIBRARY = "sentence_transformers."
_ACTIVATIONS = ("torch.nn.modules.activation.", "torch.nn.modules.linear.Identity")

_READING = {
    "max_seq_length", "do_lower_case", "module_output_name", "unpad_inputs", "query_length",
    "document_length", "transformer_task", "modality_config",
}  # fmt: skip
"""Settings of the first module that say how texts go in; all others may say what is loaded."""


def check_text_encoder(folder: Path) -> None:
    """Make sure that a text encoder can be opened.

    Raises:
        FormatError: If its files cannot be read, or must not be.
    """
    regular_files(folder)
    for kind, place in _modules(folder):
        _check_module(kind, place)
        if kind == "Transformer":
            found_in(place, "core.pretrained.inspection")
        if kind in ("Transformer", "StaticEmbedding"):
            found_in(place, "core.pretrained.models.trial")


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """Kind and folder of each module; a folder that names none holds a transformer."""
    if not (folder / MODULES).exists():
        return [("Transformer", folder)]
    modules = read_foreign_json(folder / MODULES, LARGEST_SETTINGS)
    if not isinstance(modules, list) or not modules:
        raise FormatError("{folder} lists no modules.", folder=folder / MODULES)
    return [_module(folder, one) for one in modules]


def _module(folder: Path, module: Any) -> tuple[str, Path]:
    kind, inside = (
        (module.get("type"), module.get("path")) if isinstance(module, dict) else ("", "")
    )
    name = str(kind).rpartition(".")[2]
    if not str(kind).startswith(_LIBRARY) or name not in _KNOWN:
        raise FormatError(
            "{folder} names a module {kind!r}; only {known} of "
            "sentence-transformers are opened, and no code of a model's own is ever run.",
            folder=folder / MODULES,
            kind=str(kind)[:80],
            known=", ".join(_KNOWN),
        )
    parts = PurePosixPath(str(inside)).parts
    if not isinstance(inside, str) or len(parts) > 1 or set(parts) & {"..", "/"}:
        raise FormatError(
            "{folder} has a module in {inside!r}, which is no folder in it.",
            folder=folder / MODULES,
            inside=str(inside)[:80],
        )
    return name, folder / inside


def _check_module(kind: str, place: Path) -> None:
    if not place.is_dir():  # some have no settings, and of these only the name is written
        return
    regular_files(place)
    if kind == "Transformer":
        for file in place.glob("sentence_*_config.json"):
            _check_reading(file)
    if kind in _WEIGHTY and not (place / WEIGHTS).exists():
        raise FormatError(
            "{place} holds no {weights}; weights in other formats can run code and are not read.",
            place=place,
            weights=WEIGHTS,
        )
    if kind == "Dense":
        _check_dense(place)


def _check_dense(place: Path) -> None:
    """That a layer is made of no more numbers than its weights have bytes, and runs nothing."""
    file = place / "config.json"
    settings = read_settings(file)
    activation = settings.get("activation_function", "")
    if not str(activation).startswith(_ACTIVATIONS):
        raise FormatError(
            "{file} names {activation!r} to be run.", file=file, activation=str(activation)[:80]
        )
    ends = [settings.get("in_features"), settings.get("out_features")]
    sizes = [end for end in ends if type(end) is int and end > 0]
    if len(sizes) < 2 or math.prod(sizes) > (place / WEIGHTS).stat().st_size:
        raise FormatError("{file} speaks of a layer that is larger than its weights.", file=file)


def _check_reading(file: Path) -> None:
    settings = read_settings(file)
    other = sorted(name for name, value in settings.items() if value and name not in _READING)
    if other:
        raise FormatError(
            "{file} has settings that can load other things ({other}); only a "
            "plain text encoder is opened.",
            file=file,
            other=", ".join(other)[:80],
        )
    asks = settings.get("modality_config") or {"text": {}}
    task = settings.get("transformer_task") or "feature-extraction"
    if not isinstance(asks, dict) or set(asks) != {"text"} or task != "feature-extraction":
        raise FormatError(
            "{file} is of an encoder of more than texts; only those are opened.", file=file
        )
