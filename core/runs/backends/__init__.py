"""Where the processes of runs are: one module per place, each a `Backend`, by name.

A run keeps the name of its backend; nobody but this package asks what is behind it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from core.runs.backends import local, ray
from core.runs.run import Run
from core.runs.store.store import Store


class Backend(Protocol):
    """A place that starts a worker for a run, and ends it.

    What a worker says, and that it is asked to stop, goes through the store wherever it is; its
    log is in the folder of the run.
    """

    def check(self, store: Store) -> None:
        """Refuse what could not work before anything is queued.

        Raises:
            SettingsError: If runs of this store cannot go there.
        """

    def launch(
        self, store: Store, run: Run, held: Sequence[str] = ()
    ) -> subprocess.Popen[bytes] | None:
        """Start the process of a run that is `starting`, on the devices that it holds.

        Returns:
            The process, where it is a child of this one.

        Raises:
            CoreError: If it cannot be started.
        """

    def has_ended(self, run: Run) -> bool:
        """Whether a run that has not begun never will: who should start its process has gone.

        Raises:
            CoreError: If that cannot be told now.
        """

    def end(self, run: Run) -> None:
        """Kill the process of a run and all its children; nothing happens if it has ended.

        Raises:
            CoreError: If it cannot be reached.
        """


BACKENDS: Mapping[str, Backend] = MappingProxyType({"local": local, "ray": ray})


def chosen() -> str:
    """The name of the backend that runs of this process go to."""
    return "ray" if ray.is_wanted() else "local"
