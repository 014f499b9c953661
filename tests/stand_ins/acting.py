"""A recipe that plays whatever part a test needs; found by its module path `stand_ins.acting`."""

import ctypes
import math
import os
import signal
import sys
import tempfile
import time

from core.errors import FormatError
from core.settings import Settings


class Acting(Settings):
    act: str
    alpha: float = 0.5
    name: str = ""
    processes: int = 1


def run(settings: Acting, report, workspace) -> dict:
    return ACTS[settings.act](settings, report, workspace)


def succeed(settings, report, workspace):
    report.stage("first")
    for step in range(1, 1001):
        report.metrics(step, {"distil/loss": 1 / step})
        report.progress(step, 1000, f"step {step}")
    report.stage("second")
    report.metrics(1, {"distil/alpha": math.nan})
    report.progress(3, 4, "nearly")
    report.event("example", text="Joe Biden")
    sys.stdout.write("25 %\r50 %\rall read\n")
    return {"answer": ("USA",), "score": math.nan}


def wait(settings, report, workspace):
    report.stage("waiting")
    alpha = settings.alpha
    deadline = time.monotonic() + 60
    step = 0
    while time.monotonic() < deadline:
        step += 1
        report.progress(step % 1000, 1000, f"step {step}")
        report.check_stop()
        for key, value in report.controls().items():
            report.event("control", key=key, old=alpha, new=value, step=1)
            alpha = value
        time.sleep(0.01)
    raise TimeoutError("nobody stopped this recipe")


def step_slowly(settings, report, workspace):
    report.stage("waiting")
    alpha, step = settings.alpha, 0
    while True:
        report.check_stop()
        for key, value in report.controls().items():
            report.event("control", key=key, old=alpha, new=value, step=step + 1)
            alpha = value
        time.sleep(0.05)
        step += 1


def deaf(settings, report, workspace):
    report.stage("waiting")
    time.sleep(60)


def spin_once(settings, report, workspace):
    """The first attempt computes for ever and says nothing; its worker beats meanwhile."""
    report.stage("waiting")
    spun = workspace.root / "spun"
    if not spun.exists():
        spun.touch()
        while True:
            pass
    return {"end": "reached"}


def soon(settings, report, workspace):
    report.stage("waiting")
    time.sleep(1)
    return {"end": "reached"}


def litter(settings, report, workspace):
    """As torch and its kin do: a file among the temporary ones that nobody removes."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"generated")
    return deaf(settings, report, workspace) if settings.name == "stay" else {}


def fail(settings, report, workspace):
    raise FormatError("films.tsv, line 3: two columns where three were expected.")


def crash(settings, report, workspace):
    return {"never": 1 / 0}


def die(settings, report, workspace):
    report.stage("dying")
    os.kill(os.getpid(), signal.SIGKILL)


def segfault(settings, report, workspace):
    ctypes.string_at(0)


def die_once(settings, report, workspace):
    died = workspace.root / "died"
    if died.exists():
        return echo(settings, report, workspace)
    died.touch()
    os.kill(os.getpid(), signal.SIGKILL)


def publish(settings, report, workspace):
    with workspace.publish("students", settings.name) as folder:
        (folder / "made").touch()
    return {}


def publish_and_die_once(settings, report, workspace):
    died = workspace.root / "died"
    with workspace.publish("students", settings.name) as folder:
        (folder / "attempt").write_text("2" if died.exists() else "1", encoding="ascii")
    if not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def ranks_that_meet(settings, report, workspace):
    """Rank 0 loses its connection when the other ends by an error."""
    met = report.folder / "met"
    if os.environ["RANK"] != "0":
        met.touch()
        raise FormatError("unlucky")
    while not met.exists():
        time.sleep(0.05)
    raise ConnectionError("closed by peer")


def ranks(settings, report, workspace):
    """Each rank notes who it is; the others end by an error where they are told to."""
    with workspace.publish("students", "mine") as folder:
        (folder / "rank").write_text(os.environ["RANK"], encoding="ascii")
    report.folder.joinpath(f"rank-{os.environ['RANK']}").write_text(str(os.getpid()))
    if os.environ["RANK"] != "0" and settings.name:
        raise FormatError(settings.name)
    return wait(settings, report, workspace)


def echo(settings, report, workspace):
    return {"said": settings.name, "pid": os.getpid()}


ACTS = {
    act.__name__: act
    for act in (
        *(succeed, wait, step_slowly, deaf, soon, fail, crash, die, segfault, die_once),
        *(publish, publish_and_die_once, ranks, ranks_that_meet, echo, litter, spin_once),
    )
}
