"""Words in two languages: `t("ask.title")` is the title of the page Ask in the reader's language.

Each `text_<section>.py` beside this file holds a catalogue `TEXT = {key: (English, Chinese)}`;
they are found by name and joined here, and a key may stand in only one of them.

The language is the reader's choice of this session, else `?lang=` of the address, else that of the
browser. It stays in the address, so that a link opens as it was sent.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Final

import streamlit as st

LANGUAGES: Final = {"en": "English", "zh": "中文"}

_CHOSEN: Final = "language"
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@])")
_SHORTCODE = re.compile(r":(?=[\w+/-]+:)")
_ARROW = re.compile(r"(?<=[<~>=-])(?=[->=])")
_JOINER = "\u2060"  # a word joiner: has no width and no meaning, but ends a pattern


def language() -> str:
    """The language that the page is shown in: `en` or `zh`."""
    chosen = st.session_state.get(_CHOSEN) or st.query_params.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def choose_language(code: str) -> None:
    """Show everything in another language from the next run of the page on."""
    st.session_state[_CHOSEN] = code


def keep_language() -> None:
    """Settle the language of this session and write it into the address."""
    code = language()
    st.session_state[_CHOSEN] = code
    if st.query_params.get("lang") != code:
        st.query_params["lang"] = code


def t(key: str, /, **values: object) -> str:
    """The text of a key in the reader's language, with `{names}` filled in.

    Values go in as they are: text from a graph or a file must pass through `literal` first where
    the result is shown as Markdown.
    """
    english, chinese = CATALOGUE[key]
    text = chinese if language() == "zh" else english
    return text.format(**values) if values else text


def literal(text: object) -> str:
    """Foreign text (a label, a question, a file name) made inert for Streamlit's Markdown.

    Markdown and HTML characters are escaped; shortcodes (`:red[`, `:smile:`, `:material/home:`)
    and typed arrows (`->`), which Streamlit looks for after escapes are gone, are broken by a
    joiner of no width.
    """
    plain = " ".join(str(text).split())
    plain = _ARROW.sub(_JOINER, _SHORTCODE.sub(":" + _JOINER, plain))
    return _PUNCTUATION.sub(r"\\\1", plain)


def _joined() -> dict[str, tuple[str, str]]:
    """All catalogues as one.

    Raises:
        ValueError: If two of them hold the same key.
    """
    joined: dict[str, tuple[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("text_*.py")):
        texts: dict[str, tuple[str, str]] = import_module(f"pages.parts.{path.stem}").TEXT
        if twice := joined.keys() & texts.keys():
            raise ValueError(f"{path.name} repeats the keys {', '.join(sorted(twice))}.")
        joined |= texts
    return joined


CATALOGUE: Final = _joined()
"""Every text by key: (English, Chinese)."""
