"""What it costs to speak only what exists: constrained decoding beside free decoding.

    python -m tests.benchmarks.decoding_cost [--student S] [--questions 200] [--paths 10000]
                                             [--rounds 5] [--ways "greedy" "20 draws" ...]
                                             [--model NAME] [--longest 96]

Without a student of the workspace (`PATHDISTILL_HOME`), a random tiny one speaks about the sample
graph, or a pretrained model that has learned no path yet (`--model`, as `distill --student`).

Every way of searching is timed over the same questions in turns, constrained and free, in seconds
of the processor, the growth of the trie around each topic included; the median over the rounds is
shown. What compares is the cost of a *token*, one that is said along a path that is returned: a
student that has learned nothing rarely stops by itself, and free decoding then goes on for long;
`--longest` ends it after so many tokens. Then paths are decoded constrained until there are as many
as asked for of each kind, and each is walked in the graph.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import TreeShape, follow_path, relation_codes
from core.graph.readers import read_graph
from core.questions.formats import read_questions
from core.questions.question_sets import load_questions
from core.records import TOPIC_MARK, Question
from core.student import decoding
from core.student.decoding import DecodedPath, Search, decode_paths
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student, build_tiny, open_student
from core.student.pretrained import load_pretrained
from core.student.prompts import Speller
from core.workspace import Workspace

WAYS: dict[str, tuple[Search, int]] = {
    "greedy": ("beam", 1),
    "beam of 5": ("beam", 5),
    "diverse, 6 beams": ("diverse", 6),
    "20 draws": ("sample", 20),
}
BATCH = 32


@dataclass(frozen=True)
class Cost:
    """Seconds per question and per token of one pass over the questions."""

    question: float
    token: float


def main() -> None:
    """Print both tables and one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--model")
    parser.add_argument("--longest", type=int, default=decoding.LONGEST_PATH)
    given = parser.parse_args()
    decoding.LONGEST_PATH = given.longest
    ways = {name: WAYS[name] for name in given.ways}
    student, asked = _student(given.student, given.model, given.questions)
    linker = Linker(student.graph)
    texts = [(mask(linker, q.text, topic, TOPIC_MARK), topic) for q, topic in asked]
    gc.freeze()  # what was loaded is not searched for garbage over and over
    costs = {name: _cost(student, texts, given.rounds, *way) for name, way in ways.items()}
    _say("| search | free ms/question | constrained | free ms/token | constrained | token ratio |")
    _say("|---|---|---|---|---|---|")
    for name, (free, bound) in costs.items():
        cells = [free.question, bound.question, free.token, bound.token]
        shown = " | ".join(f"{1000 * cell:.2f}" for cell in cells)
        _say(f"| {name} | {shown} | {bound.token / free.token:.2f} |")
    valid = {name: _valid(student, texts, *way, given.paths) for name, way in ways.items()}
    _say("\n| search | paths decoded | in the graph |\n|---|---|---|")
    for name, (said, good) in valid.items():
        _say(f"| {name} | {said:,} | {good:,} |")
    _say(json.dumps({"costs": _plain(costs), "valid": valid, "questions": len(texts)}))


def _student(
    name: str | None, model: str | None, limit: int, pathquestion: Path | None = None
) -> tuple[Student, list[tuple[Question, int]]]:
    """A student and questions about single topics with edges."""
    if name is not None:
        workspace = Workspace()
        student = open_student(workspace, name)
        questions = load_questions(workspace, student.card["questions"]).part("test")
    else:
        student, questions = _untaught(model, pathquestion)
    asked = [(q, student.graph.find_entity(q.topics[0])) for q in questions if len(q.topics) == 1]
    led = [(q, topic) for q, topic in asked if topic is not None]
    return student, [(q, t) for q, t in led if student.graph.degree([t])[0] > 0][:limit]


