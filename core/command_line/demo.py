"""The end of the demo: what the student kept of its teacher, and how it answers."""

from __future__ import annotations

from typing import Any

from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from core.command_line.output import as_text, chain, show, table

SCORES = ("hits_at_1", "f1", "path_exact_match", "path_validity", "faithfulness")


def show_demo(result: dict[str, Any]) -> None:
    """Teacher beside student, and the example questions with their paths."""
    columns = (("teacher", "Teacher"), ("student", "Student"), ("student_free", "Student, free"))
    rows = [
        [score.replace("_", " "), *(_share(result.get(who, {}).get(score)) for who, _ in columns)]
        for score in SCORES
    ]
    scores = table(["test questions", *(title for _, title in columns)], rows)
    parts: list[Any] = [scores, Text()]
    for example in result.get("examples", ()):
        parts += [as_text(example["question"], "bold"), _answer(example), Text()]
    seconds = result.get("seconds") or 0
    parts.append(as_text(f"The whole loop took {seconds:.0f} seconds.", "dim"))
    show(Panel(Group(*parts), title="A graph became a small language model", padding=(1, 2)))
    student = (result.get("names") or {}).get("student", "demo")
    question = "What is Joe Biden's nationality?"
    show(as_text(f'Ask it yourself: python -m core ask {student} "{question}"'))


def _share(value: Any) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _answer(example: dict[str, Any]) -> Text:
    labels = [a["label"] if isinstance(a, dict) else str(a) for a in example.get("answers", ())]
    line = Text("  ")
    line.append_text(as_text(", ".join(labels) or "no answer", "green"))
    line.append("  ")
    line.append_text(_path(example.get("path")))
    line.append("  supported" if example.get("supported") else "  not supported", "dim")
    return line


def _path(path: Any) -> Text:
    hops = path.get("hops", ()) if isinstance(path, dict) else path or ()
    if hops and isinstance(hops[0], dict):
        return chain(hops, verdicts=True)
    return as_text(" -> ".join(map(str, hops)))
