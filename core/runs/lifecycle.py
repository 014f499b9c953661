"""What a person does to a run beside changing its settings: pause, resume, branch.

Each is written down as an event of kind `asked`, with who did it. Resuming a run that is over is a
new attempt of the same run in the same folder: its recipe goes on from the last valid checkpoint
there. Branching is a new run, from a checkpoint of the old one or from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.checkpoints import find_checkpoint
from core.errors import SettingsError
from core.runs import client
from core.runs.run import NO_ERROR, Run, RunState
from core.runs.store import queue
from core.runs.store.store import Store, user
from core.runs.supervisor import presence
from core.runs.supervisor.recovery import AFRESH
from core.runs.worker.recipe_loading import settings_model
from core.settings import Settings, checked

RESUMABLE = (RunState.STOPPED, RunState.FAILED, RunState.LOST)


def pause(store: Store, run_id: str, who: str = "") -> None:
    """Let a run wait at its next safe point; its process keeps what it has in memory.

    Raises:
        NotFound: If there is no such run.
        SettingsError: If it is not running.
    """
    state = store.run(run_id).state
    if store.move(run_id, (RunState.RUNNING,), RunState.PAUSED):
        _note(store, run_id, "pause", who)
    elif state is not RunState.PAUSED:
        raise SettingsError(
            "The run {run_id} is {state}: only a running one can be paused.",
            run_id=run_id,
            state=state,
        )


def resume(
    store: Store, run_id: str, changes: Mapping[str, Any] | None = None, who: str = ""
) -> Run:
    """Let a paused run go on, or try one again that was stopped, failed or lost.

    Args:
        store: The store.
        run_id: The run.
        changes: Settings to change before it is tried again, e.g. a smaller batch size.
        who: Who asks.

    Raises:
        NotFound: If there is no such run.
        SettingsError: If it goes on, has succeeded, or a change is out of bounds.
    """
    run = store.run(run_id)
    if run.state is RunState.PAUSED and not changes:
        store.move(run_id, (RunState.PAUSED,), RunState.RUNNING)
        _note(store, run_id, "resume", who)
        return store.run(run_id)
    if run.state is RunState.SUCCEEDED:
        raise SettingsError(
            "The run {run_id} has succeeded: branch it to go on from there.", run_id=run_id
        )
    fresh: dict[str, Any] = {"attempt": run.attempt + 1, "ended": None, **AFRESH}
    fresh |= {**NO_ERROR, "error_kind": None, "cause": None, "stopping": None}
    if changes:
        fresh["settings"] = changed(run, changes).model_dump(mode="json")
    if not store.move(run_id, RESUMABLE, RunState.QUEUED, fresh, attempt=run.attempt):
        raise SettingsError(
            "The run {run_id} is {state}: there is nothing to resume.",
            run_id=run_id,
            state=run.state,
        )
    _note(store, run_id, "resume", who, **changes or {})
    queue.requeue_dependents(store, run_id)
    presence.ensure(store)
    return store.run(run_id)


def branch(
    store: Store,
    run_id: str,
    changes: Mapping[str, Any],
    step: int | None = None,
    who: str = "",
) -> str:
    """Start a new run with other settings, from a checkpoint of an old one or from the start.

    Args:
        store: The store.
        run_id: The old run.
        changes: Settings that differ; the name of what is made must be another one.
        step: Go on from the old run's checkpoint at this step; None: from the start.
        who: Who asks.

    Returns:
        The id of the new run.

    Raises:
        NotFound: If there is no such run or checkpoint.
        FormatError: If the checkpoint is damaged.
        SettingsError: If a change is out of bounds, the name is the old one, or its recipe has no
            setting `branch` to begin anywhere but at the start.
    """
    run = store.run(run_id)
    if "name" in run.settings and changes.get("name", run.settings["name"]) == run.settings["name"]:
        raise SettingsError("A branch makes something of its own: give it another name.")
    place: dict[str, Any] = {}
    if step is not None:
        place["branch"] = f"{run_id}:{step}"
        if "branch" not in settings_model(run.recipe).model_fields:
            raise SettingsError(
                "A run of {recipe} begins at the start: leave out the step.", recipe=run.recipe
            )
        find_checkpoint(store.workspace, place["branch"])
    new = client.submit(store, run.recipe, changed(run, {**changes, **place}), parent=run_id).id
    _note(store, new, "branch", who, run=run_id, step=step)
    return new


def read_changes(words: Iterable[str]) -> dict[str, Any]:
    """Settings to change, as a person types them: `alpha=0.3 batch-size=16 questions=`.

    Values stay text, which the settings model reads; nothing after the sign means none.

    Raises:
        SettingsError: If a word is no change.
    """
    changes: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key.strip():
            raise SettingsError("{word!r} is no change: write it like alpha=0.3.", word=word)
        changes[key.strip().replace("-", "_")] = value.strip() or None
    return changes


def changed(run: Run, changes: Mapping[str, Any]) -> Settings:
    """The settings of a run with some of them changed.

    Raises:
        SettingsError: If a change is out of bounds, or there is no such setting.
    """
    return checked(settings_model(run.recipe), {**run.settings, **changes})


def _note(store: Store, run_id: str, what: str, who: str, **more: Any) -> None:
    store.note(run_id, "asked", what=what, who=who or user(), **more)
