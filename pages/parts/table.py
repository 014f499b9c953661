"""Tables: the cells are text in the browser, and stay text in the spreadsheet they are saved for.

Streamlit offers every table as a CSV file and to the clipboard. A spreadsheet computes a cell that
begins like a formula; here it gets an apostrophe before it, which spreadsheets read as "text".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts.text import clipped

FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What a formula begins with, in wide characters too: some spreadsheets take them for the same."""

LONGEST = 2000
"""Characters of a cell; it is drawn as one line and can be opened to be read whole."""


def table(rows: Sequence[Mapping[Any, Any]], **options: Any) -> Any:
    """Show rows of named cells as `st.dataframe` does, with its options, without an index.

    Returns:
        What `st.dataframe` returns: the selection, where rows can be selected.
    """
    shown = [{cell(name): cell(value) for name, value in row.items()} for row in rows]
    return st.dataframe(shown, hide_index=True, **options)


def cell(value: Any) -> Any:
    """A value that no spreadsheet computes; numbers stay numbers."""
    if isinstance(value, list | tuple):
        return [cell(one) for one in value]
    if not isinstance(value, str):
        return value
    text = clipped(value, LONGEST)
    return f"'{text}" if text.startswith(FORMULA) else text
