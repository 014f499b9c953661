"""Import questions: read their files, tie them to a graph, split and publish them."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import FormatError
from core.foreign_files import read_foreign_json
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.formats import read_questions
from core.questions.levels import split_levels
from core.questions.question_sets import QuestionSet
from core.questions.splits import split_given, split_grouped, split_random
from core.records import Question
from core.report import Report
from core.results.questions import QuestionsReport
from core.settings import QuestionImportSettings
from core.sources import discard_uploads, place_of
from core.workspace import Workspace


def run(settings: QuestionImportSettings, report: Report, workspace: Workspace) -> QuestionsReport:
    """Read files of questions into `questions/<name>/`.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If no question can be read, or a given split does not cover them.
        SettingsError: If there are too few questions to split.
        AlreadyExists: If the name is taken and `replace` is false.
    """
    report.stage("questions")
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    with workspace.publish("questions", settings.name, replace=settings.replace) as folder:
        files = [str(place_of(workspace, file)) for file in settings.files]
        questions, found = read_questions(settings.format, files, graph)
        report.progress(1, 2, "read")
        report.check_stop()
        questions = _split(questions, settings, workspace)
        made = QuestionSet(settings.name, settings.graph, graph.hash, settings.split, questions)
        made.save(folder, found.as_record())
    discard_uploads(workspace, (*settings.files, settings.split_file or ""))
    report.progress(2, 2, "saved")
    if found.findings:
        first = found.findings[0]
        report.event(
            "warning",
            message=f"{found.skipped} questions were skipped and {found.paths_dropped} gold paths "
            f"dropped; the first is {first.file}, line {first.line}: {first.why}.",
        )
    return QuestionsReport(
        name=made.name,
        graph=made.graph,
        questions=len(made.questions),
        splits=made.counts,
        skipped=found.skipped,
        report=found,
    )


def _split(
    questions: Sequence[Question], settings: QuestionImportSettings, workspace: Workspace
) -> tuple[Question, ...]:
    if settings.split == "grouped":
        return split_grouped(questions, settings.seed)
    if settings.split == "levels":
        return split_levels(questions, settings.seed)
    if settings.split == "random":
        return split_random(questions, settings.seed)
    given = None
    if settings.split_file:
        given = read_foreign_json(place_of(workspace, settings.split_file))
        if not isinstance(given, dict):
            raise FormatError(
                "{split_file} is not a JSON object from question ids to train, dev, test.",
                split_file=settings.split_file,
            )
    return split_given(questions, given)
