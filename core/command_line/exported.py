"""What an export looks like in a terminal: where it is, what it holds, what it says."""

from __future__ import annotations

from typing import Any

from core.command_line.output import as_text, show, table


def show_export(result: dict[str, Any]) -> None:
    """The folder and its files, then the example."""
    show(as_text(result["folder"], "bold"))
    show(table(["file", "MB"], [(name, size / 1e6) for name, size in result["files"].items()]))
    example = result["example"]
    show(as_text(f"{example['prompt']}  =>  {' -> '.join(example['path'])}", "dim"))
