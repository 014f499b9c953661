"""Files that may be packed (gzip, zstd, zip), or be UTF-16: read as what is inside, up to a bound.

A zip holds one file; what macOS puts beside it does not count.
"""

from __future__ import annotations

import codecs
import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

from core.errors import FormatError
from core.foreign_files import LARGEST_TABLE, open_foreign

_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

MOST_PACKED = 300
"""Bytes that one packed byte may become; facts become some 30, and no more than 200 where they are
nearly alike."""

FREE = 64 << 20
"""Bytes that any file may become."""

PACKED = (".gz", ".zst", ".zip")
"""What stands behind the name of a packed file; its bytes say whether it is one."""

_MOST_INSIDE = 100  # files of a zip
_LARGEST_CONTENTS = 1 << 16  # bytes of a zip's table of contents
_LAST_BYTES = 22 + (1 << 16)  # where a zip says how large that is

_DAMAGE = (
    EOFError,
    OSError,
    zlib.error,
    zipfile.BadZipFile,
    struct.error,
    pa.ArrowInvalid,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What is raised over packed files that are damaged, or packed in another way."""


def unpacked_name(path: Path) -> str:
    """What a file is called without the ending of a packed one, in small letters."""
    name = path.name.casefold()
    return next((name.removesuffix(end) for end in PACKED if name.endswith(end)), name)


def open_unpacked(path: Path, largest: int = LARGEST_TABLE) -> io.BufferedReader:
    """Open a regular file for reading, unpacked if it begins as gzip, zstd or zip does.

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
        if inside := _inside(file, path):
            most = min(largest, FREE + MOST_PACKED * path.stat().st_size)
            file = io.BufferedReader(_Unpacked(file, inside, path, most))
        if file.peek(2).startswith(_UTF16):
            file = io.BufferedReader(_AsUtf8(file, path))
    except BaseException:
        file.close()
        raise
    return file


def _inside(file: io.BufferedReader, path: Path) -> Any:
    """A file object of what is packed in a file; None if it is not packed.

    Raises:
        FormatError: If it is a zip of anything but one file.
    """
    begins = file.peek(4)
    if begins.startswith(_GZIP):
        return gzip.GzipFile(fileobj=cast(BinaryIO, file))
    if begins.startswith(_ZSTD):
        return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
    return _in_zip(file, path) if begins.startswith(_ZIP) else None


def _in_zip(file: io.BufferedReader, path: Path) -> Any:
    try:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _LAST_BYTES))
        last = file.read(_LAST_BYTES)
        count, contents = struct.unpack("<HI", last[last.rindex(b"PK\x05\x06") :][10:16])
        file.seek(0)
        if count <= _MOST_INSIDE and contents <= _LARGEST_CONTENTS:
            archive = zipfile.ZipFile(file)
            found = [one for one in archive.infolist() if not _is_beside(one)]
            if len(found) == 1:
                return archive.open(found[0])
            count = len(found)
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    raise FormatError(
        "{path} is a zip of {count} files, where one is expected: unpack it and give the files.",
        path=path,
        count=count,
    )


def _is_beside(one: zipfile.ZipInfo) -> bool:
    parts = one.filename.split("/")
    return one.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith(".")


def _damaged(path: Path, error: Exception) -> FormatError:
    return FormatError(
        "{path} cannot be unpacked, it is damaged or cut short: {error}.", path=path, error=error
    )


class _Unpacked(io.RawIOBase):
    """What is inside a packed file."""

    def __init__(self, file: io.BufferedReader, inside: Any, path: Path, most: int) -> None:
        self._file = file
        self._inside = inside
        self._path = path
        self._most = most
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            count = int(self._inside.readinto(buffer))
        except FormatError:
            raise
        except _DAMAGE as error:
            raise _damaged(self._path, error) from error
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
