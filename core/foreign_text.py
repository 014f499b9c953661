"""Text that others wrote, made fit to be shown: nothing in it steers what shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""Stands where something was that cannot be shown."""

MOST_MARKS: Final = 8
"""Combining marks on one character; no script needs more, and a tower of them covers a page."""

STEERING: Final = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, the beginning of a terminal's escapes
    "\u2028\u2029"  # line breaks that are none to most programs
    "\u202a-\u202e\u2066-\u2069"  # turn the direction of writing of what follows
    "\ud800-\udfff"  # half a pair: no encoding can write it
    "]"
)
"""Characters that act on what shows them; line feed and tab are not among them."""


def printable(text: str) -> str:
    """The text with a replacement character for each that steers, and no towers of marks.

    Line feeds and tabs stay. What is printable already comes back as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_few_marks(STEERING.sub(REPLACEMENT, text)))


def _few_marks(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks <= MOST_MARKS:
            yield character
