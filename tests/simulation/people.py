"""People: they submit, change, pause, stop, resume and read runs, and look after the rest.

Each goes by the same doors as the pages and the command line, and takes no for an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from core.errors import CoreError
from core.runs import client, lifecycle
from core.runs.client import RunHandle
from core.runs.run import Run, RunState
from core.runs.store import devices, queue
from core.runs.store.store import Store
from core.runs.supervisor import presence
from tests.simulation import errand
from tests.simulation.errand import Errand
from tests.simulation.substitutes import world

MOST_RESUMED = 8
"""How often the person who cleans up resumes one run before giving up on it."""


def visitor(store: Store, acts: int) -> Callable[[], None]:
    """Someone who submits a run and does some things to whatever runs there are."""

    def live() -> None:
        there = world()
        submit(store, there.dice)
        for _ in range(acts):
            there.sleep(there.dice.uniform(0.0, 3.0))
            try:
                there.dice.choice(ACTS)(store, there.dice)
            except CoreError as error:
                there.say(f"hears: {error}")

    return live


def submit(store: Store, dice: Random) -> None:
    """Queue an errand, which may wait for another one."""
    there = world()
    there.submitted += 1
    device = dice.choice(("light", "light", "cpu", "cuda"))
    settings = Errand(
        name=f"made-{there.submitted}",
        steps=dice.randint(1, 4),
        device=device,
        processes=dice.choice((1, 1, 2)) if device == "cuda" else 1,
        checkpoint_every=dice.choice((0, 1, 2)),
        deaf=dice.random() < 0.05,
    )
    after = dice.sample(there.ids, 1) if there.ids and dice.random() < 0.3 else []
    slot = "one" if dice.random() < 0.15 else None
    priority = dice.choice((0, 0, 0, 5, -5))
    try:
        run = client.submit(store, errand.NAME, settings, slot=slot, after=after, priority=priority)
    except CoreError as error:
        there.say(f"hears: {error}")
        return
    there.ids.append(run.id)


def change(store: Store, dice: Random) -> None:
    """Set alpha, sending the message twice now and then."""
    there = world()
    run_id = _some(dice)
    there.numbers += 1
    value, token = there.numbers / 1000, f"token-{there.numbers}"
    for _ in range(dice.choice((1, 1, 2))):
        store.set_control(run_id, "alpha", value, who="person", token=token)
        there.changes.setdefault(run_id, []).append(value)


def pause(store: Store, dice: Random) -> None:
    """Let a run wait."""
    lifecycle.pause(store, _some(dice), who="person")


def resume(store: Store, dice: Random) -> None:
    """Let a run go on."""
    lifecycle.resume(store, _some(dice), who="person")


def stop(store: Store, dice: Random) -> None:
    """Stop a run, hard now and then."""
    run_id = _some(dice)
    world().stopped.add(run_id)
    RunHandle(store, run_id).stop(hard=dice.random() < 0.4)


def prefer(store: Store, dice: Random) -> None:
    """Change a place in the queue."""
    queue.set_priority(store, _some(dice), dice.choice((-9, 0, 9)))


def lend(store: Store, dice: Random) -> None:
    """Change how many runs a device takes."""
    devices.set_slots(store.database, dice.choice(("cpu", "light")), dice.choice((1, 2, 4)))


def see(store: Store, dice: Random) -> None:
    """See that there is a supervisor."""
    presence.ensure(store)


ACTS: tuple[Callable[[Store, Random], None], ...] = (
    *(change, change, change, pause, resume, resume, stop, prefer, lend, see, submit, submit),
)


def reader(store: Store) -> Callable[[], None]:
    """A page that follows the events of all runs by their cursors."""

    def live() -> None:
        there = world()
        while True:
            there.sleep(8.0)
            try:
                follow(store)
            except CoreError as error:
                there.say(f"hears: {error}")

    return live


def follow(store: Store) -> None:
    """Read on where the page was."""
    there = world()
    for run_id in list(there.ids):
        seen: list[int] = there.seen.setdefault(run_id, [])
        page = store.events(run_id, after=seen[-1] if seen else 0, limit=20)
        seen += [event.id for event in page]


def caretaker(store: Store) -> Callable[[], None]:
    """Someone who comes when the faults are over, and has everything brought to its end."""

    def live() -> None:
        there = world()
        while not there.done:
            presence.ensure(store)
            runs = store.runs()
            for run in runs:
                if wants_help(run):
                    there.helped[run.id] = there.helped.get(run.id, 0) + 1
                    lifecycle.resume(store, run.id, who="caretaker")
            guests = [p for p in there.living() if p.name == "visitor"]
            if not guests and all(run.state.is_over and not wants_help(run) for run in runs):
                there.done = True
            there.sleep(4.0)

    return live


def wants_help(run: Run) -> bool:
    """Whether a run waits for a person: every second one that was stopped is wanted after all."""
    if world().helped.get(run.id, 0) >= MOST_RESUMED:
        return False
    if run.state is RunState.STOPPED:
        return run.cause is None and run.settings["steps"] % 2 == 0
    return run.state in (RunState.PAUSED, RunState.FAILED, RunState.LOST)


def _some(dice: Random) -> Any:
    there = world()
    if not there.ids:
        raise CoreError("There is no run yet.")
    return dice.choice(there.ids)
