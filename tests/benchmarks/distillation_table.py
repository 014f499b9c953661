"""What each way to distil is worth when gold paths are many, few and rare.

    python -m tests.benchmarks.distillation_table WORKSPACE TEACHER [--questions NAME] \
        [--gold 0.01 0.1 1] [--seeds 3] [--epochs 20] [--ways hard uniform ...] [--to table.json]

The workspace holds a teacher and its questions. Every way trains students by the same trainer, with
gold paths for a share of the training questions and the teacher's labels for all, for about as many
optimizer steps: the hard way, which sees nothing but the share, passes over it more often. Each is
scored on the test part with constrained decoding. A line of the JSON file
is written as soon as its student is scored, and a run with the same file goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

from core.recipes import distill_student, evaluate
from core.report import Silent
from core.settings import DistillSettings, EvaluateSettings
from core.workspace import Workspace, write_json

WAYS: dict[str, dict[str, Any]] = {
    "hard": {"alpha": 1.0},
    "uniform": {"labels": "uniform"},
    "sequence": {"targets": "sequence"},
    "top 3": {"targets": "top", "top_k": 3},
    "token, T = 1": {"objective": "token", "temperature": 1.0},
    "token, T = 2": {"objective": "token", "temperature": 2.0},
    "token, T = 4": {"objective": "token", "temperature": 4.0},
    "split, T = 1": {"temperature": 1.0},
    "split, T = 2": {"temperature": 2.0},
    "split, T = 4": {"temperature": 4.0},
    "on-policy mix": {"on_policy": 0.5},
}
SCORES = ("hits_at_1", "path_exact_match")
STUDENT = "distillation-table"


def main() -> None:
    """Fill the table and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("teacher")
    parser.add_argument("--questions")
    parser.add_argument("--gold", type=float, nargs="+", default=[0.01, 0.1, 1.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--student", default="tiny")
    parser.add_argument("--limit", type=int, help="Score only so many test questions.")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--to", type=Path, default=Path("distillation_table.json"))
    given = parser.parse_args()
    rows: list[dict[str, Any]] = json.loads(given.to.read_text()) if given.to.exists() else []
    done = {(row["way"], row["gold"], row["seed"]) for row in rows}
    for seed in range(given.seeds):
        for gold in given.gold:
            for way in given.ways:
                if (way, gold, seed) not in done:
                    rows.append(
                        {"way": way, "gold": gold, "seed": seed, **_scores(given, way, gold, seed)}
                    )
                    write_json(given.to, rows)
    print(markdown(rows))  # noqa: T201


def _scores(given: argparse.Namespace, way: str, gold: float, seed: int) -> dict[str, float]:
    workspace = Workspace(given.workspace)
    settings = DistillSettings(
        name=STUDENT,
        teacher=given.teacher,
        questions=given.questions,
        student=given.student,
        gold_share=gold,
        epochs=min(1000, round(given.epochs / gold)) if way == "hard" else given.epochs,
        seed=seed,
        replace=True,
        **WAYS[way],
    )
    distilled = distill_student.run(settings, Silent(), workspace)
    scored = evaluate.run(EvaluateSettings(model=STUDENT, limit=given.limit), Silent(), workspace)
    return {**{name: getattr(scored, name) for name in SCORES}, "seconds": distilled.seconds}


def markdown(rows: list[dict[str, Any]]) -> str:
    """Hits@1 and exact paths of every way at every share of gold paths, mean and spread."""
    shares = sorted({row["gold"] for row in rows})
    head = [f"{score.replace('_', ' ')}, {share:.0%} gold" for share in shares for score in SCORES]
    lines = ["| way | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for way in dict.fromkeys(row["way"] for row in rows):
        cells = []
        for share in shares:
            mine = [row for row in rows if (row["way"], row["gold"]) == (way, share)]
            cells += [_spread([row[score] for row in mine]) for score in SCORES]
        lines.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(values: list[float]) -> str:
    if not values:
        return ""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {spread:.3f}"


if __name__ == "__main__":
    main()
