"""kill -9 of a worker on a local Ray cluster, with the store in a PostgreSQL server of its own."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager

from core.runs.supervisor import presence
from tests import postgres_server, ray_cluster
from tests.faults.bench import Bench, environment, fresh_store, kill
from tests.faults.kills import kill_one_process
from tests.faults.surroundings import Skipped


def worker(bench: Bench) -> float:
    """Kill the worker of a run on the cluster, which ends as one here that nobody disturbed."""
    _require()
    with _far_away(bench), bench.disturbed() as moment:
        kill(moment.pid)
    return moment.wrong_seconds


def one_of_two(bench: Bench) -> float:
    """Kill one of the two processes of a run on the cluster."""
    _require()
    with bench.shared(2), _far_away(bench), bench.disturbed() as moment:
        kill_one_process(bench, moment.pid)
    return moment.wrong_seconds


def _require() -> None:
    if importlib.util.find_spec("ray") is None or postgres_server.binary("postgres") is None:
        raise Skipped("ray or PostgreSQL is not installed")


@contextmanager
def _far_away(bench: Bench) -> Iterator[None]:
    """The bench on a cluster: another store, another workspace, the same teacher and labels."""
    near = bench.store
    with postgres_server.server() as databases, ray_cluster.cluster() as address:
        wanted = {"PATHDISTILL_STORE": postgres_server.new_database(databases)}
        with environment(**wanted, PATHDISTILL_RAY=address, RAY_AUTH_MODE="disabled"):
            bench.store = fresh_store(bench, bench.folder / f"shared-{os.urandom(4).hex()}")
            try:
                yield
            finally:
                presence.end(bench.store)
                bench.store.close()
                bench.store = near
