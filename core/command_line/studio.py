"""The command that opens the studio, from a checkout or from wherever the package is installed."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json

ROOT = Path(__file__).parents[2]
"""The folder that holds the packages."""

HOST = typer.Option("localhost", help="Address to listen at; another one needs a password.")
PORT = typer.Option(8501, min=1, max=65535, help="Port to listen at.")


def studio(host: str = HOST, port: int = PORT, as_json: bool = JSON) -> None:
    """Open the studio in the browser; Ctrl-C ends it."""
    settings = tomllib.loads((ROOT / "assets" / "streamlit.toml").read_text(encoding="utf-8"))
    settings["server"] |= {"address": host, "port": port}
    if as_json:
        print_json({"url": f"http://{f'[{host}]' if ':' in host else host}:{port}"})
        sys.stdout.flush()
    run = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), *flags(settings)]
    os.execv(sys.executable, run)  # it ends as Streamlit does, and hears every signal itself


def flags(settings: dict[str, Any], section: str = "") -> Iterator[str]:
    """Streamlit's settings as its flags: it looks for a file where it is started, not here.

    Args:
        settings: As its `config.toml` has them, by section.
        section: The name that they all begin with, and its dot.
    """
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from flags(value, f"{section}{name}.")
        else:
            yield f"--{section}{name}={value if isinstance(value, str) else json.dumps(value)}"
