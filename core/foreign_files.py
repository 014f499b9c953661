"""Files that somebody else wrote: opened only if they are files, read only up to a bound.

A pipe never ends, a device may do something when it is opened, and a file may be larger than the
memory: none of them is opened, or read further than its bound. JSON from outside may nest ten
thousand levels deep or hold numbers of a million digits; it comes out as a value or as one reason.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from core.errors import FormatError
from core.messages import Message

LARGEST_TABLE = 64 << 30
"""Bytes of a table of triples, labels or questions in lines: Wikidata's simple facts fit."""

LONGEST_LINE = 1 << 20
"""Bytes of one line of a table, and characters of one cell."""

LARGEST_JSON = 256 << 20
"""Bytes of a JSON document, which is read as a whole."""

MOST_DIGITS = 4000
"""Of a whole number in JSON; Python itself refuses to read a few more."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # what half a character looks like in JSON


def open_foreign(path: Path, largest: int) -> io.BufferedReader:
    """Open a regular file for reading.

    Args:
        path: Where it is; a link is followed.
        largest: The most bytes that it may have.

    Raises:
        FormatError: If it is missing, may not be read, is no regular file, or is larger.
    """
    try:
        _check(path, path.stat(), largest)  # a device may act on being opened: look first
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {reason}.", path=path, reason=error.strerror
        ) from error
    except ValueError as error:  # NUL, or half a character, in its name
        raise FormatError("No file can have the name {path!r}.", path=str(path)) from error
    try:
        _check(path, os.fstat(number), largest)  # it may have been replaced since
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def lines_of(file: BinaryIO, name: object) -> Iterator[bytes]:
    """Lines of an open file, each with its end.

    Raises:
        FormatError: If one is longer than `LONGEST_LINE`.
    """
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise FormatError(
                "{name}, line {number}: it is longer than {longest:,} bytes; break the file "
                "into lines, one row each.",
                name=name,
                number=number,
                longest=LONGEST_LINE,
            )
        yield line


def read_foreign_json(path: Path, largest: int = LARGEST_JSON) -> Any:
    """Read a JSON document.

    Raises:
        FormatError: If the file cannot be opened, is too large or is not JSON in UTF-8 text.
    """
    with open_foreign(path, largest) as file:
        data = file.read()
    try:
        return parse_json(data)
    except ValueError as error:
        raise FormatError(
            "{name} is not JSON in UTF-8 text: {error}.", name=path.name, error=error
        ) from error


def parse_json(data: bytes | str, *, halves: bool = False) -> Any:
    """A value of JSON, in UTF-8 where it is bytes, which can be written as such again.

    Args:
        data: The document.
        halves: Whether half a character may be in it, for a caller who looks at each part.

    Raises:
        ValueError: If it is no JSON, nests too deeply, holds NaN or infinity, a number of thousands
            of digits or half a character; the message is a reason such as `it nests too deeply`.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_no_number)
        if not halves and _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise ValueError(Message("byte {start} is not UTF-8", start=error.start + 1)) from error
    except UnicodeEncodeError as error:
        half = error.object[error.start]
        raise ValueError(Message("it holds half a character, {half!r}", half=half)) from error
    except json.JSONDecodeError as error:
        raise ValueError(
            Message(
                "{finding} at line {line}, column {column}",
                finding=error.msg,
                line=error.lineno,
                column=error.colno,
            )
        ) from error
    except RecursionError as error:
        raise ValueError(Message("it nests too deeply")) from error
    return value


def _whole(word: str) -> int:
    if len(word) > MOST_DIGITS:
        raise ValueError(Message("it holds a number of {count:,} digits", count=len(word)))
    return int(word)


def _real(word: str) -> float:
    number = float(word)
    return number if math.isfinite(number) else _no_number(word[:40])


def _no_number(word: str) -> NoReturn:
    raise ValueError(Message("it holds {word}, which is no number", word=word))


def _check(path: Path, found: os.stat_result, largest: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = Message("a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, socket or device")
        raise FormatError("{path} is {kind}: give a file.", path=path, kind=kind)
    if found.st_size > largest:
        raise FormatError(
            "{path} has {size:,} bytes, more than the {largest:,} that such a file may have.",
            path=path,
            size=found.st_size,
            largest=largest,
        )
