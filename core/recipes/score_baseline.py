"""Score answers that were given without reading the questions."""

from __future__ import annotations

import time

from core.answers.baselines import baseline_predictions
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes.evaluation_folder import keep, part_to_score, scored
from core.recipes.train_teacher import check_same_graph
from core.report import Report
from core.results.evaluation import Evaluation
from core.settings import BaselineSettings
from core.workspace import Workspace


def run(settings: BaselineSettings, report: Report, workspace: Workspace) -> Evaluation:
    """Score a baseline and keep the scores in `evaluations/`.

    Raises:
        NotFound: If there are no such questions, the split is empty, or no training question tells
            its path.
    """
    report.stage("evaluate")
    began = time.monotonic()
    questions = load_questions(workspace, settings.questions)
    graph = KnowledgeGraph.open(workspace.open("graphs", questions.graph))
    check_same_graph(graph, questions)
    asked = part_to_score(questions, settings.split, settings.limit)
    train = questions.part("train")
    answering = time.monotonic()
    predicted = baseline_predictions(settings.baseline, graph, train, asked, report)
    ended = time.monotonic()
    result = scored(
        graph,
        questions,
        asked,
        predicted,
        certainty=None,
        precision=1.0,  # of no account where nothing is known of the probabilities
        model=settings.baseline,
        kind="baseline",
        decoding="exact",
        answering=ended - answering,
        seconds=ended - began,
    )
    keep(workspace, result, "baseline")
    return result
