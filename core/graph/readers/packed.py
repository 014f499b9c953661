"""Files that may be packed with gzip, or be UTF-16: read as what is inside, up to a bound."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import FormatError
from core.foreign_files import LARGEST_TABLE, open_foreign

_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

MOST_PACKED = 300
"""Bytes that one packed byte may become; facts become some 30, and no more than 200 where they are
nearly alike."""

FREE = 64 << 20
"""Bytes that any file may become."""


def open_unpacked(path: Path, largest: int = LARGEST_TABLE) -> io.BufferedReader:
    """Open a regular file for reading, unpacked if it begins as gzip does.

    UTF-16, which its first two bytes tell, is read as the same text in UTF-8. Reading raises
    `FormatError` where a file is packed and damaged, becomes too large, or is no UTF-16 after all.

    Args:
        path: Where it is.
        largest: The most bytes that it may have, and may become.

    Raises:
        FormatError: If it cannot be opened; see `open_foreign`.
    """
    file = open_foreign(path, largest)
    try:
        if file.peek(2).startswith(_GZIP):
            most = min(largest, FREE + MOST_PACKED * path.stat().st_size)
            file = io.BufferedReader(_Unpacked(file, path, most))
        if file.peek(2).startswith(_UTF16):
            file = io.BufferedReader(_AsUtf8(file, path))
    except BaseException:
        file.close()
        raise
    return file


class _Unpacked(io.RawIOBase):
    """What is inside a gzip file."""

    def __init__(self, file: io.BufferedReader, path: Path, most: int) -> None:
        self._file = file
        self._inside = gzip.GzipFile(fileobj=cast(BinaryIO, file))
        self._path = path
        self._most = most
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            count = self._inside.readinto(buffer)
        except (EOFError, OSError, zlib.error) as error:
            raise FormatError(
                "{path} cannot be unpacked, it is damaged or cut short: {error}.",
                path=self._path,
                error=error,
            ) from error
        self._read += count
        if self._read > self._most:
            raise FormatError(
                "{path} becomes more than {most:,} bytes when it is unpacked: unpack it yourself "
                "if that is meant.",
                path=self._path,
                most=self._most,
            )
        return count

    def close(self) -> None:
        self._inside.close()
        self._file.close()
        super().close()


class _AsUtf8(io.RawIOBase):
    """What is inside a file of UTF-16, as Windows writes it, in UTF-8."""

    def __init__(self, file: io.BufferedReader, path: Path) -> None:
        self._file = file
        self._path = path
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            data = self._file.read(io.DEFAULT_BUFFER_SIZE)
            try:
                self._left = self._decoder.decode(data, final=not data).encode()
            except UnicodeError as error:
                raise FormatError(
                    "{path} begins as UTF-16 and is not: {error}; save it as UTF-8 text.",
                    path=self._path,
                    error=error,
                ) from error
            if not data:
                break
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
