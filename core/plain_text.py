"""Texts as words that can be compared, in whatever script they are written.

A text becomes plain words: NFKC, no case, no punctuation, so that `Joe Biden`, `joe_biden` and
`JOE-BIDEN` are alike. A script written without spaces gives one word per character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters, as ranges for a regular expression."""

UNSPACED = (
    f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30fa\u30fc-\u30ff{HAN}"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
"""Written without spaces, or with particles: Thai to Khmer, kana (not its middle dot), Han, Hangul;
as ranges for a regular expression."""

_CHINESE = re.compile(f"[{HAN}]")
_WORD = re.compile(
    rf"[{UNSPACED}]|(?:(?![{UNSPACED}_])[\w\u0300-\u036f])+|[#$%&*+=@^€£¥°]"  # C++ is not C
)
_INNER_BLANK = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text in its plain form, and where it stands."""

    plain: str
    start: int
    end: int


def language_of(text: str) -> str:
    """`zh` for a text with Chinese characters, else `en`."""
    return "zh" if _CHINESE.search(text) else "en"


def words(text: str) -> list[Word]:
    """The words of a text in plain form, one per character where a script has no spaces."""
    return [
        Word(unicodedata.normalize("NFKC", found.group()).casefold(), *found.span())
        for found in _WORD.finditer(text)
    ]


def plain(text: str) -> str:
    """A name in plain form: its words joined by blanks; empty if it has none."""
    if text.isascii():
        return " ".join(_WORD.findall(text)).lower()
    return " ".join(word.plain for word in words(text))


def joined(text: str) -> str:
    """Plain form with the blanks that a reader expects: none between characters without spaces."""
    return _INNER_BLANK.sub("", plain(text))
