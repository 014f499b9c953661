"""How large a language model is, read from its files without loading it.

The header of a safetensors file and the metadata of a GGUF file name every tensor with its shape;
config.json names the rest. Nothing here imports torch.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import FormatError
from core.presets import PRESETS, TINY_STUDENT
from core.workspace import read_json


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


def architecture(student: str) -> Architecture | None:
    """The size of a student by preset, hub id, folder or GGUF file.

    Returns:
        None for a model of the hub that is not on this machine yet.

    Raises:
        FormatError: If its files cannot be read.
    """
    presets = {TINY_STUDENT.name: TINY_STUDENT, **PRESETS}
    presets |= {preset.source: preset for preset in PRESETS.values()}
    if student in presets:
        preset = presets[student]
        return Architecture(preset.parameters, preset.layers, preset.width, preset.vocabulary)
    path = Path(student)
    if path.is_file():
        return _of_gguf(path)
    folder = path if path.is_dir() else _downloaded(student)
    return None if folder is None else _of_folder(folder)


def _downloaded(hub_id: str) -> Path | None:
    """The folder of a hub model that was downloaded before."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(hub_id, "config.json")
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def _of_folder(folder: Path) -> Architecture | None:
    config = read_json(folder / "config.json")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        return None
    shapes: dict[str, tuple[int, ...]] = {}
    for file in files:
        shapes |= _shapes(file)
    try:
        return Architecture(
            sum(math.prod(shape) for shape in shapes.values()),
            int(_first(config, "num_hidden_layers", "n_layer", "num_layers")),
            int(_first(config, "hidden_size", "n_embd", "d_model")),
            int(_first(config, "vocab_size")),
        )
    except KeyError as error:
        raise FormatError(f"{folder / 'config.json'} names no {error.args[0]}.") from error


def _shapes(file: Path) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor of a safetensors file, by name."""
    with file.open("rb") as source:
        try:
            (length,) = struct.unpack("<Q", source.read(8))
            header = json.loads(source.read(min(length, 100_000_000)))
            header.pop("__metadata__", None)
            return {name: tuple(entry["shape"]) for name, entry in header.items()}
        except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"{file} is no safetensors file: its header is damaged.") from error


def _of_gguf(file: Path) -> Architecture:
    from gguf import GGUFReader

    try:
        reader = GGUFReader(file)
        kind = reader.fields["general.architecture"].contents()
        layers, width = (
            int(reader.fields[f"{kind}.{name}"].contents())
            for name in ("block_count", "embedding_length")
        )
        words = len(reader.fields["tokenizer.ggml.tokens"].data)
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise FormatError(f"{file.name} is no GGUF file of a language model.") from error
    return Architecture(sum(int(t.n_elements) for t in reader.tensors), layers, width, words)


def _first(config: dict[str, Any], *names: str) -> Any:
    for name in names:
        if name in config:
            return config[name]
    raise KeyError(names[0])
