"""Distil one student anew at every alpha and T of a grid, and score each: the alpha x T map.

    each alpha and T  ->  distill_student  ->  evaluate

Every cell is two ordinary runs at the end of the queue, which any page shows and any person may
stop. This recipe queues them and waits: it computes nothing itself and remembers nothing. Which
cells there are already it sees by their runs and students, so that whoever starts it again, after a
stop, a kill or a power cut, has only the missing ones made.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from core.checkpoints import KEEP
from core.errors import AlreadyExists, RunFailed, RunStopped, SettingsError
from core.evaluation.share_interval import share_interval
from core.report import Report
from core.results.evaluation import Evaluation
from core.results.sweep import SweepCell, SweepReport
from core.runs import client, lifecycle
from core.runs.lifecycle import RESUMABLE
from core.runs.run import ACTIVE, Run, RunState
from core.runs.store.housekeeping import size
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import (
    DistillSettings,
    EvaluateSettings,
    Settings,
    SweepSettings,
    checked,
    renamed,
)
from core.workspace import Workspace, joined_name

LAST = -100
"""Priority of the cells: whatever a person starts meanwhile goes first."""

LOOK_SECONDS = 1.0
"""Between two looks at the cells."""

ROOM = 1 + 3 * KEEP
"""Times its size that a student may take: itself, and the checkpoints that its run keeps, each with
its weights and AdamW's two moments."""

OF_NO_ACCOUNT = {"name", "replace", "device"}
"""Settings in which a student may differ from what is wanted of a cell, and be taken for it."""


@dataclass(frozen=True)
class Cell:
    """One alpha and T: how its student is distilled, and how it is scored."""

    distilling: DistillSettings
    scoring: EvaluateSettings


def run(settings: SweepSettings, report: Report, workspace: Workspace) -> SweepReport:
    """Have every cell made and scored, and wait for it.

    A cell that fails leaves the others alone. Stopping this run stops the cells that are not over;
    killing it leaves them in the queue.

    Raises:
        NotFound: If there is no such student.
        SettingsError: If its alpha or T moved while it learned, or the disk is too small for all.
        AlreadyExists: If a student of another kind has the name of a cell.
        RunFailed: If no cell ended well.
    """
    began = time.monotonic()
    report.stage("sweep")
    store = Store(workspace)
    cells = cells_of(settings, workspace)
    _check_room(settings.student, [one for one in cells if not _is_made(one, workspace)], workspace)
    runs = [_started(store, cell) for cell in cells]
    try:
        _wait(store, runs, report)
    except RunStopped:
        for made, scored in runs:
            _stop(store, [made, scored] if made else [scored])
        raise
    found = [_outcome(store, cell, *ids) for cell, ids in zip(cells, runs, strict=True)]
    return _summed_up(settings, found, time.monotonic() - began)


def cells_of(settings: SweepSettings, workspace: Workspace) -> list[Cell]:
    """The cells of the grid, in the order of alpha, then of T.

    Raises:
        NotFound: If there is no such student.
        SettingsError: If its alpha or T moved while it learned.
    """
    card = workspace.read("students", settings.student, "card.json")
    base = checked(DistillSettings, renamed(DistillSettings, card["settings"]))
    if base.replay or base.alpha_end is not None or base.temperature_end is not None:
        raise SettingsError(
            "Alpha or T of the student {student!r} moved while it learned (alpha_end, "
            "temperature_end or replay), so there is no map of them: take one whose alpha and T "
            "stay as they begin.",
            student=settings.student,
        )
    by_hand = bool((card.get("schedule") or {}).get("changes"))
    as_it_is = None if by_hand or card["result"].get("kept_early") else base
    temperatures = sorted(set(settings.temperatures))
    return [
        _cell(settings, base, as_it_is, alpha, temperature)
        for alpha, temperature in product(sorted(set(settings.alphas)), temperatures)
        if alpha < 1 or temperature == temperatures[0]
    ]


def _cell(
    settings: SweepSettings,
    base: DistillSettings,
    as_it_is: DistillSettings | None,
    alpha: float,
    temperature: float,
) -> Cell:
    """A cell; the student itself where it is the one that the cell asks for."""
    ending = f"-a{alpha:g}-t{temperature:g}"
    change = {"alpha": alpha, "temperature": temperature, "replace": False}
    wanted = base.model_copy(update={"name": joined_name(settings.student, ending), **change})
    if as_it_is is not None and _matters(wanted) == _matters(as_it_is):
        wanted = wanted.model_copy(update={"name": settings.student})
    scoring = {"role": "student", "split": settings.split, "device": base.device}
    return Cell(wanted, EvaluateSettings(model=wanted.name, questions=base.questions, **scoring))


def _matters(settings: DistillSettings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude=OF_NO_ACCOUNT)


def _is_made(cell: Cell, workspace: Workspace) -> bool:
    """Whether the student of a cell is there.

    Raises:
        AlreadyExists: If another one has its name.
    """
    name = cell.distilling.name
    if not workspace.exists("students", name):
        return False
    card = workspace.read("students", name, "card.json")
    there = checked(DistillSettings, renamed(DistillSettings, card["settings"]))
    if _matters(there) != _matters(cell.distilling):
        raise AlreadyExists(
            "The student {name!r} was distilled with other settings than this sweep has for that "
            "name: delete it, or sweep from another student.",
            name=name,
        )
    return True


