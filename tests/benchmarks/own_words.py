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
from pathlib import Path

from core.answers import model_cache
from core.answers.decision import card_certainty, decide
from core.answers.predictions import student_predictions, teacher_predictions
from core.evaluation.answers import hits_at_1
from core.evaluation.honesty import honesty
from core.graph.linking import Linker
from core.records import Prediction, Question
from core.report import Silent
from core.results.answer import Decision
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
    is_student = workspace.exists("students", name)
    model = (model_cache.student if is_student else model_cache.teacher)(workspace, name)
    linker = Linker(model.graph)
    asked = [
        question
        for part in ("en", "zh", "none")
        for question in questions(f"{given.set}.{part}.jsonl", given.half, linker)
    ]
    about = [question for question in asked if question.topics]
    ear = None
    if is_student:
        ear = None if given.alone else model_cache.ear(workspace, model)
        said = student_predictions(model, about, "constrained", 5, Silent(), linker, ear=ear)
    else:
        said = teacher_predictions(model, about, Silent())
    found = {one.question: one for one in said}
    predicted = [found.get(one.id, Prediction(one.id, (), (), 1.0)) for one in asked]
    certainty = card_certainty(model.card, heard=ear is not None)
    decided = [decide(p.best, p.missing, certainty, given.precision) for p in predicted]
    told = honesty(asked, predicted, [one is Decision.ANSWERED for one in decided])
    cells = [name + (", listening" if ear else "")]
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
