"""Lines that a person may type, spoilt; some in a process of their own with strange streams.

A run that a line asks for is done here and now where it is light, and fails in a word elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import random
import shlex
import subprocess
import sys
from pathlib import Path
from unittest import mock

from core.command_line.main import main
from core.report import Silent
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.runs.worker.attempts import attempt
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace
from tests.family_graph import family, write_family
from tests.fuzz.cases import HALF, HOSTILE, NUMBERS, Case

ROOT = Path(__file__).parents[2]
LIGHT = ("import_graph", "import_questions", "generate_questions")
LINES = """
graph list --json
graph show family --json
graph search family Berg --limit 3 --language zh --json
graph path family ann peru --hops 3 --limit 5 --json
graph import {files}/triples.tsv {files}/entities.tsv --name g2 --json
graph import {files}/triples.tsv --columns 1,3,2 --preview --json
questions list
questions show asked --limit 2 --json
questions import {files}/triples.tsv --graph family --format jsonl --name q2
questions generate --graph family --name q3 --count 20 --hops 2 --languages en --seed 1 --json
teacher list --json
teacher train --graph family --questions asked --epochs 2 --learning-rate 0.01 --detach
teacher explain t question --topic ann --json
teacher suppose t question --without-edges ann|spouse|bob
distill --teacher t --student tiny --alpha 0.3 --temperature 2 --estimate --json
distill --teacher t --name s --after r --priority 3 --detach
ask s question --beams 3 --json
evaluate s --questions asked --split dev --limit 3 --detach
export s --to {files}/out --format gguf --licence MIT --detach
compare s question
student list
runs list --limit 3 --recipe distill_student --state failed --json
runs show r --json
runs log r --last 5
runs compare r r --json
runs queue --json
runs set r alpha=0.3 temperature=2
runs pause r
runs resume r alpha=0.1
runs branch r name=s3 alpha=0.9 --step 3
runs stop r --json
runs priority r 7
runs devices cpu=2 light=3 --json
runs delete r --yes
runs export r --to {files}/r.zip --json
runs import {files}/r.zip
runs prune --days 30 --yes --json
runs disk --json
--help
""".strip().splitlines()
STREAMS = (
    "",
    "| head -c 1",
    "> /dev/full",
    ">&-",
    "2>&-",
    "> /dev/full 2> /dev/full",
    "< /dev/null",
)


def prepare(workspace: Path) -> None:
    """A graph, questions about it, a run that failed; what answers is loaded once."""
    load_recipe("answer_question")
    logging.getLogger("run").disabled = True  # what a worker writes into the log of its run
    space = Workspace(workspace)
    with space.publish("graphs", "family") as folder:
        family(workspace).save(folder)
        (folder / "import.json").write_text("{}")
    for path in workspace.glob("*.tsv"):
        path.unlink()
    asked = {"name": "asked", "graph": "family", "count": 20, "hops": 2}
    load_recipe("generate_questions")(asked, Silent(), space)
    store = Store(space)
    settings = {"name": "s", "teacher": "t", "alpha": 0.5}
    store.add("r", "distill_student", settings, "Distil s", None)
    store.begin("r", os.getpid(), 1.0)
    store.finish("r", RunState.FAILED, error="It broke.", cause="memory")
    (workspace / "runs" / "r").mkdir(parents=True)
    (workspace / "runs" / "r" / "log.txt").write_text("one\ntwo\n")
    store.close()


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """Some words of a line are replaced, spoilt, left out, doubled or swapped."""
    write_family(place)
    words = [word.replace("{files}", str(place)) for word in shlex.split(dice.choice(LINES))]
    for _ in range(dice.choice((0, 1, 1, 1, 2, 4))):
        _spoil(dice, words)
    if dice.random() < 0.08:
        streams = dice.choice(STREAMS)
        environment = dice.choice(({}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, _odd(dice)))
        words = [word.replace("\0", "")[:5000] for word in words]
        return Case(
            f"{words!r:.300} {streams} {environment}",
            lambda: _alone(words, streams, environment, place),
        )
    return Case(f"{words!r:.400}", lambda: _here(words, place))


def _here(words: list[str], place: Path) -> None:
    """A line in this process; what it writes under some word lands among the case's own files."""
    with contextlib.chdir(place), mock.patch.object(presence, "ensure", _work):
        main(words)


def _spoil(dice: random.Random, words: list[str]) -> None:
    token = str(dice.choice((*HOSTILE, *map(_text, NUMBERS), HALF, "r", "family", "--json")))
    at = dice.randrange(len(words) or 1)
    way = dice.choice(("replace", "replace", "remove", "add", "swap", "inside", "value"))
    if way == "remove" and len(words) > 1:
        del words[at]
    elif way == "add" or not words:
        words.insert(at, token)
    elif way == "swap":
        other = dice.randrange(len(words))
        words[at], words[other] = words[other], words[at]
    elif way == "inside":
        middle = dice.randrange(len(words[at]) + 1)
        words[at] = words[at][:middle] + token + words[at][middle:]
    elif way == "value" and "=" in words[at]:
        words[at] = words[at].partition("=")[0] + "=" + token
    else:
        words[at] = token


def _text(number: object) -> str:
    return "9" * 400 if isinstance(number, int) and abs(number) >= 10**400 else str(number)


def _odd(dice: random.Random) -> dict[str, str]:
    """A store or a workspace in a strange place."""
    token = dice.choice(HOSTILE).replace("\0", "")[:3000]
    addresses = ("sqlite:///", "sqlite://", "postgresql://a:secret@", "mysql://", "")
    return dice.choice(
        (
            {"PATHDISTILL_STORE": dice.choice(addresses) + token},
            {"PATHDISTILL_STORE": "sqlite:////dev/zero"},
            {"PATHDISTILL_HOME": "/dev/null"},
            {"PATHDISTILL_HOME": f"/proc/{token[:20]}"},
        )
    )


def _alone(words: list[str], streams: str, environment: dict[str, str], place: Path) -> None:
    """A line in a process of its own; a run that it asks for is left in the queue."""
    stub = "from core.runs.supervisor import presence as s; s.ensure = lambda store: None"
    code = f"{stub}\nfrom core.command_line.main import main\nmain()"
    given = [*map(os.fsencode, (sys.executable, "-c", code)), *(_bytes(word) for word in words)]
    if "--detach" not in words and "--json" in words:
        given.append(b"--detach")
    command = [b"bash", b"-o", b"pipefail", b"-c", f'"$@" {streams}'.encode(), b"bash", *given]
    done = subprocess.run(
        command,
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    said = done.stdout + done.stderr
    assert b"Traceback" not in said and b"Exception ignored" not in said, said.decode("replace")
    assert b"secret" not in done.stderr, said.decode(errors="replace")
    assert done.returncode in (0, 1, 2), (done.returncode, said[-2000:])
    if done.stdout and "--json" in words and streams in ("", "2>&-", "< /dev/null"):
        json.loads(done.stdout)


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def _work(store: Store) -> None:
    """What a supervisor and its workers do, here: light runs are done, others fail."""
    for run in store.runs(states=[RunState.QUEUED]):
        if not store.begin(run.id, os.getpid(), 1.0):
            continue
        if run.recipe in LIGHT:
            done = attempt(run.recipe, run.settings, Silent(), store.workspace)
            assert not done.is_unexpected, done.error
            kind = {"error": done.error, "error_kind": done.error_kind}
            store.finish(run.id, done.state, result=done.result, **kind)
        else:
            store.finish(run.id, RunState.FAILED, error="It is not done here.")
