"""Commands that look at runs: list, show, log, follow, compare, queue."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

import typer

from core.command_line import run_keeping, run_steering
from core.command_line.following import follow
from core.command_line.options import JSON, MOST_SHOWN
from core.command_line.output import as_lines, as_text, facts, print_json, say, show, table
from core.runs import run_folder
from core.runs.client import RunHandle
from core.runs.run import NO_PROGRESS_SECONDS
from core.runs.store import curves, devices, queue
from core.runs.store.store import Event, Run, RunState, Store
from core.runs.supervisor import diagnosis, presence
from core.workspace import Workspace

app = typer.Typer(help="Watch, steer and keep runs.")
RUN = typer.Argument(..., help="The run's id.")
LOG_POLL_SECONDS = 0.3


@app.command("list")
def list_runs(
    limit: int = typer.Option(20, min=1, max=MOST_SHOWN, help="At most so many, newest first."),
    recipe: str = typer.Option(None, help="Only runs of this recipe."),
    state: RunState = typer.Option(None, help="Only runs in this state."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """List runs, newest first."""
    runs = _store().runs(limit=limit, recipe=recipe, states=[state] if state else None)
    if as_json:
        print_json([as_dict(run) for run in runs])
    elif runs:
        rows = [(r.id, state_words(r), _progress(r), _time(r.created), r.title) for r in runs]
        show(table(["run", "state", "progress", "asked for", "what"], rows))
    else:
        say("No run yet; try: python -m core demo")


@app.command("show")
def show_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Show where a run stands, what happened, its settings, its latest numbers and its result."""
    store = _store()
    found = store.run(run)
    latest = curves.latest(store.database, run)
    told = [line for event in _events(store, run) if (line := happened(event))]
    if as_json:
        changes = [asdict(control) for control in store.controls(run)]
        more = {"needs": queue.needed(store, run), "artefacts": store.artefacts(run)}
        print_json({**as_dict(found), "metrics": latest, "changes": changes, **more})
        return
    about = {
        "run": found.id,
        "what": found.title,
        "state": state_words(found),
        "error": found.error,
        "stage": f"{found.stage} {_progress(found)}".strip(),
        "device": devices.held_by(store.database, run),
        "begun": _time(found.started),
        "ended": _time(found.ended),
        "attempt": found.attempt if found.attempt > 1 else None,
        "waits for": queue.needed(store, run) if found.state is RunState.QUEUED else None,
        "branched from": found.parent,
        "made": [f"{kind}/{name}" for kind, name in store.artefacts(run)],
        "try": _advice(found),
    }
    show(facts({name: value for name, value in about.items() if value}))
    if told:
        show(as_lines("\nWhat happened", "bold"))
        for line in told:
            show(as_text(line))
    parts = {"Settings": found.settings, "Latest": latest, "Result": found.result}
    for title, values in parts.items():
        if values:
            show(as_lines(f"\n{title}", "bold"))
            show(facts(values))


@app.command("log")
def log_of_run(
    run: str = RUN,
    last: int = typer.Option(200, min=1, max=MOST_SHOWN, help="How many of its last lines."),
    on: bool = typer.Option(False, "--follow", help="Go on printing until the run is over."),
    as_json: bool = JSON,
) -> None:
    """Print the end of a run's log."""
    store = _store()
    text = RunHandle(store, run).log(last)
    if as_json:
        print_json({"run": run, "log": text})
        return
    show(as_lines(text))
    if on:
        _print_more(store, run)


@app.command("follow")
def follow_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Watch a run until it is over; Ctrl-C stops it."""
    result = follow(RunHandle(_store(), run))
    print_json({"run": run, **result}) if as_json else show(facts(result))


@app.command("compare")
def compare_runs(
    runs: list[str] = typer.Argument(..., help="Two or more ids."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Lay runs side by side: the settings in which they differ, and their latest numbers."""
    store = _store()
    found = [store.run(run) for run in runs]
    settings = differing([run.settings for run in found])
    numbers = [curves.latest(store.database, run.id) for run in found]
    names = sorted({name for latest in numbers for name in latest})
    latest = {name: [one.get(name) for one in numbers] for name in names}
    if as_json:
        print_json({"runs": runs, "settings": settings, "metrics": latest})
        return
    states = {"state": [str(run.state) for run in found]}
    rows = [
        (name, *(_shown(value) for value in values))
        for name, values in {**states, **settings, **latest}.items()
    ]
    show(table(["", *runs], rows))


