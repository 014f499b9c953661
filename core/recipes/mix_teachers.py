"""Make one teacher of several: their path distributions, averaged."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.errors import SettingsError
from core.questions.question_sets import load_questions
from core.recipes.assemble_teacher import Watched, calibration_set, save
from core.recipes.train_teacher import check_same_graph
from core.report import Report
from core.results.teacher import UntrainedTeacher
from core.settings import MixtureSettings
from core.teacher.calibration import calibrate_paths
from core.teacher.mixture_teacher import MixtureScorer
from core.teacher.teachers import Teacher, made_of, open_teacher
from core.workspace import Workspace


def run(settings: MixtureSettings, report: Report, workspace: Workspace) -> UntrainedTeacher:
    """Make the mixture into `teachers/<name>/`; its confidence is judged as it is.

    The parts are calibrated already and the mixture is a mean of them, so no temperature is fitted:
    the result says how far its confidence can be believed.

    Raises:
        NotFound: If one of the teachers does not exist.
        Stale: If the graph of one of them has changed.
        SettingsError: If they do not reason over the same graph and trees, the weights do not fit
            them, or the mixture would be a part of itself.
    """
    report.stage("teacher")
    weights = _weights(settings)
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        if any(settings.name in made_of(workspace, part) for part in settings.teachers):
            raise SettingsError(
                "The mixture {name!r} would be a part of itself; give it another name.",
                name=settings.name,
            )
        teachers = [open_teacher(workspace, name) for name in settings.teachers]
        _check_alike(teachers)
        first = teachers[0]
        questions = load_questions(workspace, first.card["questions"])
        check_same_graph(first.graph, questions)
        absence = any(bool(one.card.get("absence")) for one in teachers)
        basis = calibration_set(first.graph, questions, first.shape, report, absence=absence)
        scorer = Watched(MixtureScorer([one.scorer for one in teachers], weights), report)
        judged = calibrate_paths(scorer, basis.trees, settings.precision, temperature=1.0)
        settled = settings.model_copy(update={"weights": weights})
        return save(folder, settled, "mixture", basis, judged, 1.0)


def _weights(settings: MixtureSettings) -> tuple[float, ...]:
    count = len(settings.teachers)
    weights = settings.weights or (1.0,) * count
    if len(weights) != count or not all(0 < weight < math.inf for weight in weights):
        raise SettingsError(
            "Setting 'weights': {count} teachers need {count} weights above 0 (given: {weights}).",
            count=count,
            weights=", ".join(f"{weight:g}" for weight in weights),
        )
    return weights


def _check_alike(teachers: Sequence[Teacher]) -> None:
    first = teachers[0]
    listening = [one for one in teachers if one.spoken is not None]
    for other in listening[1:]:
        if other.card["encoder"] != listening[0].card["encoder"]:
            raise SettingsError(
                "Teachers {first!r} and {second!r} cannot be mixed: they read paths with different "
                "text encoders.",
                first=listening[0].name,
                second=other.name,
            )
    for other in teachers[1:]:
        if (other.graph.hash, other.shape) != (first.graph.hash, first.shape):
            raise SettingsError(
                "Teachers {first!r} and {second!r} cannot be mixed: they must reason "
                "over the same graph with the same hops, directions and largest tree.",
                first=first.name,
                second=other.name,
            )
