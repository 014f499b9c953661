"""Choose one of what the workspace holds by its name, which stands in the address."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from pages.parts.context import Parameter, carried, choose
from pages.parts.state import asked, remember
from pages.parts.text import Words


def name_choice(
    parameter: Parameter,
    names: list[str],
    label: Words,
    key: str,
    *,
    explained: Words | None = None,
    width: int | Literal["stretch"] = 360,
) -> str:
    """A list of names, opened at the one that the address asks for (`?student=films`).

    Where it asks for none, at the one that is worked with (see `pages.parts.context`).

    Args:
        parameter: Of the address.
        names: At least one.
        label: Of the list.
        key: Of the widget.
        explained: Help beside the label.
        width: In pixels.
    """
    known = carried(parameter)
    wanted = asked(parameter, names) or (known if known in names else names[0])
    st.session_state[key] = wanted

    def chosen() -> None:
        remember(**{parameter: st.session_state[key]})
        choose(parameter, st.session_state[key])

    name = st.selectbox(label, names, key=key, help=explained, width=width, on_change=chosen)
    remember(**{parameter: name})
    return str(name)
