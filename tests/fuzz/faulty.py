"""Cases whose process hangs or dies: the bench must see them, and go on with the next."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from tests.fuzz.cases import Case


def prepare(workspace: Path) -> None:
    """Nothing is needed."""


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """One of the two, or nothing wrong at all."""
    return dice.choice(
        (
            Case("hangs", lambda: time.sleep(1000)),
            Case("dies", lambda: os._exit(3)),
            Case("is well", lambda: None),
        )
    )
