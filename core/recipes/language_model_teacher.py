"""Make a teacher of a causal language model."""

from __future__ import annotations

from typing import Any

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes.assemble_teacher import dev_trees, publish
from core.recipes.train_teacher import check_same_graph, choose_shape
from core.report import Report
from core.settings import LanguageModelTeaching
from core.teacher.calibration import calibrate_paths
from core.teacher.language_model_teacher import LanguageModelScorer
from core.teacher.training import pick_device
from core.workspace import Workspace


def run(settings: LanguageModelTeaching, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Publish a language model as a teacher into `teachers/<name>/`, calibrated on dev questions.

    Raises:
        NotFound: If the graph, the questions or the model do not exist.
        FormatError: If the questions belong to another graph.
    """
    report.stage("teacher")
    graph = KnowledgeGraph.open(workspace.folder("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    device = str(pick_device(settings.device))
    scorer = LanguageModelScorer(graph, settings.model, 1.0, device)
    shape = choose_shape(graph, questions.part("train"), settings)
    dev = questions.part("dev")[: settings.judged]
    trees, census = dev_trees(graph, shape, dev, report)
    calibrated = calibrate_paths(scorer, trees, settings.precision)
    return publish(
        workspace, settings, "language-model", graph, questions.name, shape,
        calibrated.temperature, calibrated, census,
    )  # fmt: skip
