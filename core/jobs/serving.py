"""The resident worker's recipe: answer short requests, one after the other, and stay warm.

What a recipe loads it may keep in its module, so that the second question to the same student loads
nothing. The resident leaves when nobody has asked for a while.
"""

from __future__ import annotations

import os
import time
from typing import Any

from pydantic import Field

from core.jobs import requests
from core.jobs.database import Database
from core.jobs.store import Store
from core.jobs.worker import attempt
from core.report import Report, Silent
from core.settings import Settings
from core.workspace import Workspace

BUSY_SECONDS = 30.0
"""For so long after a request the next one is looked for often."""


class Serving(Settings):
    """How long a resident stays."""

    idle_seconds: float = Field(900, ge=0, description="Leave after so long without a request.")


def run(settings: Serving, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Answer requests until nobody asks any more; returns how many were answered."""
    database = Store(workspace).database
    report.stage("ask")
    answered, last = 0, time.monotonic()
    while (idle := time.monotonic() - last) < settings.idle_seconds:
        report.check_stop()
        request = requests.take(database, os.getpid())
        if request is None:
            time.sleep(0.02 if idle < BUSY_SECONDS else 0.1)
            continue
        _answer(database, request, workspace)
        answered, last = answered + 1, time.monotonic()
    return {"answered": answered}


def _answer(database: Database, request: requests.Request, workspace: Workspace) -> None:
    outcome = attempt(request.recipe, request.settings, Silent(), workspace)
    if outcome.result is not None:
        requests.answer(database, request.id, outcome.result)
    else:
        sentence = outcome.error or "The question was stopped."
        requests.refuse(database, request.id, sentence, outcome.error_kind or "RunStopped")
