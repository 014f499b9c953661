"""Make a plain lexical teacher: a baseline to beat, and what serves where nothing is trained."""

from __future__ import annotations

from core.recipes.assemble_teacher import Watched, chosen_calibration_set, save
from core.report import Report
from core.results.teacher import UntrainedTeacher
from core.settings import LexicalTeacherSettings
from core.teacher.calibration import calibrate_paths
from core.teacher.lexical_matching import TEMPERATURE
from core.teacher.lexical_teacher import LexicalScorer
from core.workspace import Workspace


def run(settings: LexicalTeacherSettings, report: Report, workspace: Workspace) -> UntrainedTeacher:
    """Make a lexical teacher into `teachers/<name>/`, calibrated on the dev questions.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph.
    """
    report.stage("teacher")
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        basis = chosen_calibration_set(settings, report, workspace)
        scorer = Watched(LexicalScorer(basis.graph, TEMPERATURE), report)
        calibrated = calibrate_paths(scorer, basis.trees, settings.precision)
        temperature = TEMPERATURE * calibrated.temperature
        return save(folder, settings, "lexical", basis, calibrated, temperature)
