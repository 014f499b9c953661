"""What the check of hashes costs: `python -m tests.benchmarks.opening_cost`.

Everything is opened with the check and without it, turn by turn in one process:

warm        opened before by this process: files are looked at, not read
next        the first time in a process, another having opened it before: small files are hashed
first       the first time of all: every file is hashed

The ratio is the median of the pairs' ratios; times are medians.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from core import manifests, workspace
from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import read_labels
from core.questions.question_sets import load_questions
from core.student.language_model import open_student
from core.teacher.teachers import open_teacher
from core.workspace import Workspace
from tests.family_loop import asked, publish_questions
from tests.flips import make

TRIPLES, ENTITIES, COPIES = 1_000_000, 200_000, 100
PAIRS = {"warm": 101, "next": 9, "first": 5}

Opened = dict[str, Callable[[], object]]


def large_graph(space: Workspace) -> None:
    """A graph of a million triples, 60 MB."""
    draw = np.random.default_rng(0)
    ids = pa.array([f"entity_{number}" for number in range(ENTITIES)])
    names = pa.array([f"relation_{number}" for number in range(50)])
    ends = [ids.take(pa.array(draw.integers(ENTITIES, size=TRIPLES))) for _ in range(2)]
    between = names.take(pa.array(draw.integers(50, size=TRIPLES)))
    triples = pa.table({"head": ends[0], "relation": between, "tail": ends[1]})
    with space.publish("graphs", "large") as folder:
        KnowledgeGraph.build("large", triples).save(folder)


def many_questions(space: Workspace) -> None:
    """A set of 2,100 questions."""
    graph = KnowledgeGraph.open(space.open("graphs", "family"))
    found = [replace(one, id=f"{one.id}.{copy}") for copy in range(COPIES) for one in asked(graph)]
    publish_questions(space, "many", graph, found)


def openers(space: Workspace) -> Opened:
    """What opens each thing."""

    def labels() -> object:
        teacher = space.read("labels", "t-asked-posterior", "card.json")["teacher"]
        made = open_teacher(space, teacher)
        path = space.open("labels", "t-asked-posterior") / "labels.parquet"
        return read_labels(path, made.graph.hash, made.hash)

    return {
        "graph of 19 triples": lambda: KnowledgeGraph.open(space.open("graphs", "family")),
        "graph of 1,000,000 triples": lambda: KnowledgeGraph.open(space.open("graphs", "large")),
        "2,100 questions": lambda: load_questions(space, "many"),
        "teacher and its graph": lambda: open_teacher(space, "t"),
        "labels and their teacher": labels,
        "student and its graph": lambda: open_student(space, "s"),
    }


def timed(opener: Callable[[], object]) -> float:
    """Seconds of the processor, which other programs do not count in."""
    began = time.process_time()
    opener()
    return time.process_time() - began


def forget(space: Workspace, state: str) -> None:
    """As a process that has opened nothing, or as if nobody had."""
    if state != "warm":
        manifests._checked.clear()
    if state == "first":
        for note in space.root.rglob(manifests.REMEMBERED):
            note.unlink()


def measured(space: Workspace, opener: Callable[[], object], state: str) -> str:
    """Time with the check, and its ratio to that without it."""
    check, pairs = workspace._what_is_wrong, []
    opener()
    for number in range(PAIRS[state]):
        both = {}
        for with_check in (True, False) if number % 2 else (False, True):
            workspace._what_is_wrong = check if with_check else lambda *_: None
            forget(space, state)
            both[with_check] = timed(opener)
        pairs.append((both[True], both[False]))
    workspace._what_is_wrong = check
    ratio = statistics.median(one / other for one, other in pairs)
    return f"{1000 * statistics.median(one for one, _ in pairs):.2f} ms, {ratio:.3f}"


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        space = make(Path(folder))
        large_graph(space)
        many_questions(space)
        gc.disable()  # a collection in the middle would count for whoever it comes upon
        time.sleep(manifests.SETTLED_NS / 1e9 + 1)  # what has just changed is not remembered
        sys.stdout.write(f"| opened | {' | '.join(PAIRS)} |\n|---{'|---' * len(PAIRS)}|\n")
        for name, opener in openers(space).items():
            cells = [measured(space, opener, state) for state in PAIRS]
            sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
