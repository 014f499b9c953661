"""What runs compute on: GPUs, the processor, and a few slots for light work.

gpu:0 ...   one run each           settings with `device` auto or cuda, a GPU for each process
cpu         a quarter of the cores, at least one run at a time    ... auto (no GPU here) or cpu
light       four runs at a time    settings without a `device`: imports, questions
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.errors import NotFound, SettingsError
from core.gpus import gpus
from core.runs.store.database import Database
from core.runs.store.tables import devices, leases

LIGHT_SLOTS = 4
MOST_SLOTS = 1024
CORES_PER_RUN = 4

_DEVICES = select(devices).order_by(devices.c.name)
_LEASES = select(leases).order_by(leases.c.at)


@dataclass(frozen=True, slots=True)
class Device:
    """A device, how many runs it takes at a time, and the runs that hold it."""

    name: str
    slots: int
    runs: tuple[str, ...] = ()


def known(database: Database) -> list[Device]:
    """The devices in the store, by name, with who holds them."""
    with database.reading() as connection:
        rows = connection.execute(_DEVICES).all()
        held = connection.execute(_LEASES).all()
    return [
        Device(row.name, row.slots, tuple(lease.run for lease in held if lease.device == row.name))
        for row in rows
    ]


def set_slots(database: Database, name: str, slots: int) -> None:
    """Let a device take so many runs at a time; 0 lets none begin.

    Raises:
        SettingsError: If the number is out of range.
        NotFound: If there is no such device.
    """
    if not 0 <= slots <= MOST_SLOTS:
        raise SettingsError(
            "A device takes 0 to {most_slots} runs at a time (given: {slots}).",
            most_slots=MOST_SLOTS,
            slots=slots,
        )
    chosen = update(devices).where(devices.c.name == name)
    with database.writing() as connection:
        there = list(connection.scalars(select(devices.c.name).order_by(devices.c.name)))
        if not connection.execute(chosen.values(slots=slots)).rowcount:
            raise NotFound(
                "There is no device {name!r} (there: {there}).",
                name=name,
                there=", ".join(there) or "none yet",
            )


def register(database: Database) -> None:
    """Note the devices of this machine; those known keep the slots that a person gave them."""
    here = {"cpu": max(1, (os.cpu_count() or 1) // CORES_PER_RUN), "light": LIGHT_SLOTS}
    here |= dict.fromkeys(_visible_gpus(), 1)
    with database.writing() as connection:
        there = set(connection.scalars(select(devices.c.name)))
        gone = there - here.keys()
        connection.execute(delete(devices).where(devices.c.name.in_(gone)))
        rows = [{"name": n, "slots": slots} for n, slots in here.items() if n not in there]
        if rows:
            connection.execute(insert(devices), rows)


def suitable(settings: Mapping[str, Any], there: list[str]) -> list[str]:
    """The devices that a run may take, of those that are there, by its setting `device`."""
    gpus = [name for name in there if name.startswith("gpu:")]
    wanted = settings.get("device", "light")
    if wanted == "auto":
        wanted = "cuda" if gpus else "cpu"
    return gpus if wanted == "cuda" else [name for name in there if name == wanted]


def choose(settings: Mapping[str, Any], free: Mapping[str, int]) -> tuple[str, ...]:
    """The devices that a run takes: a GPU for each of its processes, which share any other device.

    Args:
        settings: Of the run; `processes` says how many share it, one by default.
        free: Free slots by device.

    Returns:
        Their names, in order; none where too few are free.
    """
    ready = [name for name in suitable(settings, list(free)) if free[name] > 0]
    on_gpus = bool(ready) and ready[0].startswith("gpu:")
    count = int(settings.get("processes", 1)) if on_gpus else 1
    return tuple(ready[:count]) if len(ready) >= count else ()


def environment(held: Sequence[str]) -> dict[str, str]:
    """What a worker must be told so that it sees its own devices alone."""
    gpus = [name.removeprefix("gpu:") for name in held if name.startswith("gpu:")]
    return {"CUDA_VISIBLE_DEVICES": ",".join(gpus)} if gpus or "cpu" in held else {}


def held_by(database: Database, run_id: str) -> list[str]:
    """The devices that a run holds."""
    mine = select(leases.c.device).where(leases.c.run == run_id).order_by(leases.c.device)
    with database.reading() as connection:
        return list(connection.scalars(mine))


def _visible_gpus() -> list[str]:
    """The GPUs that this process may use."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return [f"gpu:{gpu.index}" for gpu in gpus()]
    return [f"gpu:{part.strip()}" for part in visible.split(",") if part.strip() not in ("", "-1")]
