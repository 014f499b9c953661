"""What an export looks like in a terminal: where it is, what it holds, what it says."""

from __future__ import annotations

from core.command_line.output import as_text, show, table
from core.results.student import ExportReport


def show_export(report: ExportReport) -> None:
    """The folder and its files, then the example."""
    show(as_text(report.folder, "bold"))
    show(table(["file", "MB"], [(name, size / 1e6) for name, size in report.files.items()]))
    example = report.example
    show(as_text(f"{example.prompt}  =>  {' -> '.join(example.path)}", "dim"))
