"""The one normal form of text, in which questions and names are compared, read and learned.

A text is its words: without case, punctuation, quotes, typographic width and diacritics, so that
`Joe Biden`, `joe_biden` and `JOE-BIDEN` are alike, and `Beyoncé` and `Beyonce`. A script written
without spaces gives one word per character. Linker, teacher and student read words; the student's
tokenizer does so by itself, wherever it is exported to (`student.normal_form`).

Chinese characters stay as they are written: traditional ones are not turned into simplified ones.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters, as ranges for a regular expression."""

UNSPACED = (
    f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30fa\u30fc-\u30ff{HAN}"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
"""Written without spaces, or with particles: Thai to Khmer, kana (not its middle dot), Han, Hangul;
as ranges for a regular expression."""

SYMBOLS = r"#$%&*+=@\^€£¥°"
"""Marks that are words by themselves, for C++ is not C; for a regular expression."""

SILENT = "\u00ad\u0300-\u036f\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff"
"""Diacritics, and what is not seen at all; as ranges for a regular expression."""

VOWEL_SIGNS = "".join(
    sign for sign in map(chr, range(0x0900, 0x0E00)) if unicodedata.category(sign)[0] == "M"
)
"""Of the scripts of India: marks that are part of a letter, and no word character for Python."""

ALIKE = {"ß": "ss", "ς": "σ", "ʼ": "'", "ʻ": "'"}
"""Letters that are compared as others, beyond what Unicode says. The last two are apostrophes."""

_CHINESE = re.compile(f"[{HAN}]")
_WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])[^\W_])+|[{SYMBOLS}]")
_WORD_OF_NAMES = re.compile(
    rf"[{UNSPACED}]|(?:(?![{UNSPACED}])(?:[^\W_]|[{VOWEL_SIGNS}]))+|[{SYMBOLS}]"
)
_INNER_BLANK = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
_SILENT = re.compile(f"[{SILENT}]")
_ALIKE = str.maketrans(ALIKE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text in its plain form, and where it stands."""

    plain: str
    start: int
    end: int


def language_of(text: str) -> str:
    """`zh` for a text with Chinese characters, else `en`."""
    return "zh" if _CHINESE.search(text) else "en"


def words(text: str, *, of_names: bool = False) -> list[Word]:
    """The words of a text in plain form, one per character where a script has no spaces.

    Args:
        text: Any.
        of_names: Whether vowel signs count, by which names differ. Where models read, they end a
            word: that is how a student's tokenizer was taught.
    """
    pattern = _WORD_OF_NAMES if of_names else _WORD
    if text.isascii():
        return [Word(found.group(), *found.span()) for found in _WORD.finditer(text.lower())]
    spelled = [(letter, place) for place, char in enumerate(text) for letter in _letters(char)]
    letters = "".join(letter for letter, _ in spelled)
    return [
        Word(found.group(), spelled[found.start()][1], spelled[found.end() - 1][1] + 1)
        for found in pattern.finditer(letters)
    ]


def plain(text: str, *, of_names: bool = False) -> str:
    """A name in plain form: its words joined by blanks; empty if it has none. See `words`."""
    if text.isascii():
        return " ".join(_WORD.findall(text.lower()))
    return " ".join(word.plain for word in words(text, of_names=of_names))


def joined(text: str) -> str:
    """Plain form with the blanks that a reader expects: none between characters without spaces."""
    return _INNER_BLANK.sub("", plain(text))


@lru_cache(maxsize=65_536)
def _letters(char: str) -> str:
    """A character as it is compared: none, one or several."""
    bare = _SILENT.sub("", unicodedata.normalize("NFKD", char))
    return unicodedata.normalize("NFKC", bare).lower().translate(_ALIKE)
