"""What goes wrong, each at a border that the dice chooses, in whatever process comes by there."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.storage import TROUBLES
from tests.simulation.substitutes import world
from tests.simulation.world import Process

Fault = Callable[[Process], None]


def crash(process: Process) -> None:
    """Whoever comes by is killed."""
    world().kill(process)


def crash_in_transaction(process: Process) -> None:
    """The next who writes is killed before the commit."""
    world().in_transaction.append(crash)


def kill_workers(process: Process) -> None:
    """A worker is killed, or all of them."""
    _kill("worker")


def kill_supervisor(process: Process) -> None:
    """The supervisor is killed."""
    _kill("supervisor")


def kill_all(process: Process) -> None:
    """Worker and supervisor are killed at once."""
    _kill("worker")
    _kill("supervisor")


def out_of_memory(process: Process) -> None:
    """The system kills a worker for want of memory."""
    found = [p for p in world().living() if p.name == "worker"]
    if found:
        victim = world().dice.choice(found)
        victim.machine.memory_kills += 1
        world().memory_is_short = True
        world().kill(victim)


def terminate(process: Process) -> None:
    """The system asks a worker to end."""
    found = [p for p in world().living() if p.name in ("worker", "supervisor")]
    if found:
        world().kill(world().dice.choice(found), 15)


def freeze(process: Process) -> None:
    """Whoever comes by stands still for a while."""
    world().freeze(process, world().dice.uniform(1, 30))


def freeze_worker(process: Process) -> None:
    """A worker stands still for a while."""
    found = [p for p in world().living() if p.name == "worker"]
    if found:
        world().freeze(world().dice.choice(found), world().dice.uniform(5, 50))


def set_clock(process: Process) -> None:
    """The clock of a machine is set."""
    there = world()
    machine = there.dice.choice(list(there.machines.values()))
    # Machines that share a store are kept within seconds of each other; one alone may be anywhere.
    far = 1.0 if there.cluster.wanted else 3600.0
    machine.ahead = there.dice.uniform(-far, far)
    there.say(f"the clock of {machine.host} is {machine.ahead:+.0f} s ahead")


def double_supervisor(process: Process) -> None:
    """Someone starts another supervisor, on another machine where there are several."""
    there = world()
    name, main = there.programs(["core.runs.supervisor"])
    there.start(name, main, there.machines[there.dice.choice(("home", there.cluster.node))])


def double_worker(process: Process) -> None:
    """The worker of a run is started once more, as by a supervisor that comes back to life."""
    there = world()
    if there.launched:
        name, main = there.programs(there.dice.choice(there.launched))
        there.start(name, main, delay=there.dice.uniform(0, 3))


def lose_disk(process: Process) -> None:
    """The disk refuses for a while."""
    there = world()
    trouble = there.dice.choice(list(TROUBLES))
    seconds = there.dice.uniform(0.5, 12)
    there.say(f"the disk is {trouble} for {seconds:.0f} s")
    there.trouble = trouble
    there.disk_was_full |= trouble == "full"

    def heal() -> None:
        there.trouble = None
        there.say("the disk is well again")

    there.start_thread(there.nature, heal, delay=seconds)


def restart(process: Process) -> None:
    """A machine is switched off and on."""
    there = world()
    there.restart(there.dice.choice(list(there.machines.values())))


FAULTS: tuple[Fault, ...] = (
    *(crash, crash, crash_in_transaction, kill_workers, kill_supervisor, kill_all, terminate),
    *(
        out_of_memory,
        freeze,
        freeze_worker,
        freeze_worker,
        set_clock,
        double_supervisor,
        double_worker,
    ),
    *(lose_disk, restart),
)


def _kill(name: str) -> None:
    found = [p for p in world().living() if p.name == name]
    for victim in found if world().dice.random() < 0.3 else found[:1]:
        world().kill(victim)
