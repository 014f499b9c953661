"""What a model's files say of its size, read with suspicion in a process of its own.

The header of a safetensors file and that of a GGUF file name every tensor with its shape; the
configuration names the rest, and may not speak of more than the weights hold. Nothing
here imports torch; `architecture` asks it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import FormatError
from core.limited_process import answer
from core.pretrained.folders import (
    LARGEST_WEIGHTS,
    read_settings,
    regular_files,
    weight_files,
)

MEMORY, SECONDS = 1 << 30, 10
"""What reading headers may take: real ones have a few megabytes."""

_LAYERS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers")
_WIDTH = ("hidden_size", "n_embd", "d_model", "dim")
_VOCABULARY = ("vocab_size",)


@dataclass(frozen=True)
class Architecture:
    """The size of a causal language model.

    Attributes:
        parameters: All of them; tied embeddings count once.
        layers: Transformer blocks.
        width: Of the hidden states.
        vocabulary: Number of tokens.
    """

    parameters: int
    layers: int
    width: int
    vocabulary: int


def inspect(path: Path) -> Architecture:
    """The size of a model by its folder or its GGUF file.

    Raises:
        FormatError: If a file is no such file, lies about itself, or must not be opened.
    """
    return _of_gguf(path) if path.is_file() else _of_folder(path)


def _of_folder(folder: Path) -> Architecture:
    regular_files(folder)
    file = folder / "config.json"
    config = read_settings(file)
    _check_plain(file, config)
    sizes = [_size(file, config, names) for names in (_LAYERS, _WIDTH, _VOCABULARY)]
    parameters = sum(_weights(file) for file in weight_files(folder))
    return _consistent(file.name, Architecture(parameters, *sizes))


def _of_gguf(file: Path) -> Architecture:
    from core.pretrained.gguf_header import Array, read_gguf_header  # needs numpy

    header = read_gguf_header(file)
    kind = header.values.get("general.architecture")
    tokens = header.values.get("tokenizer.ggml.tokens")
    if not isinstance(kind, str) or not isinstance(tokens, Array):
        raise FormatError(
            "{name} is no GGUF file of a language model: it names no architecture or no tokens.",
            name=file.name,
        )
    layers, width = (
        _size(file, header.values, (f"{kind}.{name}",))
        for name in ("block_count", "embedding_length")
    )
    parameters = sum(math.prod(shape) for shape in header.shapes.values())
    return _consistent(file.name, Architecture(parameters, layers, width, tokens.length))


def _weights(file: Path) -> int:
    """How many numbers a safetensors file holds; its library checks each place against the file."""
    from safetensors import SafetensorError, safe_open

    if file.stat().st_size > LARGEST_WEIGHTS:
        raise FormatError("{file} is too large for a file of weights.", file=file)
    try:
        with safe_open(file, framework="numpy") as opened:
            shapes = [opened.get_slice(name).get_shape() for name in opened.keys()]  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise FormatError(
            "{file} is no safetensors file: its header is damaged.", file=file
        ) from error
    return sum(math.prod(shape) for shape in shapes)


def _check_plain(file: Path, config: Mapping[str, Any]) -> None:
    """That a configuration asks for nothing but a plain model."""
    if config.get("quantization_config"):
        raise FormatError(
            "{file} is of quantised weights; take the model as it was before, or a GGUF file.",
            file=file,
        )
    for name in ("attn_implementation", "_attn_implementation"):
        if "/" in str(config.get(name, "")):
            raise FormatError(
                "{file} names code of the hub in {name!r}, which is never run.",
                file=file,
                name=name,
            )


def _size(file: Path, config: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """A size by the first of its names that is there."""
    found = next((config[name] for name in names if name in config), None)
    if found is None:
        raise FormatError("{file} names no {key}.", file=file, key=names[0])
    if type(found) is not int or not 0 < found < 2**31:
        raise FormatError(
            "{file} gives {key} as {found!r}, which is no size of a model.",
            file=file,
            key=names[0],
            found=str(found)[:40],
        )
    return found


def _consistent(name: str, size: Architecture) -> Architecture:
    """A model whose layers and words can be made of its weights."""
    if size.layers * size.width > size.parameters or size.vocabulary > size.parameters:
        raise FormatError(
            "{name} speaks of {layers:,} layers of width {width:,} and of "
            "{vocabulary:,} tokens, for which the {parameters:,} numbers of the weights "
            "are too few.",
            name=name,
            layers=size.layers,
            width=size.width,
            vocabulary=size.vocabulary,
            parameters=size.parameters,
        )
    return size


if __name__ == "__main__":
    answer(lambda path: asdict(inspect(path)), memory=MEMORY, seconds=SECONDS)