def _check_room(student: str, missing: Sequence[Cell], workspace: Workspace) -> None:
    """Refuse a sweep whose students would fill the disk.

    Raises:
        SettingsError: Saying what they take, and what there is.
    """
    needed = len(missing) * ROOM * workspace.extent("students", student)[1]
    free = shutil.disk_usage(workspace.root).free
    if needed > free:
        raise SettingsError(
            "The {count} students that are missing in this sweep, with their checkpoints, may take "
            "{needed}, and the disk of {root} has {free} left: take fewer values of alpha and T, "
            "or free some space.",
            count=len(missing),
            needed=size(needed),
            root=workspace.root,
            free=size(free),
        )


def _started(store: Store, cell: Cell) -> tuple[str | None, str]:
    """The runs of a cell: the one that makes its student, None where it is there, and its score."""
    if _is_made(cell, store.workspace):
        folder = store.workspace.folder("students", cell.distilling.name)
        since = (folder / "card.json").stat().st_mtime
        return None, _scoring(store, cell, since, after=())
    made = _latest(store, "distill_student", cell.distilling)
    if made is not None and made.state is RunState.STOPPING:
        made = client.RunHandle(store, made.id).wait()
    if made is not None and made.state in RESUMABLE:
        made = lifecycle.resume(store, made.id)
    if made is None or made.state not in ACTIVE:
        handle = client.submit(store, "distill_student", cell.distilling, priority=LAST)
        made = store.run(handle.id)
    return made.id, _scoring(store, cell, float("inf"), after=(made.id,))


def _scoring(store: Store, cell: Cell, since: float, after: Sequence[str]) -> str:
    """The run that scores a cell: one that goes on, or ended after its student was made; else new.

    Args:
        store: The store.
        cell: The cell.
        since: When the student was made.
        after: The run that makes it.
    """
    there = _latest(store, "evaluate", cell.scoring)
    if there is not None:
        is_of_it = there.state is RunState.SUCCEEDED and (there.ended or 0) >= since
        if is_of_it or there.state in ACTIVE:
            return there.id
    return client.submit(store, "evaluate", cell.scoring, after=after, priority=LAST).id


def _latest(store: Store, recipe: str, settings: Settings) -> Run | None:
    wanted = settings.model_dump(mode="json")
    return next((one for one in store.runs(100_000, recipe) if one.settings == wanted), None)


def _wait(store: Store, runs: Sequence[tuple[str | None, str]], report: Report) -> None:
    """Until every cell is scored, or comes to nothing.

    Raises:
        RunStopped: If someone asked this run to stop.
    """
    while True:
        done = sum(store.run(scored).state.is_over for _, scored in runs)
        report.progress(done, len(runs), "cells")
        report.check_stop()
        if done == len(runs):
            return
        presence.ensure(store)
        time.sleep(LOOK_SECONDS)


def _stop(store: Store, ids: Iterable[str]) -> None:
    """Stop the first of these runs that goes on; those that wait for it follow."""
    going = next((one for one in ids if not store.run(one).state.is_over), None)
    if going is not None:
        client.RunHandle(store, going).stop()


def _outcome(store: Store, cell: Cell, made: str | None, scored: str) -> tuple[SweepCell, int]:
    """What came of a cell, and how many questions with an answer it was asked."""
    about = SweepCell(
        alpha=cell.distilling.alpha,
        temperature=cell.distilling.temperature,
        student=cell.distilling.name,
        evaluation=scored,
    )
    run = store.run(scored)
    if run.state is not RunState.SUCCEEDED:
        first = store.run(made) if made else run
        failed = run if first.state is RunState.SUCCEEDED else first
        return replace(about, error=str(failed.failure())), 0
    found: Evaluation = client.RunHandle(store, scored).result()
    answered = found.questions - (found.honesty.unanswerable if found.honesty else 0)
    scores = {name: getattr(found, name) for name in ("hits_at_1", "path_exact_match", "ece")}
    return replace(about, **scores), answered


def _summed_up(
    settings: SweepSettings, found: Sequence[tuple[SweepCell, int]], seconds: float
) -> SweepReport:
    """The report of a sweep.

    Raises:
        RunFailed: If no cell ended well.
    """
    cells = [cell for cell, _ in found]
    hits = {cell.student: cell.hits_at_1 for cell in cells if cell.hits_at_1 is not None}
    if not hits:
        raise RunFailed(
            "No student of the sweep was distilled and scored; the first ended so: {error}",
            error=cells[0].error,
        )
    questions = max(count for _, count in found)
    best = max(hits, key=lambda name: hits[name])
    lowest, _ = share_interval(hits[best], questions)
    return SweepReport(
        student=settings.student,
        split=settings.split,
        questions=questions,
        cells=tuple(cells),
        best=best,
        rivals=sum(share >= lowest for share in hits.values()) - 1,
        seconds=seconds,
    )
