"""A run while you watch: stages, bar, time left, curves, changes, log, and how it ended.

One timed fragment, mounted at the top level of a page, reads the store by cursor once a second. It
stops ticking when the run ends. The whole page is drawn anew when the run begins and when it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.errors import CoreError
from core.foreign_text import printable
from core.runs import run_folder
from core.runs.run import NO_PROGRESS_SECONDS
from core.runs.store import queue
from core.runs.store.store import Run, RunState
from core.runs.supervisor import hangs, presence
from pages.parts.pictures.curves import curves, history
from pages.parts.problem import problem
from pages.parts.runs.film import film
from pages.parts.runs.run_actions import run_actions
from pages.parts.state import remember, store
from pages.parts.text import Words, clipped, literal, t, t_plain

TICK_SECONDS = 1.0
LATEST_CHANGES = 4
LATEST_WARNINGS = 3
STAGES = ("import", "questions", "teacher", "labels", "distil", "evaluate", "ask")
NAMED = (*STAGES, "export", "sweep")
"""Stages with words of their own."""
EXPECTED: dict[str, tuple[str, ...]] = {"run_demo": STAGES}
"""Stages known before a run reaches them, by recipe; the others show theirs as they come."""

NOTES = {
    "growing trees": "trees",
    "questions": "questions",
    "asked": "asked",
    "read": "read",
    "saved": "saved",
    "building the student": "student",
    "loss": "loss",
    "dev Hits@1": "hits",
    "opening the student": "opening",
    "writing weights": "weights",
    "writing the card": "card",
    "cells": "cells",
}
"""What recipes say beside the bar, some of it with a number after it, by its text."""

LOOKS: dict[str, tuple[str, str]] = {
    "queued": ("hourglass_empty", "gray"),
    "starting": ("rocket_launch", "gray"),
    "running": ("play_circle", "blue"),
    "paused": ("pause_circle", "orange"),
    "stopping": ("pending", "orange"),
    "succeeded": ("check_circle", "green"),
    "stopped": ("stop_circle", "gray"),
    "failed": ("error", "red"),
    "lost": ("help", "red"),
}


def run_progress(run_id: str, beside: Callable[[Run], None] | None = None) -> Run:
    """Show a run, live while it goes on.

    Args:
        run_id: The run.
        beside: Drawn under the stages at every tick, e.g. words on what happens right now.

    Returns:
        The run as it stood when the page was drawn.

    Raises:
        NotFound: If there is no such run.
    """
    run = store().run(run_id)
    live = not run.state.is_over
    if live:
        presence.ensure(store())
    run_actions(run)
    st.fragment(_panel, run_every=TICK_SECONDS if live else None)(run_id, run.state, beside)
    return run


def state_badge(state: RunState | str) -> None:
    """The state as an icon and a word."""
    icon, colour = LOOKS[str(state)]
    st.badge(t(f"run.state.{state}"), icon=f":material/{icon}:", color=colour)  # type: ignore[arg-type]


def silence_badge(run: Run) -> None:
    """That the worker does not respond, where that is so."""
    if not run.responds:
        st.badge(t("run.silent"), icon=":material/sensors_off:", color="red")


def run_heading(run: Run, going_on: str, done: str) -> None:
    """A heading that fits the state; `going_on` and `done` are keys of texts with a `{name}`."""
    name = literal(run.settings.get("name", ""))
    if run.state is RunState.SUCCEEDED:
        name = t(done, name=name)
    elif not run.state.is_over:
        name = t(going_on, name=name)
    st.subheader(name, anchor=False)


def run_name(run: Run) -> str:
    """What the run makes or examines; its title where it names nothing."""
    named = (run.settings.get(field) for field in ("name", "model", "student"))
    return str(next(filter(None, named), run.title))


def run_button(run: Run) -> None:
    """The run by name; a click puts it into the address of the page, which then shows it."""
    st.button(
        literal(run_name(run)),
        type="tertiary",
        key=f"open:{run.id}",
        on_click=remember,
        kwargs={"run": run.id},
    )


def duration(seconds: float) -> Words:
    """Seconds in words, e.g. `42 s`, `3 min 05 s`, `1 h 12 min`."""
    whole = int(seconds + 0.5)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return t("run.hours", hours=hours, minutes=minutes)
    if minutes:
        return t("run.minutes", minutes=minutes, seconds=f"{rest:02d}")
    return t("run.seconds", seconds=rest)


def stage_name(stage: str) -> str:
    """A stage in the reader's language; a stage of another recipe by its own name: plain text."""
    return t_plain(f"run.stage.{stage}") if stage in NAMED else stage


def note_words(note: str) -> str:
    """A recipe's note in the reader's language, its number after it, as plain text."""
    said = note.rstrip("0123456789.").rstrip()
    return t_plain(f"run.note.{NOTES[said]}") + note[len(said) :] if said in NOTES else note


def change_words(payload: dict[str, Any]) -> str:
    """A change that the run has acknowledged, e.g. `alpha 0.5 → 0.3`, as plain text."""
    values = (payload.get(side) for side in ("old", "new"))
    old, new = (f"{value:.4g}" if isinstance(value, int | float) else value for value in values)
    return clipped(f"{payload.get('key')} {old} → {new}")


