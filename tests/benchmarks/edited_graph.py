"""Facts are edited and asked about at once: `python -m tests.benchmarks.edited_graph`.

    python -m tests.benchmarks.edited_graph [--student demo-student] [--edits 100]
    python -m tests.benchmarks.edited_graph --facts shared/data/metaqa/kb.txt [--edits 10000]

The first asks a student of the workspace (`PATHDISTILL_HOME`, which is copied and not changed): a
question of its own set whose gold path has two hops or more, and that it answers right, is asked
again once a fact on that path leads elsewhere. Right is what the path leads to now; nothing is
trained. The second edits a graph alone: a random fact in the middle of a path of two or three hops
is turned, and the path is walked again on the graph as it lies on disk, beside a dictionary that is
kept apart. Edits are never taken back: each comes upon all before. Seconds are those from the
beginning of an edit to the answer.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from core.answers.predictions import execute
from core.graph.changes import Fact, changes_to
from core.graph.history import change
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import import_graph
from core.report import Silent
from core.settings import AskSettings, GraphEditSettings, GraphImportSettings
from core.workspace import Workspace

TOGETHER = 50
"""Edits of a graph alone that are one change: each is asked about when all are done."""


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
    for name in path:
        code = graph.relation(name)
        ahead = graph.follow(np.array([here]), code)
        there = int(draw.choice(ahead.tolist()))
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


def walk_graph(facts: Path, edits: int, seed: int) -> None:
    """Edit a graph alone, and walk the paths that an edit crosses."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(folder)
        settings = GraphImportSettings(name="g", files=(str(facts),))
        import_graph.run(settings, Silent(), space)
        graph = KnowledgeGraph.open(space.open("graphs", "g"))
        kept: dict[tuple[str, str], set[str]] = defaultdict(set)
        for h, r, t in zip(graph.heads, graph.relations, graph.tails, strict=True):
            _turn(kept, (graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)), set.add)
        right: list[bool] = []
        seconds: list[float] = []
        while len(right) < edits:
            began, asked, gone, come = time.perf_counter(), [], set(), set()
            while len(asked) < TOGETHER:
                topic = int(draw.randrange(graph.entity_count))
                path, here = [], topic
                for _ in range(draw.choice((2, 3))):
                    _, codes, tails = graph.edges(np.array([here]))
                    if len(codes):
                        at = draw.randrange(len(codes))
                        path.append(graph.relation_id(int(codes[at])))
                        here = int(tails[at])
                if len(path) < 2:
                    continue
                old = crossing(draw, graph, graph.entity_id(topic), tuple(path))
                new = turned(draw, graph, old)
                if old == new or {old, new} & (gone | come):
                    continue
                gone.add(old)
                come.add(new)
                asked.append((graph.entity_id(topic), tuple(path)))
            began = time.perf_counter()
            wanted = tuple(come - gone), tuple(gone - come)
            change(space, "g", lambda now, _, w=wanted: changes_to(now, *w), "benchmark")
            for fact in wanted[1]:
                _turn(kept, fact, set.discard)
            for fact in wanted[0]:
                _turn(kept, fact, set.add)
            for topic_id, path in asked:
                graph = KnowledgeGraph.open(space.open("graphs", "g"))
                found = set(execute(graph, graph.entity(topic_id), path))
                seconds.append(time.perf_counter() - began)
                ends = {topic_id}
                for name in path:
                    ends = {there for one in ends for there in kept[one, name]}
                right.append(found == ends)
        tell(right, seconds, f"{facts.name}, paths walked after changes of {TOGETHER} facts")


def _turn(kept: dict[tuple[str, str], set[str]], fact: Fact, how: object) -> None:
    head, relation, tail = fact
    how(kept[head, relation], tail)  # type: ignore[operator]
    how(kept[tail, "~" + relation], head)  # type: ignore[operator]


def main() -> None:
    """Measure and print."""
    said = argparse.ArgumentParser()
    said.add_argument("--student", default="demo-student")
    said.add_argument("--facts", type=Path)
    said.add_argument("--edits", type=int, default=100)
    said.add_argument("--seed", type=int, default=0)
    told = said.parse_args()
    if told.facts:
        walk_graph(told.facts, told.edits, told.seed)
    else:
        ask_student(told.student, told.edits, told.seed)


if __name__ == "__main__":
    main()
