"""The kinds of inputs: each is a module beside this one."""

from __future__ import annotations

import importlib
from typing import cast

from tests.fuzz.cases import Inputs

KINDS = ("tables", "questions", "labels", "archives", "settings", "command_lines", "models")
"""What is tried, in turn."""


def inputs(kind: str) -> Inputs:
    """The module of a kind, imported where it is needed: some need torch."""
    return cast(Inputs, importlib.import_module(f"tests.fuzz.{kind}"))
