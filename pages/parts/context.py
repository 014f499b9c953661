"""What the reader works with: a graph, a teacher and a student, chosen once and carried everywhere.

A page that needs one of them begins with it, and names it in its address; an address that names
one, or a choice on any page, is carried on. With a student come its teacher and its graph, with a
teacher its graph, with a graph those that know it.
"""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from core.errors import CallerError
from pages.parts.state import asked, card, names, remember
from pages.parts.text import clipped, field_name

Parameter = Literal["graph", "teacher", "student"]

FOLDERS: Final[dict[Parameter, Literal["graphs", "teachers", "students"]]] = {
    "graph": "graphs", "teacher": "teachers", "student": "students",
}  # fmt: skip
CARRIED: Final = "context"
SEEN: Final = "context.address"


def carry() -> None:
    """Take up what the address names, where that is new; the most particular of it counts."""
    named = {one: asked(one, names(folder)) for one, folder in FOLDERS.items()}
    if named == st.session_state.get(SEEN):
        return
    st.session_state[SEEN] = named
    for parameter, name in named.items():
        if name and carried(parameter) != name:
            _take(parameter, name)


def carried(parameter: str) -> str | None:
    """The graph, teacher or student that was chosen last; None where none was."""
    found: dict[str, str] = st.session_state.get(CARRIED, {})
    return found.get(parameter)


def choose(parameter: Parameter, name: str) -> None:
    """Work with another one from now on; the address of this page follows where it names any."""
    _take(parameter, name)
    remember(**{one: carried(one) for one in FOLDERS if one in st.query_params})


def context_choices() -> None:
    """A list for each kind of which there are several."""
    for parameter, folder in FOLDERS.items():
        there = names(folder)
        if len(there) > 1:
            _choice(parameter, there)


def _choice(parameter: Parameter, there: list[str]) -> None:
    key = f"{CARRIED}.{parameter}"
    now = carried(parameter)
    st.session_state[key] = now if now in there else there[0]
    st.selectbox(
        field_name(parameter),
        there,
        key=key,
        format_func=clipped,
        on_change=lambda: choose(parameter, st.session_state[key]),
    )


def _take(parameter: Parameter, name: str) -> None:
    kept: dict[str, str] = st.session_state.get(CARRIED, {})
    st.session_state[CARRIED] = kept | _with_it(parameter, name) | {parameter: name}


def _with_it(parameter: Parameter, name: str) -> dict[str, str]:
    """What goes with one: what it was made from, or the first that was made from it."""
    try:
        if parameter == "student":
            made = card("students", name)
            return {"teacher": made.teacher, "graph": made.graph}
        if parameter == "teacher":
            student = _first_of("students", "teacher", name)
            return {"graph": card("teachers", name).graph} | student
        return _first_of("teachers", "graph", name) | _first_of("students", "graph", name)
    except CallerError:  # the page that shows it says what is wrong with it
        return {}


def _first_of(folder: Literal["teachers", "students"], made_from: str, name: str) -> dict[str, str]:
    """The first teacher or student that was made from something, unless one is carried already."""
    kind = folder.removesuffix("s")
    mine = [one for one in names(folder) if getattr(card(folder, one), made_from) == name]
    if not mine or carried(kind) in mine:
        return {}
    return {kind: mine[0]}
