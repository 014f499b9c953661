"""How a text is written: in Chinese or not, with spaces between words or not."""

from __future__ import annotations

import re

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Chinese characters, as ranges for a regular expression."""

UNSPACED = (
    f"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30fa\u30fc-\u30ff{HAN}"
    "\uac00-\ud7af\U00020000-\U0003ffff"
)
"""Written without spaces, or with particles: Thai to Khmer, kana (not its middle dot), Han, Hangul;
as ranges for a regular expression."""

_CHINESE = re.compile(f"[{HAN}]")


def language_of(text: str) -> str:
    """`zh` for a text with Chinese characters, else `en`."""
    return "zh" if _CHINESE.search(text) else "en"
