"""The end of the demo: what the student kept of its teacher, and how it answers."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from core.command_line.output import as_text, chain, show, styled, table
from core.results.answer_lines import answer_lines
from core.results.demo import DemoExample, DemoReport
from core.results.evaluation import SHOWN


def show_demo(report: DemoReport) -> None:
    """Teacher beside student, and the example questions with their paths."""
    columns = {
        "Teacher": report.teacher,
        "Student": report.student,
        "Student, free": report.student_free,
    }
    rows = [
        [score.replace("_", " "), *(_share(getattr(one, score)) for one in columns.values())]
        for score in SHOWN
    ]
    parts: list[RenderableType] = [table(["test questions", *columns], rows), Text()]
    for example in report.examples:
        parts += [as_text(example.question, "bold"), *_answer(example), Text()]
    parts.append(as_text(f"The whole loop took {report.seconds:.0f} seconds.", "dim"))
    show(Panel(Group(*parts), title="A graph became a small language model", padding=(1, 2)))
    question = "What is Joe Biden's nationality?"
    show(as_text(f'Ask it yourself: python -m core ask {report.names.student} "{question}"'))


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _answer(example: DemoExample) -> list[Text]:
    """What is said, by which path, and what is known of it, as `ask` tells it."""
    if example.answer is not None:
        topics = len(example.answer.topics)
        told = replace(example.answer, paths=example.answer.paths[:topics])
        lines = [styled(line) for line in answer_lines(told)]
    else:
        labels = ", ".join(answer.label for answer in example.answers)
        lines = [as_text(labels or "No answer."), chain(example.path)]
    return [Text("  ").append_text(line) for line in lines]
