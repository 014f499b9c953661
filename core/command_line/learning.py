"""The command that takes a graph all the way to a student that answers about it."""

from __future__ import annotations

from typing import Any

import typer

from core.command_line.following import follow
from core.command_line.options import JSON
from core.command_line.output import facts, print_json, say, show
from core.results.evaluation import SHOWN
from core.runs import chains
from core.runs.client import RunHandle
from core.runs.store.store import Store
from core.workspace import Workspace


def learn(
    graph: str = typer.Argument(..., help="The graph to teach."),
    device: str = typer.Option("auto", help="auto, cuda or cpu."),
    detach: bool = typer.Option(False, "--detach", help="Print the runs' ids and leave them."),
    as_json: bool = JSON,
) -> None:
    """Teach a graph: make questions, train a teacher, label, distil a student, score both."""
    store = Store(Workspace())
    ids = chains.learn(store, graph, device)
    runs = [store.run(run_id) for run_id in ids]
    if detach:
        print_json({"runs": ids}) if as_json else show("\n".join(ids))
        return
    results: list[dict[str, Any]] = []
    for place, run in enumerate(runs, 1):
        say(f"{place} of {len(runs)}: {run.title} (run {run.id})")
        results.append(follow(RunHandle(store, run.id)))
    *_, student, teacher = results
    names = {"student": student["model"], "teacher": teacher["model"]}
    if as_json:
        print_json({"runs": ids, **names, "scores": {"student": student, "teacher": teacher}})
        return
    for kind, scores in (("student", student), ("teacher", teacher)):
        show(facts({kind: names[kind], **{name: scores[name] for name in SHOWN}}))
    say(f'Next: python -m core ask {names["student"]} "..."')
