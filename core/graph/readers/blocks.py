"""A file of text in blocks of whole lines: much can be told of many lines at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from core.foreign_files import LONGEST_LINE

SIZE = 1 << 20
"""Bytes of a block, but for the end of its last line. No longer than a line may be."""


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Blocks of an open file, each with whole lines, unless one is longer than a line may be."""
    while block := file.read(SIZE):
        yield block if block.endswith(b"\n") else block + file.readline(LONGEST_LINE + 1)


def longest_end(block: bytes) -> int:
    """Bytes of the last line of a block: no other can be longer than a line may be."""
    return len(block) - (block.rfind(b"\n", 0, -1) + 1)
