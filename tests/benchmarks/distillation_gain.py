"""What soft labels are worth when gold paths are rare: the table in README.

    python -m tests.benchmarks.distillation_gain FOLDER_OF_PATHQUESTION [--seeds 3] [--gold 0.02]

The folder holds `PQ-3H.txt`, `3H-kb.txt` and `PQ-3H.groupsplit.json`. One teacher learns from
answers alone; students then learn with gold paths for a share of the training questions and
answers for all: hard labels only, uniform soft labels, the teacher's soft labels. Hard-only
students see far fewer questions, so they get twenty times the epochs. Everything is scored on
the grouped test part, with constrained decoding. About half an hour on two cores.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from core.recipes import distill_student, evaluate, import_graph, import_questions, train_teacher
from core.report import Silent
from core.settings import Distillation, Evaluation, GraphImport, QuestionImport, TeacherTraining
from core.workspace import Workspace

STUDENTS: dict[str, dict[str, Any]] = {
    "hard labels only (alpha = 1)": {"alpha": 1.0, "epochs": 400},
    "uniform soft labels": {"labels": "uniform"},
    "the teacher's soft labels": {"labels": "posterior"},
}


def main() -> None:
    """Run the table and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gold", type=float, default=0.02)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(folder)
        _teach(given.folder, workspace)
        teacher = evaluate.run(Evaluation(model="teacher"), Silent(), workspace)
        _say("| student | Hits@1 | path exact match |\n|---|---|---|")
        _say(f"| (teacher) | {teacher['hits_at_1']:.3f} | {teacher['path_exact_match']:.3f} |")
        for name, settings in STUDENTS.items():
            scores = [
                _student(workspace, seed, given.gold, settings) for seed in range(given.seeds)
            ]
            columns = [
                _spread([s[key] for s in scores]) for key in ("hits_at_1", "path_exact_match")
            ]
            _say(f"| {name} | {columns[0]} | {columns[1]} |")


def _teach(folder: Path, workspace: Workspace) -> None:
    graph = GraphImport(name="graph", files=(str(folder / "3H-kb.txt"),))
    import_graph.run(graph, Silent(), workspace)
    questions = QuestionImport(
        name="questions",
        graph="graph",
        files=(str(folder / "PQ-3H.txt"),),
        format="pathquestion",
        split="given",
        split_file=str(folder / "PQ-3H.groupsplit.json"),
    )
    import_questions.run(questions, Silent(), workspace)
    teaching = TeacherTraining(
        name="teacher", graph="graph", questions="questions", supervision="answers"
    )
    train_teacher.run(teaching, Silent(), workspace)


def _student(
    workspace: Workspace, seed: int, gold: float, settings: dict[str, Any]
) -> dict[str, Any]:
    distilling = Distillation(
        name="student", teacher="teacher", gold_share=gold, seed=seed, replace=True, **settings
    )
    distill_student.run(distilling, Silent(), workspace)
    return evaluate.run(Evaluation(model="student"), Silent(), workspace)


def _spread(values: list[float]) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {spread:.3f}"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
