"""Make a plain lexical teacher: a baseline to beat, and what serves where nothing is trained."""

from __future__ import annotations

from typing import Any

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes.assemble_teacher import dev_trees, publish
from core.recipes.train_teacher import check_same_graph, choose_shape
from core.report import Report
from core.settings import LexicalTeaching
from core.teacher.calibration import calibrate_paths
from core.teacher.lexical_matching import TEMPERATURE
from core.teacher.lexical_teacher import LexicalScorer
from core.workspace import Workspace


def run(settings: LexicalTeaching, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Publish a lexical teacher into `teachers/<name>/`, calibrated on the dev questions.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph.
    """
    report.stage("teacher")
    graph = KnowledgeGraph.open(workspace.folder("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    shape = choose_shape(graph, questions.part("train"), settings)
    trees, census = dev_trees(graph, shape, questions.part("dev"), report)
    scorer = LexicalScorer(graph, TEMPERATURE)
    calibrated = calibrate_paths(scorer, trees, settings.precision)
    temperature = TEMPERATURE * calibrated.temperature
    return publish(
        workspace, settings, "lexical", graph, questions.name, shape, temperature, calibrated,
        census,
    )  # fmt: skip
