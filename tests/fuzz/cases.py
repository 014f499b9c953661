"""What a case is, and how bytes, texts and values are spoilt.

A module of inputs has `prepare(workspace)`, which puts into a workspace what its cases need, once
per process, and `case(dice, place, workspace)`, which writes one spoilt input below the folder
`place` and says what the program does with it. All chance comes from the dice.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        about: What was done to it, for who reads the report.
        act: What the program does with it; may raise a `CoreError`, or exit by 0, 1 or 2.
        check: Fails where what was made is not whole; what every workspace must be is seen to
            elsewhere.
    """

    about: str
    act: Callable[[], object]
    check: Callable[[], object] = lambda: None


class Inputs(Protocol):
    """A module of inputs of one kind."""

    def prepare(self, workspace: Path) -> None:
        """Put into a workspace what the cases need."""

    def case(self, dice: random.Random, place: Path, workspace: Path) -> Case:
        """Spoil one input."""


HOSTILE = (
    "", " ", "\t", "\n", "\r\n", "\0", "\x1b[31m", "\ufeff", "\u200b", "\u2028", "\x85", "\u202e",
    "'", '"', '""', "|", ",", "#", "~", "~~r", "{x}", "{0}", "%s", "%n", "=1+1", "@SUM(A1)", "\\",
    "..", "../..", "../../../etc/passwd", "/etc/passwd", "C:\\x", "\\\\host\\share", "file:///x",
    "/dev/zero", "/dev/stdin", "CON", "aux.txt", ".", ".hidden", "-", "--", "--help", "-1", "0",
    "1e999", "NaN", "nan", "inf", "-Infinity", "9" * 30, "9" * 5000, "0x10", "1_000", "\u0664",
    "null", "None", "true", "[]", "{}", "<b>x</b>", "![](http://x.example/y.png)", "[a](http://b)",
    "$(id)", "`id`", "; ls", "&&", "\U0001f600", "\U00020000" * 64, "\u4f60\u597d", "e\u0301",
    "\u0130", "\u00df", "x" * 300, "x" * 70_000, "<end>", " ||| ", "a@b", "label:en", "os.path",
)  # fmt: skip

HALF = "\ud83d"
"""Half of a character: a text that UTF-8 cannot hold."""

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, -0.0, 0.5, 1e-320, 1e308, float("nan"), float("inf"), float("-inf"), 2**31, 2**31 - 1,
    -(2**31) - 1, 2**53 + 1, 2**63, 2**63 - 1, -(2**63) - 1, 2**64, 10**18, 10**40, 10**400,
    True, False,
)  # fmt: skip


def spoilt_bytes(dice: random.Random, data: bytes) -> tuple[bytes, str]:
    """A few bytes changed, cut, repeated or put in; or the whole in another dress."""
    way = dice.choice(("flip", "flip", "cut", "insert", "insert", "repeat", "dress", "swap"))
    at = dice.randrange(len(data) + 1)
    if way == "flip":
        changed = bytearray(data)
        for _ in range(dice.choice((1, 1, 2, 8, 64)) if data else 0):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        return bytes(changed), "bytes flipped"
    if way == "cut":
        return data[:at], f"cut at byte {at}"
    if way == "insert":
        token = dice.choice((*HOSTILE, *(chr(c) for c in range(32))))
        raw = dice.choice((token.encode(), b"\xed\xa0\xbd", b"\xff", b"\x80", b"\xc3"))
        return data[:at] + raw + data[at:], f"{raw[:20]!r} put in at byte {at}"
    if way == "repeat":
        end = min(len(data), at + dice.randrange(1, 200))
        times = dice.choice((2, 100, 2000))
        return data[:at] + data[at:end] * times + data[end:], f"bytes {at} to {end} {times} times"
    if way == "dress":
        name = dice.choice(("utf-16", "utf-32", "utf-8-sig", "latin-1", "gbk", "cp037"))
        return data.decode("utf-8", "replace").encode(name, "replace"), f"in {name}"
    other = dice.randrange(len(data) + 1)
    begin, end = min(at, other), max(at, other)
    return data[end:] + data[begin:end] + data[:begin], f"parts swapped at {begin} and {end}"


def hostile(dice: random.Random) -> Any:
    """A value that hardly anybody expects."""
    kind = dice.randrange(8)
    if kind < 3:
        return dice.choice(HOSTILE)
    if kind < 5:
        return dice.choice(NUMBERS)
    if kind == 5:
        return HALF
    deep: Any = dice.choice(HOSTILE)
    for _ in range(dice.choice((1, 3, 200))):
        deep = [deep] if dice.random() < 0.5 else {"a": deep}
    return dice.choice((None, [], {}, [[]], [None], {"": None}, deep, ["x"] * 5000))


def spoilt_value(dice: random.Random, value: Any) -> tuple[Any, str]:
    """A JSON value with one of its parts replaced, taken out, put in or doubled."""
    whole = [copy.deepcopy(value)]
    places = list(_places(whole))[1:] or [(whole, 0)]
    holder, key = dice.choice(places)
    way = dice.choice(("replace", "replace", "replace", "remove", "add", "wrap"))
    if way == "remove" and holder is not whole:
        del holder[key]
    elif way == "add" and isinstance(holder, dict):
        holder[str(dice.choice(HOSTILE))[:100]] = hostile(dice)
    elif way == "add":
        holder.insert(key, hostile(dice))
        del holder[len(holder) if holder is not whole else 1 :]
    elif way == "wrap":
        holder[key] = dice.choice(([holder[key]], {"a": holder[key]}, json.dumps(holder[key])))
    else:
        holder[key] = hostile(dice)
    return whole[0], f"{way} at {key!r}"


def spoilt_table(dice: random.Random, rows: list[list[str]]) -> tuple[list[list[str]], str]:
    """A table with a cell, a row or a column spoilt."""
    rows = [list(row) for row in rows]
    row = dice.randrange(len(rows))
    cell = dice.randrange(len(rows[row]))
    token = str(dice.choice(HOSTILE))
    way = dice.choice(
        ("cell", "cell", "cell", "inside", "column", "more", "fewer", "header", "all")
    )
    if way == "cell":
        rows[row][cell] = token
    elif way == "inside":
        at = dice.randrange(len(rows[row][cell]) + 1)
        rows[row][cell] = rows[row][cell][:at] + token + rows[row][cell][at:]
    elif way == "column":
        for other in rows:
            other[min(cell, len(other) - 1)] = token
    elif way == "more":
        rows[row].insert(cell, token)
    elif way == "fewer":
        del rows[row][cell]
    elif way == "header":
        rows[0] = [dice.choice((name, token)) for name in rows[0]]
    else:
        rows = [[token] * len(other) for other in rows]
    return rows, f"{way} at row {row}, cell {cell}: {token[:20]!r}"


def _places(value: Any) -> Any:
    """Every (holder, key) in a JSON value."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])
