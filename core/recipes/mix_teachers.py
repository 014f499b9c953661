"""Make one teacher of several: their path distributions, averaged."""

from __future__ import annotations

from typing import Any

from core.errors import SettingsError
from core.questions.question_sets import load_questions
from core.recipes.assemble_teacher import dev_trees, publish
from core.report import Report
from core.settings import TeacherMixture
from core.teacher.calibration import calibrate_paths
from core.teacher.mixture_teacher import MixtureScorer
from core.teacher.teachers import open_teacher
from core.workspace import Workspace


def run(settings: TeacherMixture, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Publish the mixture into `teachers/<name>/`; its confidence is reported as it is.

    The parts are calibrated already and the mixture is a mean of them, so no temperature is fitted:
    the report says how far its confidence can be believed.

    Raises:
        NotFound: If one of the teachers does not exist.
        SettingsError: If they do not reason over the same graph and trees, or the weights do not
            fit them.
    """
    report.stage("teacher")
    teachers = [open_teacher(workspace, name) for name in settings.teachers]
    first = teachers[0]
    weights = settings.weights or tuple(1.0 for _ in teachers)
    if len(weights) != len(teachers) or min(weights) <= 0:
        raise SettingsError(
            f"Setting 'weights': {len(teachers)} teachers need as many weights above 0 "
            f"(given: {weights})."
        )
    for other in teachers[1:]:
        if (other.graph.hash, other.shape) != (first.graph.hash, first.shape):
            raise SettingsError(
                f"Teachers {first.name!r} and {other.name!r} cannot be mixed: they must reason "
                "over the same graph with the same hops, directions and largest tree."
            )
    settings = settings.model_copy(update={"weights": weights})
    questions = load_questions(workspace, first.card["questions"])
    trees, census = dev_trees(first.graph, first.shape, questions.part("dev"), report)
    scorer = MixtureScorer([teacher.scorer for teacher in teachers], weights)
    judged = calibrate_paths(scorer, trees, settings.precision, temperature=1.0)
    return publish(
        workspace, settings, "mixture", first.graph, questions.name, first.shape, 1.0, judged,
        census,
    )  # fmt: skip
