"""Commands that look at question sets: list, show."""

from __future__ import annotations

from dataclasses import asdict

import typer

from core.command_line.options import JSON, MOST_SHOWN
from core.command_line.output import as_text, facts, print_json, say, show, table
from core.workspace import Workspace, read_json

app = typer.Typer(help="Import, generate and look at questions.")


@app.command("list")
def list_questions(as_json: bool = JSON) -> None:
    """List question sets."""
    space = Workspace()
    sets = [space.read("questions", n, "set.json") for n in space.names("questions")]
    if as_json:
        print_json(sets)
    elif sets:
        rows = [(s["name"], s["graph"], *_counts(s["counts"]), s.get("split", "")) for s in sets]
        show(table(["questions", "graph", "train", "dev", "test", "split"], rows))
    else:
        say("No questions yet; try: python -m core questions generate --graph GRAPH")


@app.command("show")
def show_questions(
    questions: str = typer.Argument(..., help="The question set."),
    split: str = typer.Option(None, metavar="train|dev|test", help="Only this split."),
    limit: int = typer.Option(10, min=0, max=MOST_SHOWN, help="How many questions to show."),
    as_json: bool = JSON,
) -> None:
    """Show a question set and its first questions."""
    from core.questions.question_sets import QuestionSet  # only here: the others read a summary

    folder = Workspace().open("questions", questions)
    about, opened = read_json(folder / "set.json"), QuestionSet.open(folder)
    found = (opened.part(split) if split else opened.questions)[:limit]
    if as_json:
        print_json({**about, "first": [asdict(question) for question in found]})
        return
    show(facts({name: value for name, value in about.items() if name != "report"}))
    show(as_text(""))
    shown = [(q.split, q.text, q.answers[:5], [" ".join(p) for p in q.paths[:2]]) for q in found]
    show(table(["split", "question", "answers", "paths"], shown))


def _counts(counts: dict[str, int]) -> tuple[int, ...]:
    return tuple(counts.get(split, 0) for split in ("train", "dev", "test"))