def _untaught(name: str | None, pathquestion: Path | None) -> tuple[Student, Sequence[Question]]:
    """A student that has learned no path, over the sample graph or PathQuestion's of 3 hops."""
    if pathquestion is not None:
        graph = read_graph("pq3", [pathquestion / "3H-kb.txt"])[0]
        questions = read_questions("pathquestion", [pathquestion / "PQ-3H.txt"], graph)[0]
    else:
        folder = Path(__file__).parents[2] / "assets" / "sample"
        files = [folder / f"{table}.tsv" for table in ("triples", "entities", "relations")]
        graph = read_graph("sample", files)[0]
        questions = read_questions("jsonl", [folder / "questions.jsonl"], graph)[0]
    torch.manual_seed(0)
    if name is None:
        model, tokenizer = build_tiny([q.text for q in questions], graph.relation_ids)
    else:
        model, tokenizer = load_pretrained(name, Workspace().root / "models")
    shape = TreeShape(3)
    return Student("untaught", graph, shape, model.eval(), Speller(tokenizer), {}), questions


def _cost(
    student: Student, texts: Sequence[tuple[str, int]], rounds: int, search: Search, beams: int
) -> tuple[Cost, Cost]:
    """Free and constrained, in turns."""
    found: dict[bool, list[Cost]] = {False: [], True: []}
    for _ in range(rounds + 1):
        for bound in found:
            found[bound].append(_timed(student, texts, search, beams, bound))
    return _median(found[False][1:]), _median(found[True][1:])  # the first round warms up


def _median(costs: Sequence[Cost]) -> Cost:
    question = statistics.median(cost.question for cost in costs)
    return Cost(question, statistics.median(cost.token for cost in costs))


def _timed(
    student: Student, texts: Sequence[tuple[str, int]], search: Search, beams: int, bound: bool
) -> Cost:
    # Other work on the machine lengthens the wall's time, hardly the processor's.
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    began = clock()
    told = _spoken(student, texts, search, beams, bound)
    spent = clock() - began
    said = sum(_tokens(student, path) for _, paths in told for path in paths)
    return Cost(spent / len(texts), spent / said)


def _tokens(student: Student, path: DecodedPath) -> int:
    """Tokens of a path; one that free decoding has cut off has as many as may be."""
    return min(len(student.speller.spell(path.relations)), decoding.LONGEST_PATH)


def _spoken(
    student: Student,
    texts: Sequence[tuple[str, int]],
    search: Search,
    beams: int,
    bound: bool,
    seed: int = 0,
) -> list[tuple[int, list[DecodedPath]]]:
    told = []
    tries: dict[int, GraphTrie] = {}  # one for all questions about a topic, as in an evaluation
    for begin in range(0, len(texts), BATCH):
        batch = texts[begin : begin + BATCH]
        for _, topic in batch:
            if bound and topic not in tries:
                tries[topic] = GraphTrie(student.graph, topic, student.shape, student.speller)
        allowed = [tries[topic] for _, topic in batch] if bound else None
        questions = [text for text, _ in batch]
        spoken = decode_paths(
            student.model, student.speller, questions, beams, allowed, search, seed
        )
        told += [(topic, paths) for (_, topic), paths in zip(batch, spoken, strict=True)]
    return told


def _valid(
    student: Student, texts: Sequence[tuple[str, int]], search: Search, beams: int, wanted: int
) -> tuple[int, int]:
    """Paths decoded in one way, and how many of them the graph holds from end to end."""
    said = good = seed = 0
    while said < wanted:
        seed += 1
        for topic, paths in _spoken(student, texts, search, beams, True, seed):
            for path in paths:
                said += path.draws
                good += path.draws * _walks(student.graph, topic, path)
    return said, good


def _walks(graph: KnowledgeGraph, topic: int, path: DecodedPath) -> bool:
    codes = relation_codes(graph, path.relations)
    return bool(codes) and len(follow_path(graph, topic, codes)) == len(codes) + 1


def _plain(costs: dict[str, tuple[Cost, Cost]]) -> dict[str, Any]:
    return {name: [vars(cost) for cost in pair] for name, pair in costs.items()}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
