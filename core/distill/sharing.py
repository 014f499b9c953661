"""Several processes that share the steps of one training, in the environment of `torchrun`.

What is made once for all of them (labels, downloads, spelled targets) the first makes and the
others then find:

    with sharing(settings) as state:
        with state.main_process_first():
            ...
        train(...)
        if state.is_main_process:
            ...
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from accelerate import PartialState

from core.errors import SettingsError
from core.settings import DistillSettings

PATIENCE = timedelta(days=7)
"""How long a process waits for another: the first may label for hours before a step is shared, and
whoever started the processes ends all of them when one dies."""


@contextmanager
def sharing(settings: DistillSettings) -> Iterator[PartialState]:
    """Join the other processes of a training; alone, nobody is waited for.

    Raises:
        SettingsError: If there are more or fewer processes than the settings ask for.
    """
    there = int(os.environ.get("WORLD_SIZE", "1"))
    if there != settings.processes:
        raise SettingsError(
            "The settings ask for {processes} processes and {there} run this training: "
            "queue it as a run, which starts as many, or ask for as many as there are.",
            processes=settings.processes,
            there=there,
        )
    state = PartialState(cpu=settings.device == "cpu", timeout=PATIENCE)
    yield state
    state.destroy_process_group()