@app.command("queue")
def show_queue(as_json: bool = JSON) -> None:
    """Show who waits in which order, what runs where, and whether a supervisor is there."""
    store = _store()
    waiting, there = queue.waiting(store), devices.known(store.database)
    found = presence.present(store)
    needs = {run.id: queue.needed(store, run.id) for run in waiting}
    if as_json:
        print_json(
            {
                "waiting": [
                    {"run": run.id, "priority": run.priority, "needs": needs[run.id]}
                    for run in waiting
                ],
                "devices": [asdict(device) for device in there],
                "supervisor": asdict(found) if found else None,
            }
        )
        return
    rows = [(d.name, d.slots, ", ".join(d.runs)) for d in there]
    if rows:
        show(table(["device", "at a time", "runs"], rows))
    if waiting:
        places = [(run.id, run.priority, ", ".join(needs[run.id]), run.title) for run in waiting]
        show(table(["waiting", "priority", "for", "what"], places))
    here = f"A supervisor looks after the runs (process {found.pid})." if found else NO_SUPERVISOR
    say(here if waiting or found else f"Nothing waits. {here}")


NO_SUPERVISOR = "No supervisor is there; one starts with the next run."

run_steering.add_to(app)
run_keeping.add_to(app)


def differing(settings: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The settings that are not the same in all runs, with their values run by run."""
    names = dict.fromkeys(name for values in settings for name in values)
    rows = {name: [values.get(name) for values in settings] for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row)}


def happened(event: Event) -> str:
    """An event that says how a run came to where it is; empty for those of its everyday."""
    said = event.payload
    at = f"{datetime.fromtimestamp(event.at):%m-%d %H:%M:%S}"
    if event.kind == "lost":
        code = said.get("exit_code")
        ended = "" if code is None else f" (exit code {code})"
        then = "tried again" if said.get("resumes") else "given up"
        return f"{at}  attempt {said['attempt']} vanished: {said['cause']}{ended}; {then}"
    if event.kind == "attempt":
        return f"{at}  attempt {said['attempt']} began"
    if event.kind == "resumed":
        return f"{at}  went on from the checkpoint at step {said.get('step')}"
    if event.kind == "asked":
        return f"{at}  {said.get('who') or 'somebody'} asked: {said.get('what')}"
    if event.kind == "control":
        change = f"{said.get('key')}: {said.get('old')} -> {said.get('new')}"
        return f"{at}  {change} since step {said.get('step')}"
    return f"{at}  warning: {said.get('message', '')}" if event.kind == "warning" else ""


def as_dict(run: Run) -> dict[str, Any]:
    """A run as JSON tells it."""
    columns = asdict(run)
    del columns["message"]  # `error` is the same in English
    times = {"elapsed": run.elapsed(), "seconds_left": run.seconds_left()}
    return columns | times | {"responds": run.responds, "silence": run.silence()}


def state_words(run: Run) -> str:
    """Where a run stands, and whether anything is heard of it."""
    if not run.responds:
        return f"{run.state}, not responding for {run.silence():.0f} s"
    if (quiet := run.without_progress()) > NO_PROGRESS_SECONDS:
        return f"{run.state}, no progress for {quiet / 60:.0f} min"
    return str(run.state)


def _advice(run: Run) -> str | None:
    """The command that may help a run that ended badly."""
    if run.state not in (RunState.FAILED, RunState.LOST, RunState.STOPPED):
        return None
    changes = diagnosis.fix(run.cause, run.settings).items()
    words = [run.id, *(f"{name}={value}" for name, value in changes)]
    return f"python -m core runs resume {' '.join(words)}"


def _print_more(store: Store, run_id: str) -> None:
    """Print what is added to a log until its run is over."""
    with run_folder.log_path(store, run_id).open(encoding="utf-8", errors="replace") as file:
        file.seek(0, 2)
        while True:
            over = store.run(run_id).state.is_over
            if text := file.read():
                show(as_lines(text.rstrip("\n")))
            if over:
                return
            time.sleep(LOG_POLL_SECONDS)


def _events(store: Store, run_id: str) -> list[Event]:
    found: list[Event] = []
    while page := store.events(run_id, after=found[-1].id if found else 0):
        found += page
    return found


def _store() -> Store:
    return Store(Workspace())


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)


def _progress(run: Run) -> str:
    return "" if run.share is None else f"{run.share:.0%}"


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
