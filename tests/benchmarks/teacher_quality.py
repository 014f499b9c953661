"""How good teachers are, with one setting for all question sets.

    python -m tests.benchmarks.teacher_quality WORKSPACE SET [SET ...] [--supervision answers paths]
        [--seeds 3] [--limit N] [--split test] [--rows FILE]

Every set of the workspace (see `questions import`) is learned with the default settings, once per
seed and supervision, and scored on the split; a set whose name ends in `{seed}` names one set per
seed, so that the split changes with it (`real_sets` imports sets so named). `--limit` learns from
that many training questions only. Printed as a Markdown table, mean and standard deviation over the
seeds; `--rows` also appends every training's figures, with the bins of its reliability plot, to a
file of JSON lines that `reliability_figure` draws:

    Hits@1, path EM, ECE     of the split
    reach                    share of its questions with an answer anywhere in their tree
    right path               expected hit of a uniform pick where the gold path leads, 0 where the
                             graph lacks it: what a teacher scores that always picks the gold path

Questions that the import skipped, their topic being unknown to the graph, are no part of a set.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes import evaluate, train_teacher
from core.records import Question
from core.report import Silent
from core.settings import EvaluateSettings, TeacherSettings
from core.teacher.teachers import Teacher, open_teacher
from core.workspace import Workspace

COLUMNS = ("hits_at_1", "path_exact_match", "ece", "reach", "right_path", "minutes")


def main() -> None:
    """Train, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--supervision", nargs="+", default=["answers", "paths"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--split", default="test")
    parser.add_argument("--rows", type=Path)
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    print("| questions | learned from | " + " | ".join(COLUMNS) + " |", flush=True)
    print("|---" * (2 + len(COLUMNS)) + "|", flush=True)
    for pattern in given.sets:
        for supervision in given.supervision:
            rows = [
                scored(workspace, pattern.format(seed=seed), supervision, seed, given)
                for seed in range(given.seeds)
            ]
            cells = [spread([row[column] for row in rows]) for column in COLUMNS]
            print(f"| {pattern} | {supervision} | " + " | ".join(cells) + " |", flush=True)


def scored(
    workspace: Workspace, name: str, supervision: str, seed: int, given: argparse.Namespace
) -> dict[str, Any]:
    """One training, scored."""
    questions = load_questions(workspace, name)
    if given.limit:
        questions = fewer(workspace, questions, given.limit, seed)
    settings = TeacherSettings(
        name="benchmark",
        graph=questions.graph,
        questions=questions.name,
        supervision=supervision,
        seed=seed,
        replace=True,
    )
    trained = train_teacher.run(settings, Silent(), workspace)
    wanted = EvaluateSettings(model="benchmark", split=given.split)
    scores = evaluate.run(wanted, Silent(), workspace)
    teacher, asked = open_teacher(workspace, "benchmark"), questions.part(given.split)
    row = {
        **scores.as_record(),
        "reach": reach(teacher, asked),
        "right_path": right_path(teacher.graph, asked),
        "minutes": trained.seconds / 60,
    }
    if given.rows:
        with given.rows.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"set": name, "supervision": supervision, "seed": seed, **row}))
            file.write("\n")
    return row


def fewer(workspace: Workspace, questions: QuestionSet, limit: int, seed: int) -> QuestionSet:
    """The same set with so many training questions, drawn with the seed, published anew."""
    train = questions.part("train")
    kept = set(np.random.default_rng(seed).permutation(len(train))[:limit].tolist())
    chosen = {question.id for place, question in enumerate(train) if place in kept}
    left = tuple(q for q in questions.questions if q.split != "train" or q.id in chosen)
    small = replace(questions, name="benchmark", questions=left)
    with workspace.publish("questions", "benchmark", replace=True) as folder:
        small.save(folder, {})
    return small


def reach(teacher: Teacher, asked: Sequence[Question]) -> float:
    """Share of questions with an answer somewhere in their tree."""
    grower, reached = teacher.grower(), 0
    for question in asked:
        trees = grower.grow(question)
        reached += bool(trees) and bool(trees[0].match.any())
    return reached / len(asked)


def right_path(graph: KnowledgeGraph, asked: Sequence[Question]) -> float:
    """Expected hit at the end of the gold path, 0 for a question without one."""
    hits = []
    for question in asked:
        topic = graph.find_entity(question.topics[0])
        codes = relation_codes(graph, question.paths[0]) if question.paths else None
        ends = follow_path(graph, topic, codes) if topic is not None and codes else []
        followed = codes is not None and len(ends) > len(codes)
        answers = graph.find_entities(question.answers)
        hits.append(float(np.isin(ends[-1], answers).mean()) if followed else 0.0)
    return float(np.mean(hits))


def spread(values: Sequence[float | None]) -> str:
    """Mean and standard deviation."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    if len(known) == 1:
        return f"{known[0]:.3f}"
    return f"{statistics.mean(known):.3f} ± {statistics.stdev(known):.3f}"


if __name__ == "__main__":
    main()
