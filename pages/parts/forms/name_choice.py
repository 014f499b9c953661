"""Choose one of what the workspace holds by its name, which stands in the address."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.parts.state import asked, remember
from pages.parts.text import Words


def name_choice(
    parameter: str,
    names: list[str],
    label: Words,
    key: str,
    *,
    explained: Words | None = None,
    width: int | Literal["stretch"] = 360,
) -> str:
    """A list of names, opened at the one that the address asks for (`?student=films`).

    Args:
        parameter: Of the address.
        names: At least one.
        label: Of the list.
        key: Of the widget.
        explained: Help beside the label.
        width: In pixels.
    """
    wanted = asked(parameter, names)
    first = names.index(wanted) if wanted else 0
    name = st.selectbox(label, names, index=first, key=key, help=explained, width=width)
    remember(**{parameter: name})
    return str(name)
