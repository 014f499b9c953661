"""Commands on runs: list, show, log, set, stop."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import typer

from core.command_line.options import JSON
from core.command_line.output import as_text, facts, print_json, say, show, table
from core.errors import SettingsError
from core.jobs.backends import local
from core.jobs.store import Run, Store
from core.workspace import Workspace

app = typer.Typer(help="Watch and steer runs.")
RUN = typer.Argument(..., help="The run's id.")


@app.command("list")
def list_runs(
    limit: int = typer.Option(20, min=1, help="At most so many, newest first."),
    recipe: str = typer.Option(None, help="Only runs of this recipe."),
    as_json: bool = JSON,
) -> None:
    """List runs, newest first."""
    runs = _store().runs(limit=limit, recipe=recipe)
    if as_json:
        print_json([_as_dict(run) for run in runs])
    elif runs:
        rows = [(r.id, r.state, _progress(r), _time(r.created), r.title) for r in runs]
        show(table(["run", "state", "progress", "begun", "what"], rows))
    else:
        say("No run yet; try: python -m core demo")


@app.command("show")
def show_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Show where a run stands, with its settings, its latest numbers and its result."""
    store = _store()
    found = store.run(run)
    latest = _latest(store, run)
    if as_json:
        print_json({**_as_dict(found), "metrics": latest})
        return
    about = {
        "run": found.id,
        "what": found.title,
        "state": str(found.state),
        "error": found.error,
        "stage": f"{found.stage} {_progress(found)}".strip(),
        "begun": _time(found.started),
        "ended": _time(found.ended),
    }
    show(facts({name: value for name, value in about.items() if value}))
    parts = {"Settings": found.settings, "Latest": latest, "Result": found.result}
    for title, values in parts.items():
        if values:
            show(as_text(f"\n{title}", "bold"))
            show(facts(values))


@app.command("log")
def log_of_run(
    run: str = RUN,
    last: int = typer.Option(200, min=1, help="How many of its last lines."),
    as_json: bool = JSON,
) -> None:
    """Print the end of a run's log."""
    text = local.log(_store(), run, last=last)
    print_json({"run": run, "log": text}) if as_json else show(as_text(text))


@app.command("set")
def set_controls(
    run: str = RUN,
    changes: list[str] = typer.Argument(..., help="alpha=0.3 temperature=2 ..."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Change settings of a run while it goes on, from its next step."""
    pairs = [_change(change) for change in changes]
    store = _store()
    ids = [store.set_control(run, key, value) for key, value in pairs]
    if as_json:
        print_json({"run": run, "controls": ids})
    else:
        say(f"Asked {run} for " + ", ".join(f"{key} = {value:g}" for key, value in pairs) + ".")


@app.command("stop")
def stop_run(
    run: str = RUN,
    hard: bool = typer.Option(False, "--hard", help="Kill it rather than wait for a safe point."),
    as_json: bool = JSON,
) -> None:
    """Stop a run at its next safe point."""
    store = _store()
    before = store.run(run)
    local.stop(store, run, hard=hard)
    state = store.run(run).state
    if as_json:
        print_json({"run": run, "state": str(state)})
    else:
        said = f"was over already ({state})" if before.state.is_over else f"is {state}"
        say(f"The run {run} {said}.")


def _store() -> Store:
    return Store(Workspace())


def _change(text: str) -> tuple[str, float]:
    key, _, value = text.partition("=")
    try:
        return key.strip(), float(value)
    except ValueError as error:
        raise SettingsError(f"{text!r} is no change: write it like alpha=0.3.") from error


def _as_dict(run: Run) -> dict[str, Any]:
    return asdict(run) | {"elapsed": run.elapsed(), "seconds_left": run.seconds_left()}


def _latest(store: Store, run_id: str) -> dict[str, float | None]:
    """The last point of every curve; None where it is no number."""
    latest: dict[str, float | None] = {}
    cursor = 0
    while page := store.metrics(run_id, after=cursor):
        cursor = page[-1].id
        latest |= {p.name: p.value if p.value == p.value else None for p in page}
    return latest


def _progress(run: Run) -> str:
    return "" if run.share is None else f"{run.share:.0%}"


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"
