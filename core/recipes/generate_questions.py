"""Generate questions: ask about a graph alone, in natural phrases where a table gives them."""

from __future__ import annotations

from collections import Counter

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.generation import generate_questions, labelled_languages
from core.questions.phrasing import PhraseBook
from core.questions.question_sets import QuestionSet
from core.report import Report
from core.results.questions import GeneratedReport, QuestionsReport
from core.settings import QuestionGenerationSettings
from core.sources import discard_uploads, place_of
from core.workspace import Workspace


def run(
    settings: QuestionGenerationSettings, report: Report, workspace: Workspace
) -> QuestionsReport:
    """Generate questions into `questions/<name>/`.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If the table of phrases does not fit the graph.
        SettingsError: If the graph has too little to ask about, or no labels to ask in.
        AlreadyExists: If the name is taken and `replace` is false.
    """
    report.stage("questions")
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    languages = labelled_languages(graph, settings.languages)
    table = place_of(workspace, settings.phrases) if settings.phrases else None
    book = PhraseBook.read(table, graph) if table else None
    with workspace.publish("questions", settings.name, replace=settings.replace) as folder:
        questions = generate_questions(
            graph,
            count=settings.count,
            hops=settings.hops,
            languages=languages,
            withheld=settings.withheld_share,
            seed=settings.seed,
            unanswerable=settings.unanswerable_share,
            split=settings.split,
            book=book,
        )
        report.progress(1, 2, "asked")
        report.check_stop()
        made = QuestionSet(settings.name, settings.graph, graph.hash, settings.split, questions)
        found = _described(made)
        made.save(folder, found.as_record())
    discard_uploads(workspace, (settings.phrases or "",))
    report.progress(2, 2, "saved")
    for language in set(settings.languages) - set(languages):
        message = f"The graph has no labels in {language!r}, so nothing is asked in it."
        report.event("warning", message=message)
    return QuestionsReport(
        name=made.name,
        graph=made.graph,
        questions=len(questions),
        splits=made.counts,
        skipped=0,
        report=found,
    )


def _described(made: QuestionSet) -> GeneratedReport:
    """What was asked: questions by language and by hops of the gold path, and paths withheld."""
    answerable = [question for question in made.questions if question.answerable]
    hops = Counter(len(question.paths[0]) for question in answerable if question.paths)
    return GeneratedReport(
        read=len(made.questions),
        kept=len(made.questions),
        skipped=0,
        languages=dict(Counter(question.language for question in made.questions)),
        hops={str(hop): hops[hop] for hop in sorted(hops)},
        withheld=sum(not question.paths for question in made.questions),
        paths=len({path for question in answerable for path in question.paths}),
        unanswerable=len(made.questions) - len(answerable),
    )
