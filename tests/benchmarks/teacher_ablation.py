"""What each part of the teacher is worth, where it should matter.

    python -m tests.benchmarks.teacher_ablation FOLDER_OF_PATHQUESTION [--seeds 3] [--other WS SET]

The folder holds `PQ-3H.txt`, `3H-kb.txt` and `PQ-3H.groupsplit.json`. Situations, all learned from
answers alone and scored on the dev part:

    all data           the set as it is
    little data        2 % of the training questions
    shared names       relations lose their names: two and two have one label, nothing else to read
    missing facts      a fifth of the graph's triples is gone
    unseen relations   three relations are on no training question's path and on every scored one's
    another graph      trained here, asked on another graph (`--other`), nothing trained there

Parts: message passing (rounds = 0), spelling (no overlap between question and label), negatives
(none in training), and, on top of all, a pretrained encoder. Each cell: Hits@1 / path EM.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from core.questions.question_sets import QuestionSet, load_questions
from core.recipes import evaluate, import_graph, import_questions, train_teacher, transfer_teacher
from core.report import Silent
from core.settings import (
    EvaluateSettings,
    GraphImportSettings,
    QuestionImportSettings,
    TeacherSettings,
    TransferSettings,
)
from core.teacher.question_encoder import RelationWords
from core.workspace import Workspace

PARTS: dict[str, dict[str, Any]] = {
    "everything": {},
    "no message passing": {"message_passing": 0},
    "no spelling": {},
    "with a pretrained encoder": {"encoder": "all-MiniLM-L6-v2"},
}
UNSEEN = 3


def main() -> None:
    """Train every cell and print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--other", nargs=2, metavar=("WORKSPACE", "SET"))
    parser.add_argument("--situations", nargs="+")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        workspace = Workspace(home)
        situations = [
            (name, sets)
            for name, sets in made_situations(given.folder, workspace, given.seeds)
            if not given.situations or name in given.situations
        ]
        print("| | " + " | ".join(name for name, _ in situations) + " |", flush=True)
        print("|---" * (len(situations) + 1) + "|", flush=True)
        for part in given.parts:
            settings = PARTS[part]
            cells = [cell(workspace, part, settings, sets) for _, sets in situations]
            print(f"| {part} | " + " | ".join(cells) + " |", flush=True)
        if given.other:
            print("\nanother graph, nothing trained there:", flush=True)
            for part in given.parts:
                settings = PARTS[part]
                print(f"| {part} | {elsewhere(workspace, part, settings, given)} |", flush=True)


def cell(workspace: Workspace, part: str, settings: dict[str, Any], sets: list[str]) -> str:
    """Mean scores of one part in one situation, a seed each."""
    scores = []
    for seed, name in enumerate(sets):
        with without(part):
            teach(workspace, name, seed, settings)
            wanted = EvaluateSettings(model="t", split="dev")
            scores.append(evaluate.run(wanted, Silent(), workspace))
    return " / ".join(
        f"{statistics.mean(getattr(one, key) for one in scores):.3f}"
        for key in ("hits_at_1", "path_exact_match")
    )


def teach(workspace: Workspace, questions: str, seed: int, settings: dict[str, Any]) -> None:
    """Train the teacher `t`."""
    wanted = TeacherSettings(
        name="t",
        graph=load_questions(workspace, questions).graph,
        questions=questions,
        supervision="answers",
        hops=3,
        directions="forward",
        seed=seed,
        replace=True,
        **settings,
    )
    train_teacher.run(wanted, Silent(), workspace)


def elsewhere(
    workspace: Workspace, part: str, settings: dict[str, Any], given: argparse.Namespace
) -> str:
    """Hits@1 on a set of another graph, which is copied by opening it where it stands."""
    other = Workspace(given.other[0])
    hits = []
    for seed in range(given.seeds):
        with without(part):
            teach(workspace, "all", seed, settings)
            folder = workspace.folder("teachers", "t")
            with other.publish("teachers", "benchmark", replace=True) as place:
                for file in folder.iterdir():
                    (place / file.name).write_bytes(file.read_bytes())
            questions = load_questions(other, given.other[1])
            moved = TransferSettings(
                name="benchmark-there", teacher="benchmark", graph=questions.graph,
                questions=questions.name, replace=True,
            )  # fmt: skip
            transfer_teacher.run(moved, Silent(), other)
            wanted = EvaluateSettings(model="benchmark-there", split="dev", limit=500)
            hits.append(evaluate.run(wanted, Silent(), other).hits_at_1)
    return f"{statistics.mean(hits):.3f}"


@contextmanager
def without(part: str) -> Iterator[None]:
    """Take a part away that is no setting."""
    if part == "no spelling":

        def nothing(self: RelationWords, words: list[str]) -> np.ndarray:
            return np.zeros((len(words), len(self.words)), np.float32)

        with patch.object(RelationWords, "overlap", nothing):
            yield
    else:
        yield


