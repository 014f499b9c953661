"""How people say a name that is written otherwise in the graph.

Quasar (band)           Quasar
R.E.M., AC/DC           REM, ACDC
Saga: The Long Way      Saga; The Long Way     (parts of several words)
2001-09-11              September 11, 2001; 11 September 2001; 2001年9月11日
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ODD = re.compile(r"[(（.'’‘ʼ＇/:：–—-]")
"""What a name has that may be said otherwise."""

_IN_PARENTHESES = re.compile(
    r"(.*\S)\s*[(（](?:[^()（）]|[(（][^()（）]*[)）])*[)）]", flags=re.DOTALL
)
_INNER_MARK = re.compile(r"(?<=[^\W\d_])[.'’‘ʼ＇/-](?=[^\W\d_])")
_PARTS = re.compile(r":\s|：|\s[–—-]\s")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

LONGEST = 200
"""Characters of a name that is looked at; longer ones are texts."""


def other_forms(name: str) -> Iterator[str]:
    """Other forms of a name, none of them empty; an address has none."""
    if len(name) > LONGEST or not _ODD.search(name) or "://" in name:
        return
    if date := _DATE.fullmatch(name):
        yield from _dates(*map(int, date.groups()))
        return
    short = _IN_PARENTHESES.fullmatch(name.strip())
    if short:
        yield short[1]
    base = short[1] if short else name
    if (one_word := _INNER_MARK.sub("", base)) != base:
        yield one_word
    parts = _PARTS.split(base)
    yield from (part for part in parts if len(parts) > 1 and len(part.split()) > 1)


def _dates(year: int, month: int, day: int) -> Iterator[str]:
    if 1 <= month <= 12:
        spoken = _MONTHS[month - 1]
        yield f"{spoken} {day}, {year}"
        yield f"{day} {spoken} {year}"
        yield f"{year}年{month}月{day}日"
