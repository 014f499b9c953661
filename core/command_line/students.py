"""Commands that look at students: list, presets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json, say, show, table
from core.pretrained.presets import BUILT, PRESETS
from core.workspace import Workspace

app = typer.Typer(help="See which students there are, and which there could be.")


@app.command("list")
def list_students(as_json: bool = JSON) -> None:
    """List students."""
    space = Workspace()
    cards = [space.read("students", n, "card.json") for n in space.names("students")]
    if as_json:
        print_json(cards)
    elif cards:
        rows = [
            (c["name"], c["graph"], c["teacher"], c["settings"]["student"], _millions(c))
            for c in cards
        ]
        show(table(["student", "graph", "teacher", "began as", "million weights"], rows))
    else:
        say("No student yet; try: python -m core distill --teacher TEACHER")


@app.command("presets")
def list_presets(as_json: bool = JSON) -> None:
    """List students that are known by a short name; any other Hugging Face id works as well."""
    presets = [*BUILT.values(), *PRESETS.values()]
    if as_json:
        print_json([asdict(preset) for preset in presets])
        return
    rows = [
        (p.name, p.parameters / 1e6, ", ".join(p.languages), p.licence, p.source or "built here")
        for p in presets
    ]
    show(table(["name", "million weights", "languages", "licence", "from"], rows))


def _millions(card: dict[str, Any]) -> float:
    return float(card["parameters"]) / 1e6
