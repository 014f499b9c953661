"""Facts are edited and asked about at once: `python -m tests.benchmarks.edited_graph`.

    python -m tests.benchmarks.edited_graph [--student demo-student] [--edits 100]
    python -m tests.benchmarks.edited_graph --metaqa shared/data/metaqa [--edits 10000]

The first asks a student of the workspace (`PATHDISTILL_HOME`, which is copied and not changed): a
question of its own set whose gold path has two hops or more, and that it answers right, is asked
again once a fact on that path leads elsewhere. Right is what the path leads to now; nothing is
trained.

The second teaches a small teacher MetaQA once: 1,500 questions each of two and three hops, their
gold paths, no message passing, one and a half minutes. Then a few facts at a time are turned, each
on the gold path of a question that it did not learn from, and these questions are asked, right or
wrong before. Right is a first answer that the gold path leads to now; wholly right, a best path
that leads to all of them and nothing else. What is true now is kept in a dictionary beside the
graph, and walked as MetaQA's answers are: never back to the topic.

Edits are never taken back: each comes upon all before. Seconds are those from the beginning of an
edit to the answer; where others use the machine, those of the processor are what compares.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.answers.predictions import execute
from core.errors import NotFound
from core.graph.changes import Fact
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import import_graph
from core.report import Silent
from core.results.answer import Decision
from core.settings import (
    AskSettings,
    ExplainSettings,
    GraphEditSettings,
    GraphImportSettings,
    QuestionImportSettings,
    TeacherSettings,
)
from core.workspace import Workspace

TOGETHER = 5
"""Edits of MetaQA that are one change: each is asked about when all are done."""

LEARNED = 1500
"""Questions that a teacher of MetaQA learns from, of two hops and of three."""


def tell(right: list[bool], seconds: list[float], what: str) -> None:
    """Print the share of right answers and how long they took."""
    p50, p99 = np.percentile(seconds, (50, 99))
    sys.stdout.write(
        f"{what}: {len(right)} edits, right {np.mean(right):.4f}; from edit to answer "
        f"p50 {p50:.2f} s, p99 {p99:.2f} s, within 1 s {np.mean(np.array(seconds) <= 1):.3f}\n"
    )


def crossing(draw: random.Random, graph: KnowledgeGraph, topic: str, path: tuple[str, ...]) -> Fact:
    """A fact on the way of a path, as the graph writes it, walked from its topic."""
    here, found = graph.entity(topic), []
    for at, name in enumerate(path):
        code = graph.relation(name)
        ahead = graph.follow(np.array([here]), code).tolist()
        draw.shuffle(ahead)
        rest = path[at + 1 :]
        there = next(one for one in ahead if not rest or execute(graph, one, rest))
        ends = (here, there) if code < graph.relation_count else (there, here)
        names = graph.entity_id(ends[0]), name.lstrip("~"), graph.entity_id(ends[1])
        found.append(names)
        here = there
    return draw.choice(found[1:] or found)


def turned(draw: random.Random, graph: KnowledgeGraph, fact: Fact) -> Fact:
    """The fact with another tail, one that the relation has elsewhere."""
    where = np.flatnonzero(np.asarray(graph.relations) == graph.relation(fact[1]))
    tails = [graph.entity_id(int(one)) for one in graph.tails[draw.choices(where.tolist(), k=20)]]
    other = [one for one in tails if one not in (fact[0], fact[2])]
    return fact[0], fact[1], other[0] if other else fact[2]


def ask_student(student: str, edits: int, seed: int) -> None:
    """Edit on the way of questions that a student answers right, and ask again."""
    from core.questions.question_sets import load_questions
    from core.recipes import answer_question, edit_graph

    draw, source = random.Random(seed), Workspace()
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(folder)
        for kind in ("graphs", "students", "teachers", "models", "questions", "vectors"):
            if (source.root / kind).is_dir():
                shutil.copytree(source.root / kind, space.root / kind)
        card = space.read("students", student, "card.json")
        asked = [
            one
            for one in load_questions(space, card["questions"]).questions
            if len(one.topics) == 1 and one.paths and len(one.paths[0]) > 1 and one.answers
        ]
        draw.shuffle(asked)
        right, seconds, before = [], [], 0

        def answer(text: str) -> str | None:
            said = answer_question.run(AskSettings(student=student, question=text), Silent(), space)
            return said.answers[0].id if said.answers else None

        for one in asked:
            graph = KnowledgeGraph.open(space.open("graphs", card["graph"]))
            topic, path = one.topics[0], one.paths[0]
            gold = execute(graph, graph.entity(topic), path)
            if not gold:
                continue
            before += 1
            if answer(one.text) not in gold:
                continue
            old = crossing(draw, graph, topic, path)
            new = turned(draw, graph, old)
            if old == new:
                continue
            began = time.perf_counter()
            settings = GraphEditSettings(
                graph=card["graph"], remove=(row(old),), add=(row(new),), source="benchmark"
            )
            edit_graph.run(settings, Silent(), space)
            found = answer(one.text)
            seconds.append(time.perf_counter() - began)
            now = KnowledgeGraph.open(space.open("graphs", card["graph"]))
            gold = execute(now, now.entity(topic), path)
            right.append(found in gold if gold else found is None)
            if len(right) == edits:
                break
        tell(right, seconds, f"{student}, questions that it answered right before")
        sys.stdout.write(f"asked before any edit of theirs: {before}, right {len(right)}\n")


def row(fact: Fact) -> str:
    """A fact as a row of CSV."""
    return ",".join('"' + name.replace('"', '""') + '"' for name in fact)


def ask_teacher(data: Path, edits: int, seed: int) -> None:
    """Teach MetaQA, edit on the way of questions that were not learned from, and ask them."""
    from core.recipes import edit_graph

    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(folder)
        asked = taught(space, data, draw)
        graph = KnowledgeGraph.open(space.open("graphs", "metaqa"))
        kept: Facts = defaultdict(set)
        for h, r, t in zip(graph.heads, graph.relations, graph.tails, strict=True):
            turn(kept, (graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)), set.add)
        right: list[bool] = []
        wholly: list[bool] = []
        seconds: list[float] = []
        of_processor: list[float] = []
        while len(right) < edits:
            graph = KnowledgeGraph.open(space.open("graphs", "metaqa"))
            gone: set[Fact] = set()
            come: set[Fact] = set()
            crossed = []
            while len(crossed) < TOGETHER:
                one = asked.pop()
                topic, path = one["topic_entity"], tuple(one["relation_path"])
                if not walked(kept, topic, path):
                    continue
                old = on_the_way(draw, kept, topic, path)
                new = turned(draw, graph, old)
                if old == new or {old, new} & (gone | come):
                    continue
                gone.add(old)
                come.add(new)
                crossed.append((one["question"], topic, path))
            come = {fact for fact in come if fact[2] not in kept[fact[0], fact[1]]}
            began, busy = time.perf_counter(), time.process_time()
            settings = GraphEditSettings(
                graph="metaqa", remove=tuple(map(row, gone)), add=tuple(map(row, come)),
                source="benchmark",
            )  # fmt: skip
            edit_graph.run(settings, Silent(), space)
            for fact in gone:
                turn(kept, fact, set.discard)
            for fact in come:
                turn(kept, fact, set.add)
            for text, topic, path in crossed:
                best = explained(space, text)
                seconds.append(time.perf_counter() - began)
                of_processor.append(time.process_time() - busy)
                gold = walked(kept, topic, path)
                right.append(best.answer in gold if gold else best.answer is None)
                wholly.append(
                    right[-1] and (not gold or walked(kept, best.topic, best.path) == gold)
                )
            if len(right) % 500 < TOGETHER:
                tell(right, seconds, f"MetaQA so far, wholly right {np.mean(wholly):.4f}")
        tell(right, seconds, f"MetaQA, {TOGETHER} edits at a time")
        tell(right, of_processor, "the same in seconds of the processor")
        sys.stdout.write(f"wholly right {np.mean(wholly):.4f}\n")


class Best(NamedTuple):
    """What a teacher says first: None as its answer where it says that there is none."""

    topic: str
    path: tuple[str, ...]
    answer: str | None


def explained(space: Workspace, text: str) -> Best:
    """Ask the teacher."""
    from core.recipes import explain_question

    try:
        said = explain_question.run(ExplainSettings(teacher="t", question=text), Silent(), space)
    except NotFound:  # no name that the graph knows, or nothing leads on from it
        return Best("", (), None)
    is_no = said.decision is Decision.NOT_IN_GRAPH or not said.answers
    answer = None if is_no else said.answers[0].id
    return Best(said.topics[0].id, said.paths[0].relations if said.paths else (), answer)


def taught(space: Workspace, data: Path, draw: random.Random) -> list[dict[str, Any]]:
    """Make the graph `metaqa` and a teacher `t` of it; gives the questions that are left."""
    from core.recipes import import_questions, train_teacher

    graph = GraphImportSettings(name="metaqa", files=(str(data / "kb.txt"),))
    import_graph.run(graph, Silent(), space)
    learned, left = [], []
    for hops in (2, 3):
        lines = (data / f"{hops}-hop" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
        draw.shuffle(lines)
        lines = [line for line in lines if json.loads(line)["path_answers_exact"]]
        learned += lines[:LEARNED]
        left += map(json.loads, lines[LEARNED:])
    file = space.root / "learned.jsonl"
    file.write_text("\n".join(learned), encoding="utf-8")
    questions = QuestionImportSettings(
        name="q", graph="metaqa", files=(str(file),), format="metaqa", split="random"
    )
    import_questions.run(questions, Silent(), space)
    began = time.perf_counter()
    settings = TeacherSettings(
        name="t", graph="metaqa", questions="q", supervision="paths", hops=3, message_passing=0,
        width=64, batch_size=32, epochs=8, encoder="", device="cpu",
    )  # fmt: skip
    made = train_teacher.run(settings, Silent(), space)
    sys.stdout.write(
        f"taught in {time.perf_counter() - began:.0f} s, Hits@1 on dev {made.dev_hits_at_1:.3f}\n"
    )
    draw.shuffle(left)
    return left


Facts = dict[tuple[str, str], set[str]]
"""Tails by head and relation, both ways."""


def walked(kept: Facts, topic: str, path: tuple[str, ...], begin: str = "") -> set[str]:
    """Where a path leads from its topic, or from a thing on its way, and not by the topic again."""
    ends = {begin or topic}
    for name in path:
        ends = {there for one in ends for there in kept[one, name]} - {topic}
    return ends


def on_the_way(draw: random.Random, kept: Facts, topic: str, path: tuple[str, ...]) -> Fact:
    """A fact by which a path leads somewhere; not its first hop's."""
    here, found = topic, []
    for at, name in enumerate(path):
        ahead = sorted(kept[here, name] - {topic})
        draw.shuffle(ahead)
        there = next(one for one in ahead if walked(kept, topic, path[at + 1 :], one))
        ends = (there, here) if name.startswith("~") else (here, there)
        found.append((ends[0], name.lstrip("~"), ends[1]))
        here = there
    return draw.choice(found[1:])


def turn(kept: Facts, fact: Fact, how: Callable[[set[str], str], None]) -> None:
    """Add a fact or discard it, both ways."""
    head, relation, tail = fact
    how(kept[head, relation], tail)
    how(kept[tail, "~" + relation], head)


def main() -> None:
    """Measure and print."""
    said = argparse.ArgumentParser()
    said.add_argument("--student", default="demo-student")
    said.add_argument("--metaqa", type=Path)
    said.add_argument("--edits", type=int, default=100)
    said.add_argument("--seed", type=int, default=0)
    told = said.parse_args()
    if told.metaqa:
        ask_teacher(told.metaqa, told.edits, told.seed)
    else:
        ask_student(told.student, told.edits, told.seed)


if __name__ == "__main__":
    main()
