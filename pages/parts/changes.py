"""Everything that a page can change, in one place: whoever is not the owner is refused here.

A guest looks and asks. Pages hide from guests what they may not do; should they come by it all the
same, these functions still refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from core.errors import NotAllowed
from core.runs import chains, client, lifecycle
from core.runs.run import Run
from core.runs.store import housekeeping, queue
from core.settings import Settings
from gate.visitors import HEADER, Role, Visitor
from pages.parts.names_only import names_only
from pages.parts.state import store, workspace
from pages.parts.text import t

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def visitor() -> Visitor:
    """Who looks at the page.

    Without the gate before it the page says so and ends there.
    """
    told = st.context.headers.get(HEADER)
    if told is None:
        st.error(t("frame.no_gate"), icon=":material/door_front:")
        st.stop()
    return Visitor.read(told)


def is_owner() -> bool:
    """Whether whoever looks at the page may change anything."""
    return visitor().role is Role.OWNER


def owner_only(change: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """A function that raises `NotAllowed` for anybody but the owner."""

    @wraps(change)
    def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not is_owner():
            raise NotAllowed(t("frame.owner_only"))
        return change(*args, **kwargs)

    return checked


@owner_only
def start(recipe: str, settings: Settings, slot: str | None = None) -> str:
    """Submit a run, whose settings name no path; returns its id."""
    return client.submit(store(), recipe, names_only(settings), slot=slot).id


@owner_only
def start_chain(graph: str, questions: str, teacher: str, student: str) -> list[str]:
    """Submit the whole way from questions to a scored student; returns the ids of its runs."""
    return chains.start_chain(store(), graph, questions, teacher, student)


@owner_only
def learn(graph: str) -> list[str]:
    """Submit the whole way from a graph alone to a scored student; returns the ids of its runs."""
    return chains.learn(store(), graph)


@owner_only
def stop(run_id: str, hard: bool = False) -> None:
    """Ask a run to stop, or kill it."""
    client.RunHandle(store(), run_id).stop(hard)


@owner_only
def pause(run_id: str) -> None:
    """Let a run wait at its next safe point."""
    lifecycle.pause(store(), run_id)


@owner_only
def resume(run_id: str, changes: Mapping[str, Any] | None = None) -> Run:
    """Let a run go on, or try it again."""
    return lifecycle.resume(store(), run_id, changes)


@owner_only
def branch(run_id: str, changes: Mapping[str, Any], step: int | None) -> str:
    """Start a run like another one, whose paths it may keep; returns its id."""
    run = store().run(run_id)
    names_only(lifecycle.changed(run, changes), run.settings)
    return lifecycle.branch(store(), run_id, changes, step)


@owner_only
def set_control(run_id: str, key: str, value: float) -> None:
    """Ask a run that goes on for another setting."""
    store().set_control(run_id, key, value)


@owner_only
def set_priority(run_id: str, priority: int) -> None:
    """Move a waiting run in the queue."""
    queue.set_priority(store(), run_id, priority)


@owner_only
def delete(kind: str, name: str) -> None:
    """Remove something of the workspace for good."""
    workspace().delete(kind, name)


@owner_only
def delete_run(run_id: str) -> int:
    """Remove a run for good; returns the bytes that it took."""
    return housekeeping.delete_run(store(), run_id)


@owner_only
def prune(days: float) -> tuple[list[str], int]:
    """Remove old runs; returns their ids and the bytes that they took."""
    return housekeeping.prune(store(), days)
