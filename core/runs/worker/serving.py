"""The resident worker's recipe: answer short requests, one after the other, and stay warm.

What a recipe loads it may keep in its module, so that the second question to the same student loads
nothing. The resident leaves when nobody has asked for a while.
"""

from __future__ import annotations

import os
import time
from typing import Any

from pydantic import Field

from core.errors import RunStopped
from core.report import Report, Silent
from core.runs.run import error_columns
from core.runs.store import requests
from core.runs.store.database import Database
from core.runs.store.store import Store
from core.runs.supervisor.wakeup import Bell
from core.runs.worker.attempts import attempt
from core.settings import Settings
from core.workspace import Workspace

BELL = "resident.bell"
"""Rung in the workspace when there is a request."""
LOOK_SECONDS = 1.0
"""How often it looks by itself, for a request or for one who wants it to stop."""


class ServeSettings(Settings):
    """How long a resident stays, and what it is."""

    code: str = Field("", description="Whose code it runs, see `code_version`.")
    idle_seconds: float = Field(900, ge=0, description="Leave after so long without a request.")


def run(settings: ServeSettings, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Answer requests until nobody asks any more; returns how many were answered."""
    database = Store(workspace).database
    report.stage("ask")
    answered, last = 0, time.monotonic()
    with Bell(workspace.root / BELL) as bell:
        while (left := last + settings.idle_seconds - time.monotonic()) > 0:
            report.check_stop()
            request = requests.take(database, os.getpid())
            if request is None:
                bell.wait(min(LOOK_SECONDS, left))
                continue
            _answer(database, request, workspace)
            answered, last = answered + 1, time.monotonic()
    return {"answered": answered}


def _answer(database: Database, request: requests.Request, workspace: Workspace) -> None:
    outcome = attempt(request.recipe, request.settings, Silent(), workspace)
    if outcome.result is not None:
        requests.answer(database, request.id, outcome.result)
    elif outcome.error is None:
        stopped = RunStopped("The question was stopped.")
        requests.refuse(database, request.id, error_columns(stopped))
    else:
        requests.refuse(database, request.id, outcome.columns)