def made_situations(
    folder: Path, workspace: Workspace, seeds: int
) -> Iterator[tuple[str, list[str]]]:
    """Publish the question sets of each situation, one per seed where it is drawn."""
    kb = (folder / "3H-kb.txt").read_text(encoding="utf-8").splitlines()
    published(workspace, folder, "all", kb)
    yield "all data", ["all"] * seeds
    yield "little data", [little(workspace, seed) for seed in range(seeds)]
    codes = opaque(kb)
    published(workspace, folder, "shared", kb, codes)
    yield "shared names", ["shared"] * seeds
    for seed in range(seeds):
        left = [line for line in kb if random.Random(f"{seed}{line}").random() >= 0.2]
        published(workspace, folder, f"missing{seed}", left)
    yield "missing facts", [f"missing{seed}" for seed in range(seeds)]
    yield "unseen relations", [unseen(workspace, seed) for seed in range(seeds)]


def published(
    workspace: Workspace,
    folder: Path,
    name: str,
    kb: list[str],
    codes: dict[str, str] | None = None,
) -> None:
    """A graph and its questions under one name.

    With `codes`, relations are called by these instead, which say nothing, and have labels that two
    of them share.
    """
    rows = [line.split("\t") for line in kb]
    asked = (folder / "PQ-3H.txt").read_text(encoding="utf-8").splitlines()
    place = workspace.root / "files" / name
    place.mkdir(parents=True)
    files = [place / "kb.txt"]
    if codes:
        rows = [[head, codes[relation], tail] for head, relation, tail in rows]
        asked = [recoded(line, codes) for line in asked]
        labels = "".join(f"{codes[one]}\t{shared}\n" for one, shared in in_pairs(codes))
        files.append(place / "labels.tsv")
        files[1].write_text("relation\tlabel:en\n" + labels, encoding="utf-8")
    files[0].write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    (place / "questions.txt").write_text("\n".join(asked) + "\n", encoding="utf-8")
    # Question ids are file names and line numbers; the split goes by those of the original.
    split = json.loads((folder / "PQ-3H.groupsplit.json").read_text(encoding="utf-8"))
    renamed = {f"questions@{key.partition('@')[2]}": part for key, part in split.items()}
    (place / "split.json").write_text(json.dumps(renamed), encoding="utf-8")
    graph = GraphImportSettings(name=name, files=tuple(map(str, files)))
    import_graph.run(graph, Silent(), workspace)
    wanted = QuestionImportSettings(
        name=name, graph=name, files=(str(place / "questions.txt"),), format="pathquestion",
        split="given", split_file=str(place / "split.json"),
    )  # fmt: skip
    import_questions.run(wanted, Silent(), workspace)


def opaque(kb: list[str]) -> dict[str, str]:
    """A name without a word in it for every relation: `%`, `%%`, ..."""
    names = sorted({line.split("\t")[1] for line in kb})
    return {name: "%" * number for number, name in enumerate(names, start=1)}


def in_pairs(codes: dict[str, str]) -> list[tuple[str, str]]:
    """Every relation with the label that it shares with its neighbour in the alphabet."""
    names = sorted(codes)
    return [(name, names[number - number % 2]) for number, name in enumerate(names)]


def recoded(line: str, codes: dict[str, str]) -> str:
    """A line of PathQuestion with other names for the relations of its path."""
    text, answer, path = line.split("\t")
    steps = path.split("#")
    steps[1::2] = [codes.get(step, step) for step in steps[1::2]]
    return "\t".join([text, answer, "#".join(steps)])


def little(workspace: Workspace, seed: int) -> str:
    """2 % of the training questions."""
    questions = load_questions(workspace, "all")
    train = questions.part("train")
    kept = {q.id for q in random.Random(seed).sample(train, max(len(train) // 50, 1))}
    chosen = [q for q in questions.questions if q.split != "train" or q.id in kept]
    return _publish(workspace, f"little{seed}", questions, chosen)


def unseen(workspace: Workspace, seed: int) -> str:
    """No training question's path has the held-out relations; every scored one's has one."""
    questions = load_questions(workspace, "all")
    used = sorted({name for q in questions.questions for path in q.paths for name in path})
    held = set(random.Random(seed).sample(used, UNSEEN))
    chosen = [
        q
        for q in questions.questions
        if any(held & set(path) for path in q.paths) != (q.split == "train")
    ]
    return _publish(workspace, f"unseen{seed}", questions, chosen)


def _publish(workspace: Workspace, name: str, questions: QuestionSet, chosen: list[Any]) -> str:
    with workspace.publish("questions", name) as folder:
        replace(questions, name=name, questions=tuple(chosen)).save(folder, json.loads("{}"))
    return name


if __name__ == "__main__":
    main()
