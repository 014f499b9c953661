"""Words in two languages: `t("ask.title")` is the title of the page Ask in the reader's language.

The words stand in the catalogues that `catalogues.py` reads. A text that counts something takes the
number as `n`, which also chooses the plural: `t("graph.skipped", n=1)` is "1 row was skipped."

The language is the reader's choice of this session, else `?lang=` of the address, else that of the
browser. It stays in the address, so that a link opens as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NewType

import streamlit as st

from core.errors import CoreError
from core.foreign_text import printable
from core.messages import Message
from pages.parts.catalogues import LANGUAGES, catalogue

LONGEST: Final = 400
"""Characters of a foreign name that are shown; the rest is an ellipsis."""

_CHOSEN: Final = "language"
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~$:^=&@])")
_BREAKS = re.compile("[ \t-\r\u2028\u2029]+")
_NUMBERING = re.compile(r"\A(\d{1,9})\.(?=\s|\Z)")
# Where a joiner is put into what Streamlit looks for after escapes are gone: shortcodes and bare
# addresses, `www.`, e-mail, typed arrows.
_PATTERNS = re.compile(
    r"(?<=:)(?=[\w+/-]+:|material|//)|(?<=www)(?=\.)|(?<=@)|(?<=[<~>=-])(?=[->=])", re.IGNORECASE
)
_JOINER = "\u2060"  # a word joiner: has no width and no meaning, but ends a pattern


class Words(str):
    """Text that Streamlit may read as Markdown: this project's own, any foreign text in it inert.

    `t` and `literal` make it. A test reads the code of the pages: nothing else may be shown as
    Markdown, and `Words(...)` may only put together what is safe.
    """

    __slots__ = ()


Html = NewType("Html", str)
"""HTML of this project's own; foreign text in it has gone through `html.escape`."""


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


def t(key: str, /, **values: object) -> Words:
    """The text of a key in the reader's language, as Markdown, with `{names}` filled in.

    Values are foreign: they go in as `literal`, except numbers and what is `Words` already.
    """
    return Words(
        _filled(
            key,
            {
                name: value if isinstance(value, int | float | Words) else literal(value)
                for name, value in values.items()
            },
        )
    )


def t_plain(key: str, /, **values: object) -> str:
    """The same where Markdown is not read: a cell of a table, a chart, a list to choose from."""
    return _filled(key, values)


def has_text(key: str) -> bool:
    """Whether there are words for a key, where the key ends in a name from elsewhere."""
    return catalogue(language()).gettext(key) != key


def field_name(name: str) -> Words:
    """What a setting is called."""
    return _named(f"field.{name}", name)


def score_name(name: str) -> Words:
    """What a score is called."""
    return _named(f"score.{name}", name)


def translate(english: str) -> str:
    """An English sentence of another part of the project in the reader's language.

    Its `{names}` are still to be filled in. Where there is no translation it stays as it is.
    """
    return catalogue(language()).gettext(english)


def literal(text: object, longest: int = LONGEST) -> Words:
    """Foreign text (a label, a question, an error) made inert for Streamlit's Markdown.

    Markdown and HTML characters are escaped; what Streamlit looks for after escapes are gone
    (`:red[`, `:smile:`, `->`, `http://`, `a@b.c`) is broken by a joiner of no width.
    """
    if isinstance(text, Words):
        return text
    joined = _PATTERNS.sub(_JOINER, clipped(text, longest))
    return Words(_NUMBERING.sub(r"\1\\.", _PUNCTUATION.sub(r"\\\1", joined)))


def clipped(text: object, longest: int = LONGEST) -> str:
    """Foreign text for where it is read as it is: printable, in one line, and not endless.

    An error is told in the reader's language.
    """
    if isinstance(text, CoreError | Message):
        text = text.told(translate)
    line = printable(_BREAKS.sub(" ", str(text)[: 10 * longest]).strip(" "))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _named(key: str, name: str) -> Words:
    """The words for a key; in English the name in the code may do, where it reads well."""
    return t(key) if has_text(key) else literal(name.replace("_", " ").capitalize())


def _filled(key: str, values: Mapping[str, object]) -> str:
    n = values.get("n")
    words = catalogue(language())
    text = words.ngettext(key, key, n) if isinstance(n, int) else words.gettext(key)
    if text == key:
        raise KeyError(f"No catalogue says {key!r}: add it to the catalogue of every language.")
    return text.format_map(values) if values else text
