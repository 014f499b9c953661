"""The header of a GGUF file: what it says of itself and its tensors, none of it believed.

    magic, version, number of tensors, number of values
    values     key, type, value; a value may be an array
    tensors    name, dimensions, type, place in the data
    data       aligned

Every length and every count is held against the bytes that are left of the file before anything is
made of it, so that a file of 73 bytes cannot ask for more than 73 bytes.
"""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf.constants import GGML_QUANT_SIZES, GGUF_DEFAULT_ALIGNMENT, GGMLQuantizationType

from core.errors import FormatError
from core.foreign_files import open_foreign
from core.messages import Message
from core.pretrained.folders import LARGEST_WEIGHTS

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_DIMENSIONS = 4
LARGEST_ALIGNMENT = 1 << 16

_STRING, _ARRAY = 8, 9
_NUMBERS = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
"""Types of a value that are numbers, with how `struct` spells them."""


@dataclass(frozen=True)
class Array:
    """An array among the values, of which only the number of elements is kept."""

    length: int


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says.

    Attributes:
        values: By key; arrays by their length alone.
        shapes: Dimensions of each tensor, by name.
    """

    values: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]


def read_gguf_header(path: Path) -> GgufHeader:
    """The header of a GGUF file, every tensor of which lies within the file.

    Raises:
        FormatError: If it is no GGUF file, or says more than it holds.
    """
    with open_foreign(path, LARGEST_WEIGHTS) as file:
        begin = file.read(len(MAGIC))
        if begin != MAGIC:
            raise FormatError(
                "{name} is no GGUF file: it begins with {begin}, not {magic}.",
                name=path.name,
                begin=repr(begin),
                magic=repr(MAGIC),
            )
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _Reader(data).header()
            except ValueError as error:
                raise FormatError(
                    "{name} is no GGUF file of a language model: {error}.",
                    name=path.name,
                    error=error,
                ) from error


class _Reader:
    """Reads a header from front to back; what cannot be is a ValueError that says so."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._place = data, len(MAGIC)

    def header(self) -> GgufHeader:
        version, tensors, values = self._numbers("IQQ")
        if version not in VERSIONS:
            raise ValueError(
                Message(
                    "it is of version {version}, and {versions} are known",
                    version=version,
                    versions=VERSIONS,
                )
            )
        self._fits(values, 13, "values")
        self._fits(tensors, 32, "tensors")
        metadata: dict[str, Any] = {}
        for _ in range(values):
            key = self._string()
            if key in metadata:
                raise ValueError(Message("it says {key!r} twice", key=key[:80]))
            metadata[key] = self._value(*self._numbers("I"))
        return GgufHeader(metadata, self._tensors(tensors, _alignment(metadata)))

    def _tensors(self, count: int, alignment: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        spans = []
        for _ in range(count):
            name = self._string()
            if name in shapes:
                raise ValueError(Message("it has the tensor {name!r} twice", name=name[:80]))
            (dimensions,) = self._numbers("I")
            if not 1 <= dimensions <= MOST_DIMENSIONS:
                raise ValueError(
                    Message(
                        "the tensor {name!r} has {dimensions:,} dimensions",
                        name=name[:80],
                        dimensions=dimensions,
                    )
                )
            shapes[name] = self._numbers(f"{dimensions}Q")
            kind, offset = self._numbers("IQ")
            if offset % alignment:
                raise ValueError(
                    Message("the tensor {name!r} begins at an odd place", name=name[:80])
                )
            spans.append((offset, offset + _bytes(name, shapes[name], kind), name))
        room = len(self._data) - -(-self._place // alignment) * alignment
        _check_places(sorted(spans), room)
        return shapes

    def _value(self, kind: int, *, inside: bool = False) -> Any:
        if kind in _NUMBERS:
            return self._numbers(_NUMBERS[kind])[0]
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY or inside:
            raise ValueError(
                Message("it holds a value of the type {kind}, which is not known there", kind=kind)
            )
        kind, length = self._numbers("IQ")
        if kind in _NUMBERS:
            size = struct.calcsize(_NUMBERS[kind])
            self._fits(length, size, "numbers")
            self._place += length * size
        else:
            self._fits(length, 8, "texts")
            for _ in range(length):
                self._value(kind, inside=True)
        return Array(length)

    def _string(self) -> str:
        (length,) = self._numbers("Q")
        self._fits(length, 1, "bytes of a text")
        begin, self._place = self._place, self._place + length
        try:
            return self._data[begin : self._place].decode()
        except UnicodeDecodeError as error:
            raise ValueError(Message("it holds a text that is not UTF-8")) from error

    def _numbers(self, spelled: str) -> tuple[Any, ...]:
        form = struct.Struct(f"<{spelled}")
        self._fits(1, form.size, "numbers")
        begin, self._place = self._place, self._place + form.size
        return form.unpack_from(self._data, begin)

    def _fits(self, count: int, size: int, what: str) -> None:
        """That so many things of at least `size` bytes each can still come."""
        left = len(self._data) - self._place
        if count * size > left:
            raise ValueError(
                Message(
                    "it speaks of {count:,} {what} more, with {left:,} bytes left",
                    count=count,
                    what=what,
                    left=left,
                )
            )


def _alignment(metadata: dict[str, Any]) -> int:
    found = metadata.get("general.alignment", GGUF_DEFAULT_ALIGNMENT)
    if type(found) is not int or not 0 < found <= LARGEST_ALIGNMENT or found & (found - 1):
        raise ValueError(Message("its alignment is {found}", found=str(found)[:40]))
    return found


def _bytes(name: str, shape: tuple[int, ...], kind: int) -> int:
    """What a tensor takes; a row is made of whole blocks."""
    try:
        block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    except (ValueError, KeyError) as error:
        raise ValueError(
            Message(
                "the tensor {name!r} is of the type {kind}, unknown here", name=name[:80], kind=kind
            )
        ) from error
    if not all(shape) or shape[0] % block:
        raise ValueError(
            Message("the tensor {name!r} has the dimensions {shape}", name=name[:80], shape=shape)
        )
    return math.prod(shape) // block * size


def _check_places(spans: list[tuple[int, int, str]], room: int) -> None:
    """That tensors, in order, lie within `room` bytes and none in another."""
    before = 0
    for begin, end, name in spans:
        if begin < before:
            raise ValueError(Message("the tensor {name!r} lies in another", name=name[:80]))
        if end > room:
            raise ValueError(
                Message(
                    "the tensor {name!r} ends at byte {end:,} of the data, which has {room:,}",
                    name=name[:80],
                    end=end,
                    room=max(0, room),
                )
            )
        before = end