def _panel(run_id: str, drawn: RunState, beside: Callable[[Run], None] | None) -> None:
    run = store().run(run_id)
    # What stands around this panel, such as the live controls, depends on the state.
    if run.state is not drawn:
        st.rerun()
    told = history(run_id)
    changes = [event.payload for event in told["events"] if event.kind == "control"]
    with st.container(key="run_progress"):
        _headline(run)
        _stages(run, [str(e.payload.get("name", "")) for e in told["events"] if e.kind == "stage"])
        if run.state is RunState.RUNNING:
            st.progress(run.share or 0.0, text=_note(run))
        _silence(run)
        _ending(run)
        if beside is not None:
            beside(run)
        _warnings([e.payload for e in told["events"] if e.kind == "warning"])
        marks = [(change.get("step"), change_words(change)) for change in changes]
        film(run_id, sorted((step, words) for step, words in marks if isinstance(step, int)))
        curves(told["points"], marks, f"curve.{run_id}")
        _changes(run, changes)
        _log(run)


def _headline(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(run.state)
        silence_badge(run)
        times = [duration(run.elapsed())] if run.started else []
        left = run.seconds_left()
        if left is not None:
            times.append(t("run.left", left=duration(left)))
        st.caption(" · ".join(times), width="content")


def _stages(run: Run, reached: Sequence[str]) -> None:
    """One mark per stage: done, now, or still to come."""
    known = EXPECTED.get(run.recipe, ())
    order = list(dict.fromkeys([*known, *(stage for stage in reached if stage)]))
    if len(order) < 2:
        return
    seen = set(reached)
    with st.container(horizontal=True, gap="medium"):
        for stage in order:
            st.markdown(_stage_mark(run, stage, stage in seen), width="content")


def _stage_mark(run: Run, stage: str, was_reached: bool) -> Words:
    name = literal(stage_name(stage))
    if was_reached and stage == run.stage and run.state is not RunState.SUCCEEDED:
        icon, colour = (
            ("cancel", "red") if run.state.is_over else ("radio_button_checked", "primary")
        )
        return Words(f":{colour}[:material/{icon}:] **{name}**")
    if was_reached:
        return Words(f":green[:material/check_circle:] {name}")
    return Words(f":gray[:material/radio_button_unchecked: {name}]")


def _note(run: Run) -> Words:
    """What the bar says: the recipe's own note, and how much is done."""
    words = [stage_name(run.stage)] if run.stage else [t_plain("run.starting")]
    if run.share is not None:
        words.append(f"{run.share:.0%}")
    if run.note:
        words.append(note_words(run.note))
    return literal(" · ".join(words))


def _silence(run: Run) -> None:
    """That nothing is heard of the worker, or of its recipe, and what will be done about it."""
    if not run.responds:
        words = {"silent": duration(run.silence()), "limit": duration(hangs.limit(hangs.HUNG))}
        key = "run.silent_stopping" if run.state is RunState.STOPPING else "run.silent_long"
        st.warning(t(key, **words), icon=":material/sensors_off:")
    elif run.without_progress() > NO_PROGRESS_SECONDS:
        words = {"quiet": duration(run.quiet), "limit": duration(hangs.limit(hangs.STALLED))}
        st.caption(f":orange[:material/hourglass_disabled:] {t('run.quiet', **words)}")


def _ending(run: Run) -> None:
    """How the run ended, in a sentence, and what to do about it."""
    if run.state is RunState.QUEUED:
        st.caption(_place_in_queue(run))
    elif run.state is RunState.STARTING:
        st.caption(t("run.queued"))
    elif run.state is RunState.PAUSED:
        st.info(t("run.paused"), icon=":material/pause_circle:")
    elif run.state is RunState.STOPPING:
        st.caption(t("run.stopping"))
    elif run.state is RunState.STOPPED:
        # Why, where no person has stopped it: the run that it waited for ended badly.
        why = literal(run.message or run.error) if run.error else t("run.stopped")
        st.info(why, icon=":material/stop_circle:")
    elif run.state in (RunState.FAILED, RunState.LOST):
        problem(run.failure() if run.error else t("run.failed"))
        st.caption(t(f"run.advice.{run.state}"))


def _place_in_queue(run: Run) -> Words:
    """What a queued run waits for: the runs that it needs, or its turn."""
    needs = [store().run(name) for name in queue.needed(store(), run.id)]
    missing = [run_name(one) for one in needs if one.state is not RunState.SUCCEEDED]
    if missing:
        return t("run.waits_for", runs=", ".join(missing))
    ahead = [one.id for one in queue.waiting(store())]
    return t("run.place", place=ahead.index(run.id) + 1) if run.id in ahead else t("run.queued")


def _warnings(warnings: Sequence[dict[str, Any]]) -> None:
    """The latest things that the recipe wants a person to know."""
    for warning in warnings[-LATEST_WARNINGS:]:
        words = literal(warning.get("message", ""))
        st.caption(f":orange[:material/warning:] {words}")


def _changes(run: Run, acknowledged: Sequence[dict[str, Any]]) -> None:
    """Changes by a person: the latest that were applied, and those that still wait."""
    for change in acknowledged[-LATEST_CHANGES:]:
        words = t("run.change_applied", change=change_words(change), step=change.get("step"))
        st.caption(f":green[:material/check:] {words}")
    if run.state.is_over:
        return
    for control in store().controls(run.id):
        if control.taken is None:
            words = t("run.change_waits", key=control.key, value=f"{control.value:.4g}")
            st.caption(f":orange[:material/hourglass_empty:] {words}")


def _log(run: Run) -> None:
    """The end of the log; opened by itself where the run went wrong."""
    wrong = run.state in (RunState.FAILED, RunState.LOST)
    with st.expander(t("run.log"), icon=":material/notes:", expanded=wrong):
        try:
            tail = run_folder.log_end(store(), run.id)
        except CoreError as error:
            tail = str(error)
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.created))
        st.caption(t("run.log_since", since=since))
        with st.container(height=260, border=False, autoscroll=True):
            st.code(printable(tail) or t("run.log_empty"), language=None)
