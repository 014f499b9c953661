"""One process that tries cases and says of each what did not hold.

A case may end well, or in one sentence of ours; whatever it made is whole and can be opened, and
nothing half-made is left, neither in the workspace nor in the folder of temporary files.
"""

from __future__ import annotations

import faulthandler
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from core.errors import CoreError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.runs.store.store import Store
from core.workspace import Workspace
from tests.fuzz.cases import Case
from tests.fuzz.inputs import inputs

DATA_BYTES = 4 << 30
"""A process that asks for more gets a MemoryError, before the machine runs out."""
LONGEST_SENTENCE = 2000
ALLOWED_CODES = (0, 1, 2, None)


@dataclass(frozen=True)
class Verdict:
    """What came of a case.

    Attributes:
        about: What was done to the input.
        ended: The sentence it ended in; empty where it ended well.
        problems: What did not hold; empty is good.
        grown: Bytes by which the process was larger at its largest than before.
    """

    about: str
    ended: str
    problems: tuple[str, ...]
    grown: int


def serve(connection: Connection, root: str) -> None:
    """Try the cases that come through a connection, in this process, until it is closed."""
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said = Path(root) / "said"
    number = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):  # what is printed is looked at after each case
        os.dup2(number, stream)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)  # where it hangs, written among what it has printed
    prepared: set[str] = set()
    for number in count():
        try:
            name, seed = connection.recv()
        except EOFError:
            return
        template = Path(root) / "prepared" / name
        if name not in prepared:
            os.environ["TMPDIR"] = tempfile.tempdir = root
            template.mkdir(parents=True)
            inputs(name).prepare(template)
            prepared.add(name)
        os.truncate(said, 0)
        # No two cases share a workspace's place: a process notices one that was replaced.
        folder = Path(root) / f"case-{number}"
        connection.send(_tried(name, seed, folder, template, said))
        shutil.rmtree(folder, ignore_errors=True)


def _tried(name: str, seed: str, folder: Path, template: Path, said: Path) -> Verdict:
    shutil.copytree(template, folder / "workspace")
    (folder / "input").mkdir()
    case = inputs(name).case(random.Random(seed), folder / "input", folder / "workspace")
    return judged(case, folder, said)


def judged(case: Case, folder: Path, said: Path) -> Verdict:
    """Try a case whose input and workspace lie in a folder, and see what does not hold.

    Args:
        case: The case.
        folder: Holds `input` and `workspace`.
        said: The file into which this process prints.
    """
    place, workspace, scratch = (folder / part for part in ("input", "workspace", "scratch"))
    scratch.mkdir()
    os.environ["PATHDISTILL_HOME"] = str(workspace)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)
    there = set(place.rglob("*"))
    before = _forget_peak()
    ended, problems = "", []
    try:
        case.act()
    except CoreError as error:
        ended = str(error)
        problems += _wrong_with_sentence(ended)
    except SystemExit as over:
        ended = f"exit {over.code}"
        if over.code not in ALLOWED_CODES:
            problems.append(f"exit code {over.code!r}")
    except BaseException:
        problems.append(traceback.format_exc())
    grown = _peak() - before
    sys.stdout.flush()
    sys.stderr.flush()
    if "Traceback (most recent" in (printed := said.read_text(errors="replace")):
        problems.append(f"printed: {printed[-3000:]}")
    try:
        problems += [f"left behind: {path}" for path in _left(workspace, place, there, scratch)]
        for _ in _opened(Workspace(workspace)):
            pass
        case.check()
    except BaseException:
        problems.append(f"what is there is not whole: {traceback.format_exc()}")
    return Verdict(case.about, ended, tuple(problems), grown)


def _wrong_with_sentence(text: str) -> Iterator[str]:
    if not text.strip() or len(text) > LONGEST_SENTENCE:
        yield f"a sentence of {len(text)} characters: {text[:200]!r}"
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
        yield f"a sentence with what cannot be printed: {text[:1000]!r}"


def _left(workspace: Path, place: Path, before: set[Path], scratch: Path) -> Iterator[Path]:
    """Half-made things: drafts, parts, temporary files, and folders that are empty."""
    # PyTorch makes one empty folder for each user, the same one whenever it is imported.
    yield from (path for path in scratch.rglob("*") if path.name[:14] != "torchinductor_")
    yield from (path for path in place.rglob("*") if path not in before and path.name[0] == ".")
    for path in workspace.rglob("*"):
        if path.name.startswith(".") and path.is_dir() or path.name.endswith(".part"):
            yield path


def _opened(space: Workspace) -> Iterator[object]:
    """Everything in the workspace, read as the pages read it."""
    for name in space.names("graphs"):
        graph = KnowledgeGraph.open(space.folder("graphs", name))
        yield graph.find_entities([graph.entity_id(e) for e in range(graph.entity_count)])
        yield [graph.label(entity).encode() for entity in range(graph.entity_count)]
    for name in space.names("questions"):
        yield [question.text.encode() for question in load_questions(space, name).questions]
    if not (space.root / "store.sqlite").exists():
        return
    store = Store(space)
    runs = store.runs(limit=1000)
    assert {run.id for run in runs} >= set(space.names("runs")), "a run's folder without its row"
    for run in runs:
        yield [run.elapsed(), run.seconds_left(), run.share, str(run.settings).encode()]
        yield [str(event.payload).encode() for event in store.events(run.id)]
        yield store.metrics(run.id)
        yield store.controls(run.id)
    store.close()


def _forget_peak() -> int:
    """Have the system measure the peak anew; gives the bytes that the process takes now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _of_status("VmRSS")


def _peak() -> int:
    return _of_status("VmHWM")


def _of_status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(field))
