"""Commands that look at teachers: list."""

from __future__ import annotations

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json, say, show, table
from core.workspace import Workspace

app = typer.Typer(help="Train teachers and watch them reason.")


@app.command("list")
def list_teachers(as_json: bool = JSON) -> None:
    """List teachers."""
    space = Workspace()
    cards = [space.read("teachers", n, "card.json") for n in space.names("teachers")]
    if as_json:
        print_json(cards)
    elif cards:
        rows = [
            (c["name"], c["kind"], c["graph"], c["questions"], c["hops"], c["directions"], _dev(c))
            for c in cards
        ]
        heads = ["teacher", "kind", "graph", "questions", "hops", "directions", "dev hits@1"]
        show(table(heads, rows))
    else:
        say("No teacher yet; try: python -m core teacher train --graph GRAPH --questions QUESTIONS")


def _dev(card: dict[str, dict[str, float]]) -> float | None:
    return card.get("result", {}).get("dev_hits_at_1")
