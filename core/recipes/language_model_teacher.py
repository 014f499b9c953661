"""Make a teacher of a causal language model."""

from __future__ import annotations

from core.pretrained.models.language_models import load_language_model, moved
from core.recipes.assemble_teacher import Watched, chosen_calibration_set, save
from core.report import Report
from core.results.teacher import UntrainedTeacher
from core.settings import LanguageModelTeacherSettings
from core.teacher.calibration import calibrate_paths
from core.teacher.language_model_teacher import LanguageModelScorer
from core.teacher.training import pick_device
from core.workspace import Workspace


def run(
    settings: LanguageModelTeacherSettings, report: Report, workspace: Workspace
) -> UntrainedTeacher:
    """Make a language model a teacher in `teachers/<name>/`, calibrated on some dev questions.

    Its weights stay where they are; only its name is kept.

    Raises:
        NotFound: If the graph, the questions or the model do not exist.
        FormatError: If the questions belong to another graph, or a GGUF file cannot be read.
    """
    report.stage("teacher")
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        basis = chosen_calibration_set(settings, report, workspace, settings.calibration_questions)
        model, tokenizer = load_language_model(settings.model, workspace.root / "models")
        scorer = LanguageModelScorer(
            basis.graph, moved(model, pick_device(settings.device)), tokenizer, temperature=1.0
        )
        calibrated = calibrate_paths(Watched(scorer, report), basis.trees, settings.precision)
        return save(folder, settings, "language-model", basis, calibrated, calibrated.temperature)
