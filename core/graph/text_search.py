"""Which of a million names hold a text, without reading them all.

The names stand one behind the other and are cut into blocks of a kilobyte. Of each block it is kept
which three bytes in a row begin in it: one bit for each of 4,096 classes of them, half as much as
the names themselves. A text can begin only in a block that has all of its threes. Unless it is
short or usual these are few, and they alone are searched. Blocks take a second for a million names,
so they are made for the second text: whoever asks but once does not wait for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.graph.numbering import Ints

_BLOCK = 1024  # bytes
_BEYOND = (
    64  # bytes of the next block that a block knows: a text may begin in one, end in the other
)
_CLASSES = 4096
_AT_ONCE = 8192  # blocks; a multiple of 8
_MANY = 0.5
"""Share of blocks from which on reading all names is faster."""


class SearchableNames:
    """Names that are searched for parts; read-only.

    Attributes:
        names: As they were given, texts of less than 2 GB in all; an empty one where one is null.
    """

    def __init__(self, names: pa.Array) -> None:
        self.names = pc.fill_null(names, "")
        _, starts, text = self.names.buffers()
        first, count = self.names.offset, len(self.names)
        self._starts: Ints = np.frombuffer(starts, np.int32)[first : first + count + 1]
        begin, end = self._starts[[0, -1]].tolist()
        self._starts = self._starts - begin
        self._text = text.slice(begin, end - begin).to_pybytes() if text else b""
        self._is_new = True

    @cached_property
    def _blocks(self) -> NDArray[np.uint8]:
        return _blocks(self._text)

    def holding(self, wanted: str) -> Ints:
        """Which names hold a text, which is not empty: `(held,)`, in their order."""
        part = wanted.encode()
        blocks = None if self._is_new else self._blocks_of(part)
        self._is_new = False
        if blocks is None:
            return np.flatnonzero(np.asarray(pc.match_substring(self.names, wanted)))
        found = np.fromiter(self._places(part, blocks), np.int64)
        rows = np.searchsorted(self._starts, found, side="right") - 1
        inside = found + len(part) <= self._starts[rows + 1]  # not from one name into the next
        return np.unique(rows[inside])

    def _blocks_of(self, part: bytes) -> Ints | None:
        """The blocks where a text may begin; None if they are many, or it is too short to tell."""
        classes = np.unique(_classes(np.frombuffer(part[:_BEYOND], np.uint8)))
        if not len(classes):
            return None
        may = np.bitwise_and.reduce(self._blocks[classes], axis=0)
        blocks = np.flatnonzero(np.unpackbits(may))
        return None if len(blocks) > _MANY * 8 * len(may) else blocks

    def _places(self, part: bytes, blocks: Ints) -> Iterator[int]:
        """Where a text begins in some blocks; places in one name may lie over each other."""
        for block in blocks.tolist():
            begin, end = block * _BLOCK, (block + 1) * _BLOCK + len(part) - 1
            while (begin := self._text.find(part, begin, end)) >= 0:
                yield begin
                begin += 1


def _classes(text: NDArray[np.uint8]) -> Ints:
    """The class of each three bytes in a row."""
    wide = text.astype(np.uint16)
    first, second, third = wide[:-2] * 0x9E35, wide[1:-1] * 0x3A2D, wide[2:] * 0x6F1B
    return (first + second + third) >> 4  # the upper bits are mixed best


def _blocks(text: bytes) -> NDArray[np.uint8]:
    """Which classes begin in each block, or soon behind it: `(classes, blocks / 8)`, packed."""
    whole = np.frombuffer(text, np.uint8)
    count = -(-len(whole) // _BLOCK)
    packed = []
    for first in range(0, max(count, 1), _AT_ONCE):
        there = np.zeros((_CLASSES, _AT_ONCE + 1), bool)
        stretch = _classes(whole[first * _BLOCK : (first + _AT_ONCE) * _BLOCK + _BEYOND])
        at = np.arange(len(stretch), dtype=np.int32)
        there[stretch, at // _BLOCK] = True
        soon = (at >= _BLOCK) & (at % _BLOCK < _BEYOND)
        there[stretch[soon], at[soon] // _BLOCK - 1] = True
        packed.append(np.packbits(there[:, :_AT_ONCE][:, : count - first], axis=1))
    return np.concatenate(packed, axis=1)
