"""The recipe that runs do in the simulation: steps that take a while, numbered in all they say.

It keeps to what a recipe promises: it takes changes before a step, acknowledges each, stops and
pauses where it is safe, and goes on from its checkpoint.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import RunStopped
from core.report import Report
from core.settings import Settings
from core.workspace import Workspace
from tests.simulation.substitutes import world

NAME = __name__
STEP_SECONDS = 0.6


class Errand(Settings):
    """How long it takes, and on what."""

    name: str
    steps: int = 4
    alpha: float = 0.5
    device: str = "light"
    processes: int = 1
    checkpoint_every: int = 0
    deaf: bool = False  # whether it never looks if it shall stop


def run(settings: Errand, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Take the steps and publish what came of them."""
    there, run_id = world(), Path(str(report.folder)).name
    attempt = there.process.attempt

    def say(kind: str, **payload: object) -> None:
        there.numbers += 1
        number = there.numbers
        report.event(kind, **payload, number=number)
        if there.is_present(attempt):
            there.said.setdefault(run_id, []).append(number)

    report.stage("errand")
    step, alpha = there.checkpoints.get(run_id, (0, settings.alpha))
    there.lives.append((attempt, step))
    if step:
        report.event("resumed", step=step)
    while step < settings.steps:
        if not settings.deaf:
            check_stop(report, there, run_id, step, alpha)
        for key, new in report.controls().items():
            if key == "alpha":
                old, alpha = alpha, new
                say("control", key=key, old=old, new=new, step=step + 1)
        there.sleep(STEP_SECONDS)
        step += 1
        say("example", step=step)
        report.metrics(step, {"loss": 1 / step, "alpha": alpha})  # held back until the next word
        report.progress(step, settings.steps)
        if settings.checkpoint_every and step % settings.checkpoint_every == 0:
            save(there, run_id, step, alpha)
    with workspace.publish("labels", settings.name) as folder:
        (folder / "made.json").write_text(json.dumps({"run": run_id, "attempt": attempt}))
    return {"steps": step, "alpha": alpha, "name": settings.name}


def check_stop(report: Report, there: Any, run_id: str, step: int, alpha: float) -> None:
    """Stop with a checkpoint, if it shall stop."""
    try:
        report.check_stop()
    except RunStopped:
        save(there, run_id, step, alpha)
        raise


def save(there: Any, run_id: str, step: int, alpha: float) -> None:
    """Write a checkpoint; it is there whole or not at all."""
    there.border(f"saves  step {step}")
    if step >= there.checkpoints.get(run_id, (0,))[0]:
        there.checkpoints[run_id] = (step, alpha)
