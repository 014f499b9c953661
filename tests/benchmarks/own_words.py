"""How a person is served who asks in words of their own: `tests/natural` put to models.

    python -m tests.benchmarks.own_words WORKSPACE MODEL [MODEL ...] [--set sample] [--half tune]
        [--alone] [--precision 0.95]

Models are teachers or students over the graph of the set (`python -m core demo` makes those of the
sample graph). Topics are given where a question has one; else what the linker finds first. Answered
is what `core.answers.decision` says for certain at that precision; *unsure* is neither an answer
nor a no. The half `report` is for one score at the end: choose nothing by it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from core.answers import model_cache
from core.answers.decision import card_certainty, decide
from core.answers.ear import Ear
from core.answers.predictions import student_predictions, teacher_predictions
from core.evaluation.answers import hits_at_1
from core.evaluation.honesty import honesty
from core.graph.linking import Linker
from core.records import Prediction, Question
from core.report import Silent
from core.results.answer import Decision
from core.student.language_model import Student
from core.teacher.teachers import Teacher
from core.workspace import Workspace

NATURAL = Path(__file__).parents[1] / "natural"


def main() -> None:
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--set", default="sample", choices=("sample", "company"))
    parser.add_argument("--half", default="tune", choices=("tune", "report"))
    parser.add_argument("--alone", action="store_true", help="students do not listen")
    parser.add_argument("--precision", type=float, default=0.95)
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    print(
        "| model | en | zh | answered, refused | wrong and > half sure | none: answered | AUROC |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in given.models:
        print(row(workspace, name, given), flush=True)


def row(workspace: Workspace, name: str, given: argparse.Namespace) -> str:
    """Hits@1 of both languages, and what is said for certain."""
    respondent = Respondent(workspace, name, given.alone)
    asked = [
        question
        for part in ("en", "zh", "none")
        for question in questions(f"{given.set}.{part}.jsonl", given.half, respondent.linker)
    ]
    predicted = respondent.predictions(asked)
    certainty = card_certainty(respondent.model.card, heard=respondent.ear is not None)
    decided = [decide(p.best, p.missing, certainty, given.precision) for p in predicted]
    told = honesty(asked, predicted, [one is Decision.ANSWERED for one in decided])
    cells = [respondent.name]
    for part in ("en", "zh"):
        rows = [n for n, q in enumerate(asked) if q.answers and q.language == part]
        hits = sum(hits_at_1(asked[n], predicted[n]) for n in rows) / len(rows)
        cells.append(f"{hits:.3f} of {len(rows)}")
    answerable = [d for q, d in zip(asked, decided, strict=True) if q.answers]
    shares = [sum(d is one for d in answerable) / len(answerable) for one in (
        Decision.ANSWERED, Decision.NOT_IN_GRAPH
    )]  # fmt: skip
    cells.append(" / ".join(f"{share:.3f}" for share in shares))
    cells.append(f"{told.wrong_and_sure:.3f}")
    cells.append(f"{told.unanswerable_answered:.3f} of {told.unanswerable}")
    cells.append(f"{told.auroc:.3f}")
    return f"| {' | '.join(cells)} |"


class Respondent:
    """A teacher or a student that is asked.

    Args:
        workspace: Where it is.
        name: What it is called there.
        alone: A student does not listen with its teacher's text encoder.
    """

    def __init__(self, workspace: Workspace, name: str, alone: bool = False) -> None:
        self.model: Teacher | Student
        self.ear: Ear | None = None
        if workspace.exists("students", name):
            self.model = student = model_cache.student(workspace, name)
            self.ear = None if alone else model_cache.ear(workspace, student)
        else:
            self.model = model_cache.teacher(workspace, name)
        self.linker = Linker(self.model.graph)
        self.name = name + (", listening" if self.ear else "")

    def predictions(self, asked: Sequence[Question]) -> list[Prediction]:
        """What it says to each question; nothing to one about nothing that the graph knows."""
        about = [question for question in asked if question.topics]
        if isinstance(self.model, Student):
            said = student_predictions(
                self.model, about, "constrained", 5, Silent(), self.linker, ear=self.ear
            )
        else:
            said = teacher_predictions(self.model, about, Silent())
        found = {one.question: one for one in said}
        return [found.get(one.id, Prediction(one.id, (), (), 1.0)) for one in asked]


def questions(file: str, half: str, linker: Linker) -> list[Question]:
    """The questions of a file that belong to a half."""
    made = []
    for number, line in enumerate((NATURAL / file).read_text("utf-8").splitlines()):
        one = json.loads(line)
        if one["half"] != half:
            continue
        topics = tuple(one.get("topics") or ())
        if not topics:
            mentions = linker.link(one["question"], limit=1)
            topics = tuple(linker.graph.entity_id(m.entity) for m in mentions[:1])
        answers = tuple(one.get("answers", ()))
        made.append(Question(f"{file}:{number}", one["question"], one["language"], topics, answers))
    return made


if __name__ == "__main__":
    main()
