"""What a search for weak spots looks like in a terminal: by hops, and the worst paths first."""

from __future__ import annotations

from collections.abc import Sequence

from core.command_line.output import say, show, table
from core.results.hard import HardHops, HardPath, HardReport

ROWS = 20
"""Of the worst paths; JSON has them all."""

MEASURES = ("questions", "KL", "teacher right", "student right")


def show_weak_spots(report: HardReport) -> None:
    """Two tables, and how many questions went into the set."""
    show(table(["hops", *MEASURES], [(row.hops, *_measures(row)) for row in report.by_hops]))
    rows: Sequence[Sequence[object]] = [
        (" -> ".join(row.labels), *_measures(row), row.chosen) for row in report.by_path[:ROWS]
    ]
    show(table(["path", *MEASURES, "chosen"], rows))
    if len(report.by_path) > ROWS:
        say(f"... {len(report.by_path) - ROWS} more paths (--json)")
    say(f"{report.chosen} of {report.asked} questions are in the set {report.name}.")


def _measures(row: HardHops | HardPath) -> tuple[int, float, float, float]:
    return row.questions, row.divergence, row.teacher_right, row.student_right
