"""The folder of a model as Hugging Face lays it out: which of its files are read, if it is safe to.

    config.json                      what the model is
    model.safetensors                its weights, or
    model.safetensors.index.json     which files hold which of them
    tokenizer.json, ...              how it spells

Of a folder nothing is opened that leaves it or is no ordinary file. Weights are read from
safetensors only: the other formats are pickles, which can run code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import FormatError
from core.foreign_files import read_foreign_json

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_config.json"

MOST_FILES = 10_000
"""Files that a model's folder may hold."""

LARGEST_SETTINGS = 16 << 20
"""Bytes of a file of settings; real ones have a hundredth of it."""

LARGEST_WEIGHTS = 1 << 40

_PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt")
"""Endings of files that can run code when they are read."""

Identity = tuple[tuple[str, int, int, int], ...]
"""Name, number, size and time of change of some files: the same as long as the files are."""


def regular_files(folder: Path) -> list[Path]:
    """The files of a folder by name, all of them ordinary and within it.

    Links may lead to where the hub's cache keeps its files, two folders up in `blobs`.

    Raises:
        FormatError: If there is anything else but folders, or far too much for a model.
    """
    inside = folder.resolve()
    homes = (inside, inside.parent.parent / "blobs")
    files = []
    for number, path in enumerate(folder.iterdir()):
        if number == MOST_FILES:
            raise FormatError(
                "{folder} holds more than {most_files:,} files and is no model.",
                folder=folder,
                most_files=MOST_FILES,
            )
        if path.is_symlink() and not any(path.resolve().is_relative_to(home) for home in homes):
            raise FormatError(
                "{path} is a link that leaves its folder and is not followed; copy the file there.",
                path=path,
            )
        if path.is_file():
            files.append(path)
        elif not path.is_dir():
            raise FormatError("{path} is not an ordinary file; it is not opened.", path=path)
    return sorted(files)


def identity(path: Path) -> Identity:
    """What tells the files of a model, one file or a folder, from what they were before.

    Raises:
        FormatError: See `regular_files`.
    """
    found = []
    for file in [path] if path.is_file() else regular_files(path):
        about = file.stat()
        found.append((str(file), about.st_ino, about.st_size, about.st_mtime_ns))
    return tuple(found)


def read_settings(file: Path) -> dict[str, Any]:
    """A JSON object out of one of a model's files of settings.

    Raises:
        FormatError: If it is missing or holds anything else.
    """
    found = read_foreign_json(file, LARGEST_SETTINGS)
    if not isinstance(found, dict):
        raise FormatError("{file} holds no JSON object.", file=file)
    return found


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that hold a model's weights, in order.

    Raises:
        FormatError: If there are none, or the index names what is no such file of the folder.
    """
    if (folder / ADAPTER).exists():
        raise FormatError(
            "{folder} holds an adapter, which is read together with a model that it names; merge "
            "it into that model and name the folder of the whole.",
            folder=folder,
        )
    if (folder / WEIGHTS).exists():
        return [folder / WEIGHTS]
    if (folder / INDEX).exists():
        return [folder / name for name in _indexed(folder)]
    pickled = [file.name for file in regular_files(folder) if file.suffix in _PICKLED]
    if pickled:
        raise FormatError(
            "{folder} holds its weights as {name!r}, which can run code and is not read; "
            "save them as {weights}.",
            folder=folder,
            name=pickled[0],
            weights=WEIGHTS,
        )
    raise FormatError(
        "{folder} holds no {weights}, so it is no folder of a language model.",
        folder=folder,
        weights=WEIGHTS,
    )


def _indexed(folder: Path) -> list[str]:
    """Names of the files in the index, each a safetensors file of the folder."""
    places = read_settings(folder / INDEX).get("weight_map")
    if not isinstance(places, dict) or not places:
        raise FormatError("{folder} says of no weight where it is.", folder=folder / INDEX)
    there = {file.name for file in regular_files(folder)}
    for weight, name in places.items():
        if not isinstance(name, str) or name not in there or not name.endswith(".safetensors"):
            raise FormatError(
                "{folder} has the weight {weight!r} in {name!r}, which is "
                "no safetensors file of that folder.",
                folder=folder / INDEX,
                weight=weight[:80],
                name=str(name)[:80],
            )
    return sorted(set(places.values()))
