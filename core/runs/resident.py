"""Ask the resident: a worker that stays warm, so that a short question takes milliseconds.

    answer = call(store, "answer_question", AskSettings(student="demo", question="..."))

There is one resident per workspace. The first call starts it; it leaves after fifteen idle minutes.
If it dies over a question it is started once more, and the question is asked again. One that began
with other code than the caller's is ended before it can take the question, and another one started.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from core.catalogue import result_of
from core.errors import AlreadyExists, RunFailed
from core.messages import Message
from core.runs.client import kill, start_at_once
from core.runs.code_version import code_version
from core.runs.processes import is_alive
from core.runs.run import Run, RunState, error_columns, named_error
from core.runs.store import requests
from core.runs.store.requests import RequestState
from core.runs.store.store import RESIDENT, Store
from core.runs.supervisor.wakeup import ring
from core.runs.worker.serving import BELL, ServeSettings
from core.settings import Settings

POLL_SECONDS = 0.02
LOOK_SECONDS = 0.25
"""How often a waiting caller looks whether the resident still lives."""
SILENT_SECONDS = 30.0
"""A resident that was not heard of for so long hangs: it is ended, and another one is asked."""
START_SECONDS = 30.0
"""A resident that has no process after so long was never started: its caller died over it."""


def call(store: Store, recipe: str, settings: Settings, timeout: float = 120) -> Any:
    """Run a short recipe in the resident and wait for its result.

    Args:
        store: The workspace's store.
        recipe: `answer_question`, `explain_question`, `compare_labels` ...
        settings: What the recipe takes.
        timeout: Seconds to wait, the start of the resident included.

    Returns:
        What the catalogue says of the recipe; plain values from one outside the project.

    Raises:
        CoreError: As the recipe raised it, the same sentence.
        RunFailed: If the resident died twice over the question, or did not answer in time.
    """
    _resident(store)  # ends one of other code, which might misread the question
    request_id = requests.post(store.database, recipe, settings.model_dump(mode="json"))
    ring(store.workspace.root / BELL)
    try:
        return result_of(recipe, _await_answer(store, request_id, timeout))
    finally:
        requests.remove(store.database, request_id)


def is_warm(store: Store) -> bool:
    """Whether the resident is there and ready."""
    run = _resident(store)
    return run is not None and run.state is RunState.RUNNING


def _await_answer(store: Store, request_id: int, timeout: float) -> dict[str, Any]:
    deadline = time.monotonic() + timeout
    deaths, next_look = 0, 0.0
    while (now := time.monotonic()) < deadline:
        request = requests.read(store.database, request_id)
        if request.state is RequestState.DONE and request.result is not None:
            return request.result
        if request.state is RequestState.FAILED:
            sentence = request.message or request.error or Message("The question failed.")
            raise named_error(request.error_kind, sentence)
        if now >= next_look:
            next_look = now + LOOK_SECONDS
            resident = _resident(store)
            if request.state is RequestState.WORKING and not _is_held(request, resident):
                deaths += 1
                _ask_again(store, request, deaths)
            if resident is None:
                _start(store)
        time.sleep(POLL_SECONDS)
    raise RunFailed(
        "No answer came within {timeout:.0f} seconds: the first question to a large model takes "
        "longest, so ask again; the log of the resident worker says what it does.",
        timeout=timeout,
    )


def _resident(store: Store) -> Run | None:
    """The resident if it lives and runs our code: its process is there, and is heard of."""
    newest = store.runs(limit=1, recipe=RESIDENT)
    if not newest or newest[0].state.is_over:
        return None
    run = newest[0]
    if run.settings.get("code") != code_version():
        kill(run)
        store.finish(run.id, RunState.STOPPED)
        return None
    starting = run.pid is None and time.time() - run.created < START_SECONDS
    if starting or (is_alive(run.pid, run.process_started) and run.silence() < SILENT_SECONDS):
        return run
    kill(run)
    died = RunFailed("The resident worker died.")
    store.finish(run.id, RunState.LOST, **error_columns(died))
    return None


def _is_held(request: requests.Request, resident: Run | None) -> bool:
    """Whether the worker that took a request is the one that lives."""
    return resident is not None and request.worker == resident.pid


def _ask_again(store: Store, request: requests.Request, deaths: int) -> None:
    if deaths > 1:
        raise RunFailed(
            "The worker that answers questions died twice over this one; the end of its log says "
            "why (memory is the usual reason)."
        )
    requests.put_back(store.database, request)


def _start(store: Store) -> None:
    with suppress(AlreadyExists):  # another caller was quicker
        settings = ServeSettings(code=code_version())
        start_at_once(store, RESIDENT, settings, title="Resident", slot="resident")
