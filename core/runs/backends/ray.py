"""Runs as jobs of a Ray cluster, named by `PATHDISTILL_RAY` (e.g. `http://head:8265`).

The same worker as at home, in a job of its own on whichever node has room: Ray gives it a GPU for
each of its processes where its settings ask for `cuda`, and the project's code is uploaded with
it. Our own queue still decides
when a run may begin; the store, which must be PostgreSQL here, stays the only truth about it; and
the workspace must be a folder that every node sees under the same path. `ray` is an extra:
`pip install -r requirements-cluster.txt`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from core.addresses import is_loopback
from core.errors import SettingsError, WorkspaceError
from core.runs import run_folder
from core.runs.run import Run
from core.runs.store.store import Store
from core.runs.supervisor.presence import PROJECT

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

ADDRESS = "PATHDISTILL_RAY"
LEFT_OUT = [".git", ".venv", "workspace", "tests", "**/__pycache__"]
"""What no worker needs of the project."""


def is_wanted() -> bool:
    """Whether runs are to go to a cluster."""
    return bool(os.environ.get(ADDRESS))


def check(store: Store) -> None:
    """Refuse what could not work before anything is queued.

    Raises:
        SettingsError: If the store is a file, which several machines cannot share; if the address
            is none, or the cluster would take work from anybody.
    """
    if store.database.engine.dialect.name == "sqlite":
        raise SettingsError(
            "Runs on a Ray cluster need a store in PostgreSQL, since machines cannot share a "
            "file: name one in PATHDISTILL_STORE."
        )
    _check_address(os.environ[ADDRESS])


def launch(store: Store, run: Run, held: Sequence[str] = ()) -> None:
    """Hand a run that is `starting` over to the cluster, which starts it when there is room.

    What it computes on the cluster finds by itself: `held` is empty.

    Raises:
        SettingsError: If ray is not installed, or no cluster is named.
        WorkspaceError: If the cluster cannot be reached, or refuses.
    """
    log = run_folder.log_path(store, run.id)
    name = f"{shlex.quote(run.id)} {run.attempt}"
    worker = f"python -m core.runs.worker {name} >> {shlex.quote(str(log))} 2>&1"
    environment = {
        "OMP_WAIT_POLICY": "PASSIVE",
        "PATHDISTILL_HOME": str(store.workspace.root),
        "PATHDISTILL_STORE": os.environ["PATHDISTILL_STORE"],
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
    for name in ("PYTHONPATH", "OMP_NUM_THREADS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    where: dict[str, Any] = {"working_dir": str(PROJECT), "excludes": LEFT_OUT}
    processes = int(run.settings.get("processes", 1))
    client = _client()
    try:
        client.submit_job(
            entrypoint=worker,
            submission_id=_name(run),
            runtime_env={**where, "env_vars": environment},
            entrypoint_num_cpus=processes,
            entrypoint_num_gpus=processes if run.settings.get("device") == "cuda" else 0,
        )
    except (RuntimeError, ValueError) as error:
        raise WorkspaceError(
            "The Ray cluster refuses the run: {reason}", reason=_first_line(error)
        ) from error


def has_ended(run: Run) -> bool:
    """Whether the cluster says that the job of a run is over, or knows of none.

    Raises:
        SettingsError: If ray is not installed, or no cluster is named.
        WorkspaceError: If the cluster cannot be reached.
    """
    client = _client()
    try:
        return bool(client.get_job_status(_name(run)).is_terminal())
    except RuntimeError as error:
        if "does not exist" in str(error):
            return True
        raise WorkspaceError(
            "The Ray cluster does not answer: {reason}", reason=_first_line(error)
        ) from error


def end(run: Run) -> None:
    """Kill the job of a run.

    Raises:
        SettingsError: If ray is not installed, or no cluster is named.
        WorkspaceError: If the cluster cannot be reached.
    """
    client = _client()
    try:
        client.stop_job(_name(run))
    except RuntimeError as error:
        if "does not exist" not in str(error):
            raise WorkspaceError(
                "The Ray cluster cannot stop it: {reason}", reason=_first_line(error)
            ) from error


def _name(run: Run) -> str:
    """What Ray calls a job: each attempt at a run is one."""
    return f"{run.id}-{run.attempt}"


def _client() -> JobSubmissionClient:
    address = os.environ.get(ADDRESS)
    if not address:
        raise SettingsError(
            "No Ray cluster is named: set {address}, e.g. http://head:8265.", address=ADDRESS
        )
    _check_address(address)
    try:
        from ray.job_submission import JobSubmissionClient
    except ModuleNotFoundError as error:
        raise SettingsError(
            "Runs on a cluster need ray: pip install -r requirements-cluster.txt."
        ) from error
    try:
        return JobSubmissionClient(address)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise WorkspaceError(
            "The Ray cluster at {address} cannot be reached ({reason}): start it, or "
            "mend {variable}.",
            address=address,
            reason=_first_line(error),
            variable=ADDRESS,
        ) from error


def _check_address(address: str) -> None:
    """Refuse what is no dashboard, and a cluster that would take work from anybody.

    Raises:
        SettingsError: If the address is none, or is beyond this machine and Ray asks for no token.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if host is None:
        raise SettingsError(
            "{address} names no cluster: write it like http://head:8265.", address=ADDRESS
        )
    if not is_loopback(host) and os.environ.get("RAY_AUTH_MODE") != "token":
        raise SettingsError(
            "Whoever reaches the Ray cluster at {host} could run anything on it: start it with "
            "RAY_AUTH_MODE=token, and set that and its token here too (docs/runs.md).",
            host=host,
        )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
