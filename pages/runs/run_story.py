"""How a run came to where it is: the chain it stands in, what happened, and who changed what."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.runs.run import Event, Run, RunState
from core.runs.store import queue
from pages.parts.runs.run_progress import run_name, state_badge
from pages.parts.state import remember, store
from pages.parts.table import table
from pages.parts.text import Words, has_text, literal, t, t_plain

TOLD = ("attempt", "lost", "resumed", "branched", "paused", "continued", "asked")


def chain_view(run: Run) -> None:
    """The runs that this one waits for, and those that wait for it, in order."""
    runs = queue.chain(store(), run.id)
    if len(runs) < 2:
        return
    st.caption(t("run.chain"))
    with st.container(horizontal=True, vertical_alignment="center", key="chain"):
        for place, one in enumerate(runs):
            if place:
                st.markdown(":gray[:material/arrow_forward:]", width="content")
            state_badge(one.state)
            here = one.id == run.id
            st.button(
                literal(f"{recipe_name(one.recipe)} {run_name(one)}"),
                key=f"chain:{one.id}",
                type="tertiary",
                disabled=here,
                on_click=remember,
                kwargs={"run": one.id},
            )


def recipe_name(recipe: str) -> str:
    """A recipe in the reader's language; one of another project by its own name: plain text."""
    key = f"runs.recipe.{recipe}"
    return t_plain(key) if has_text(key) else recipe


def cause_words(cause: object) -> Words | None:
    """What kind of thing went wrong, in a word or two."""
    key = f"run.cause.{cause}"
    return t(key) if has_text(key) else None


def happened(kind: str, said: dict[str, Any]) -> str:
    """What an event says of how the run came to where it is, in plain text; its everyday: empty."""
    if kind not in TOLD:
        return ""
    if kind == "lost":
        key = "run.story.lost_resumes" if said.get("resumes") else "run.story.lost"
        cause = cause_words(said.get("cause")) or str(said.get("cause"))
        return t_plain(key, attempt=said.get("attempt"), cause=cause)
    if kind == "asked":
        key = f"run.asked.{said.get('what')}"
        what = t_plain(key) if has_text(key) else str(said.get("what"))
        return t_plain("run.story.asked", who=said.get("who") or "?", what=what)
    return t_plain(f"run.story.{kind}", attempt=said.get("attempt"), step=said.get("step"))


def story(run: Run, events: Sequence[Event]) -> None:
    """What happened, where more happened than that it ran."""
    lines = [(event.at, happened(event.kind, event.payload)) for event in events]
    told = [
        f"`{time.strftime('%m-%d %H:%M:%S', time.localtime(at))}` {literal(line)}"
        for at, line in lines
        if line
    ]
    cause = cause_words(run.cause)
    if cause and run.state in (RunState.FAILED, RunState.LOST, RunState.STOPPED):
        st.markdown(t("run.cause", cause=cause))
    if told:
        with st.expander(t("run.story"), icon=":material/history:", expanded=run.attempt > 1):
            st.markdown("  \n".join(told))


def changes_table(run: Run) -> None:
    """Every change that a person made: who, when, old, new, and since which step."""
    rows: list[dict[str, Any]] = [
        {
            "at": time.strftime("%m-%d %H:%M:%S", time.localtime(control.at)),
            "who": control.who,
            "setting": control.key,
            "old": control.old,
            "new": control.value,
            "step": control.step,
        }
        for control in store().controls(run.id)
    ]
    if not rows:
        st.caption(t("run.changes_empty"))
        return
    names = {name: t(f"run.changes.{name}") for name in rows[0]}
    table(rows, column_config=names)
