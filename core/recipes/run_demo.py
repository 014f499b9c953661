"""The whole loop on the sample graph: import, teach, label, distil, evaluate, ask."""

from __future__ import annotations

import time
from pathlib import Path

from core.errors import FormatError, NotFound
from core.pretrained.embedders import UNIVERSAL, load_embedder
from core.pretrained.presets import BILINGUAL
from core.recipes import (
    answer_question,
    distill_student,
    evaluate,
    import_graph,
    import_questions,
    train_teacher,
)
from core.report import Report
from core.results.answer import Answer
from core.results.demo import DemoExample, DemoReport, MadeNames
from core.settings import (
    AskSettings,
    DemoSettings,
    DistillSettings,
    EvaluateSettings,
    GraphImportSettings,
    QuestionImportSettings,
    TeacherSettings,
)
from core.workspace import Workspace

SAMPLE = Path(__file__).resolve().parents[2] / "assets" / "sample"

EXAMPLES = (
    "What is Joe Biden's nationality?",
    "乔·拜登的国籍是什么？",
    "Who is the spouse of the director of Inception?",
    "《泰坦尼克号》的导演出生在哪个国家？",
)
"""Asked at the end; the first two are the worked example in both languages."""


def run(settings: DemoSettings, report: Report, workspace: Workspace) -> DemoReport:
    """Run the loop; everything made is called `settings.name` and replaces what had that name."""
    began = time.monotonic()
    name, device, seed = settings.name, settings.device, settings.seed
    files = tuple(str(SAMPLE / f"{table}.tsv") for table in ("triples", "entities", "relations"))
    import_graph.run(GraphImportSettings(name=name, files=files, replace=True), report, workspace)
    questions = QuestionImportSettings(
        name=name, graph=name, files=(str(SAMPLE / "questions.jsonl"),), split="given", replace=True
    )
    import_questions.run(questions, report, workspace)
    fetch_encoder(report, workspace)
    teaching = TeacherSettings(
        name=f"{name}-teacher", graph=name, questions=name, epochs=3, patience=5,
        message_passing=1, learning_rate=3e-3, encoder_epochs=2, seed=seed, device=device,
        replace=True,
    )  # fmt: skip
    train_teacher.run(teaching, report, workspace)
    distilling = DistillSettings(
        name=f"{name}-student", teacher=teaching.name, questions=name, student=BILINGUAL,
        paths="all", epochs=8, alpha=settings.alpha, temperature=settings.temperature,
        seed=seed, device=device, replace=True,
    )  # fmt: skip
    distilled = distill_student.run(distilling, report, workspace)
    wanted = {
        "teacher": EvaluateSettings(model=teaching.name, device=device),
        "student": EvaluateSettings(model=distilling.name, device=device),
        "student_free": EvaluateSettings(model=distilling.name, decoding="free", device=device),
    }
    scores = {who: evaluate.run(what, report, workspace) for who, what in wanted.items()}
    report.stage("ask")
    answered = []
    for done, question in enumerate(EXAMPLES):
        report.progress(done, len(EXAMPLES), "questions")
        asking = AskSettings(student=distilling.name, question=question)
        answered.append(answer_question.run(asking, report, workspace))
    report.progress(len(EXAMPLES), len(EXAMPLES), "questions")
    return DemoReport(
        names=MadeNames(
            graph=name,
            questions=name,
            teacher=teaching.name,
            labels=distilled.labels,
            student=distilling.name,
        ),
        **scores,
        examples=tuple(map(_example, answered)),
        seconds=time.monotonic() - began,
    )


def fetch_encoder(report: Report, workspace: Workspace) -> None:
    """Fetch the text encoder that lets a teacher understand synonyms, or do without."""
    try:
        load_embedder(UNIVERSAL, workspace.root / "models")
    except (NotFound, FormatError) as error:
        message = f"The teacher learns without a text encoder, and knows no synonyms: {error}"
        report.event("warning", message=message)


def _example(answer: Answer) -> DemoExample:
    best = answer.paths[0] if answer.paths else None
    return DemoExample(
        question=answer.question,
        language=answer.language,
        answers=best.answers if best else (),
        path=best.hops if best else (),
        supported=answer.supported,
        answer=answer,
    )
