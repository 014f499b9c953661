"""All commands, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from core.command_line import asking, graphs, making, models, password, questions, runs, students
from core.command_line.output import print_json, say
from core.errors import CoreError

app = typer.Typer(
    help="PathDistill: a knowledge graph becomes a small language model that shows its path.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(graphs.app, name="graph")
app.add_typer(questions.app, name="questions")
app.add_typer(models.app, name="teacher")
app.add_typer(students.app, name="student")
app.add_typer(runs.app, name="runs")
asking.add_to(app, teacher=models.app)
app.command("password")(password.password)
making.add_to(app, graph=graphs.app, questions=questions.app, teacher=models.app)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command that the arguments name, and exit."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(given or ["--help"], prog_name="python -m core", standalone_mode=False)
    except CoreError as error:
        _fail(given, type(error).__name__, str(error), error.exit_code)
    except typer.exceptions.TyperException as error:  # the words of the command itself are wrong
        message = f"{error.format_message().rstrip('.')} (--help shows what there is)."
        _fail(given, "SettingsError", message, 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail(given, "RunStopped", "Interrupted.", 1)
    except BrokenPipeError:  # whoever read our output has gone, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code or 0)


def _fail(arguments: list[str], kind: str, message: str, code: int) -> NoReturn:
    if "--json" in arguments:
        print_json({"error": {"kind": kind, "message": message}})
    say(f"Error: {message}")
    sys.exit(code)
