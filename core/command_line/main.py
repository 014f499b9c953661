"""All commands, and what becomes of errors."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import typer

from core.command_line import (
    asking,
    checking,
    graphs,
    learning,
    making,
    models,
    password,
    questions,
    runs,
    serving,
    students,
    studio,
)
from core.command_line.output import print_json, say
from core.errors import CoreError, SettingsError

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
groups = {"": app, "graph": graphs.app, "questions": questions.app, "teacher": models.app}
asking.add_to(groups)
app.command("password")(password.password)
app.command("check")(checking.check)
app.command("learn")(learning.learn)
app.command("studio")(studio.studio)
app.command("serve")(serving.serve)
app.command("mcp")(serving.mcp)
making.add_to(groups)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command that the arguments name, and exit."""
    given = sys.argv[1:] if arguments is None else arguments
    _open_streams()
    try:
        _check_words(given)
        code = app(given or ["--help"], prog_name="python -m core", standalone_mode=False)
        sys.stdout.flush()
    except CoreError as error:
        code = _fail(given, type(error).__name__, str(error), error.exit_code)
    except typer.exceptions.TyperException as error:  # the words of the command itself are wrong
        message = f"{error.format_message().rstrip('.')} (--help shows what there is)."
        code = _fail(given, "SettingsError", str(SettingsError(message)), 2)
    except (KeyboardInterrupt, typer.Abort):
        code = _fail(given, "RunStopped", "Interrupted.", 1)
    except BrokenPipeError:  # whoever read our output has gone, e.g. `| head`
        _let_go(sys.stdout)
        code = 1
    except OSError as error:  # the disk that standard output goes to is full, or its like
        _let_go(sys.stdout)
        what = error.filename or "Standard output"
        code = _fail(given, "WorkspaceError", f"{what} cannot be used: {error.strerror}.", 2)
    sys.exit(code or 0)


def _check_words(given: list[str]) -> None:
    """Refuse words that are no text: no file of ours and no database could hold them."""
    for word in given:
        try:
            is_text = b"\0" not in word.encode()
        except UnicodeEncodeError:  # bytes that are not UTF-8 arrive as half characters
            is_text = False
        if not is_text:
            raise SettingsError(
                "{word!r} is no text: write it in UTF-8, without NUL.", word=word[:60]
            )


def _open_streams() -> None:
    """Standard streams that are there and take any letter, whatever the terminal can show."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(arguments: list[str], kind: str, message: str, code: int) -> int:
    """Say what went wrong, as far as anybody can hear it, and give the exit code."""
    try:
        if "--json" in arguments:
            print_json({"error": {"kind": kind, "message": message}})
    except OSError:
        _let_go(sys.stdout)
    try:
        say(f"Error: {message}")
    except OSError:
        _let_go(sys.stderr)
    return code


def _let_go(stream: TextIO) -> None:
    """Send what is still to be written nowhere, so that the exit does not fail once more."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
