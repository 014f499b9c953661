"""Commands that steer runs: chain, set, pause, resume, stop, checkpoint, evaluate, branch ..."""

from __future__ import annotations

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json, say, show
from core.errors import SettingsError
from core.runs import chains, lifecycle
from core.runs.client import RunHandle
from core.runs.store import queue
from core.runs.store.store import Store
from core.runs.supervisor import diagnosis
from core.workspace import Workspace

RUN = typer.Argument(..., help="The run's id.")
CHANGES = typer.Argument(None, help="Settings to change: alpha=0.3 batch_size=16 ...")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `runs`."""
    app.command("chain")(start_chain)
    app.command("set")(set_controls)
    app.command("pause")(pause_run)
    app.command("resume")(resume_run)
    app.command("stop")(stop_run)
    app.command("checkpoint")(checkpoint_run)
    app.command("evaluate")(evaluate_run)
    app.command("branch")(branch_run)
    app.command("priority")(set_priority)


def start_chain(
    graph: str = typer.Option(..., help="The graph to reason over."),
    questions: str = typer.Option(..., help="The question set to learn from and be scored on."),
    teacher: str = typer.Option(..., help="What the teacher will be called."),
    student: str = typer.Option(..., help="What the student will be called."),
    device: str = typer.Option("auto", help="auto, cuda or cpu."),
    as_json: bool = JSON,
) -> None:
    """Queue the whole way: train a teacher, label, distil a student, score it."""
    ids = chains.start_chain(Store(Workspace()), graph, questions, teacher, student, device)
    print_json({"runs": ids}) if as_json else show("\n".join(ids))


def set_controls(
    run: str = RUN,
    changes: list[str] = typer.Argument(..., help="alpha=0.3 temperature=2 ..."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Change settings of a run while it goes on, from its next step."""
    pairs = [_number(change) for change in changes]
    store = Store(Workspace())
    ids = [store.set_control(run, key, value) for key, value in pairs]
    if as_json:
        print_json({"run": run, "controls": ids})
    else:
        say(f"Asked {run} for " + ", ".join(f"{key} = {value:g}" for key, value in pairs) + ".")


def pause_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Let a run wait at its next safe point, its process and memory kept."""
    store = Store(Workspace())
    lifecycle.pause(store, run)
    _tell(store, run, as_json)


def resume_run(
    run: str = RUN,
    changes: list[str] = CHANGES,  # noqa: B008
    fix: bool = typer.Option(False, "--fix", help="Change what most likely made it fail."),
    as_json: bool = JSON,
) -> None:
    """Let a paused run go on, or try one again that was stopped, failed or lost.

    It goes on from its last valid checkpoint, where its recipe writes some.
    """
    store = Store(Workspace())
    found = store.run(run)
    changed = lifecycle.read_changes(changes or ())
    if fix:
        mended = diagnosis.fix(found.cause, found.settings)
        if not mended:
            raise SettingsError(
                "No change of settings is known that would help the run {run}: its error says "
                "what to mend.",
                run=run,
            )
        changed = mended | changed
    lifecycle.resume(store, run, changed)
    _tell(store, run, as_json)


def stop_run(
    run: str = RUN,
    hard: bool = typer.Option(False, "--hard", help="Kill it rather than wait for a safe point."),
    keep: bool = typer.Option(False, "--keep", help="Let a distillation end well, as it is now."),
    as_json: bool = JSON,
) -> None:
    """Stop a run at its next safe point."""
    if keep:
        _ask(run, "keep", as_json)
        return
    store = Store(Workspace())
    before = store.run(run)
    RunHandle(store, run).stop(hard)
    state = store.run(run).state
    if as_json:
        print_json({"run": run, "state": str(state)})
    else:
        said = f"was over already ({state})" if before.state.is_over else f"is {state}"
        say(f"The run {run} {said}.")


def checkpoint_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Let a distillation write a checkpoint now, which stays until the run is deleted."""
    _ask(run, "checkpoint", as_json)


def evaluate_run(run: str = RUN, as_json: bool = JSON) -> None:
    """Let a distillation score its student now."""
    _ask(run, "evaluate", as_json)


def branch_run(
    run: str = RUN,
    changes: list[str] = typer.Argument(..., help="name=other alpha=0.3 ..."),  # noqa: B008
    step: int = typer.Option(
        None, min=0, max=2**31 - 1, help="Go on from its checkpoint at this step."
    ),
    as_json: bool = JSON,
) -> None:
    """Start a new run like another one, with some settings changed."""
    store = Store(Workspace())
    new = lifecycle.branch(store, run, lifecycle.read_changes(changes or ()), step)
    print_json({"run": new, "parent": run}) if as_json else show(new)


def set_priority(
    run: str = RUN,
    priority: int = typer.Argument(..., help="The higher goes first; 0 at the beginning."),
    as_json: bool = JSON,
) -> None:
    """Let a queued run go earlier or later."""
    store = Store(Workspace())
    queue.set_priority(store, run, priority)
    place = [one.id for one in queue.waiting(store)].index(run) + 1
    if as_json:
        print_json({"run": run, "priority": priority, "place": place})
    else:
        say(f"The run {run} has place {place} in the queue.")


def _ask(run: str, verb: str, as_json: bool) -> None:
    control = Store(Workspace()).set_control(run, verb, 1)
    if as_json:
        print_json({"run": run, "controls": [control]})
    else:
        say(f"Asked {run} to {verb}, at its next step.")


def _tell(store: Store, run: str, as_json: bool) -> None:
    state = store.run(run).state
    print_json({"run": run, "state": str(state)}) if as_json else say(f"The run {run} is {state}.")


def _number(text: str) -> tuple[str, float]:
    ((key, value),) = lifecycle.read_changes([text]).items()
    try:
        return key, float(value or "")
    except ValueError as error:
        raise SettingsError("{text!r} is no change: write it like alpha=0.3.", text=text) from error
