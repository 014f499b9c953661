"""What a sweep looks like in a terminal: the map, its best student, and how sure that is."""

from __future__ import annotations

from core.command_line.output import as_text, say, show, table
from core.results.sweep import SweepReport


def show_sweep(report: SweepReport) -> None:
    """Hits@1, a row for each alpha and a column for each T; then what may be said of it."""
    shares = {
        (one.alpha, one.temperature): "failed" if one.hits_at_1 is None else f"{one.hits_at_1:.3f}"
        for one in report.cells
    }
    alphas, temperatures = (sorted(set(values)) for values in zip(*shares, strict=True))
    columns = ["alpha", *(f"T = {value:g}" for value in temperatures)]
    rows = [
        [f"{alpha:g}", *(shares.get((alpha, value), "") for value in temperatures)]
        for alpha in alphas
    ]
    show(table(columns, rows))
    for one in report.cells:
        if one.error:
            say(f"Warning: {one.student}: {one.error}")
    show(as_text(f"Best on {report.split}: {report.best}", "bold"))
    say(
        f"{report.rivals} of the other students cannot be told from it on {report.questions} "
        "questions (95 % interval); each was trained once, with one seed."
    )
