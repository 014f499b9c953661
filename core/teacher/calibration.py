"""Calibrating a policy: one temperature for all its choices, fitted on the dev questions.

Every choice is divided by it, so the tree stays exact and may still be grown lazily; the price is
that where two paths of different length are close, the better one can change places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from core.evaluation.calibration import (
    OperatingPoint,
    expected_calibration_error,
    fit_temperature,
    reliability,
    threshold_for,
)
from core.labels.masses import node_masses
from core.results.teacher import Calibrated
from core.teacher.path_distributions import normalised
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import batches_by_size, scored_trees
from core.teacher.question_trees import QuestionTree, first_questions
from core.teacher.reasoning import ScoredTree, Scorer, score_questions
from core.teacher.tree_batches import batch_trees

AT_MOST = 600
"""Dev questions that a temperature is fitted on."""


@torch.no_grad()
def calibrate(policy: PathPolicy, dev: Sequence[QuestionTree], precision: float) -> Calibrated:
    """Fit the policy's temperature, and keep it in the policy.

    Args:
        policy: A trained policy.
        dev: Held-out questions; those of one question stand side by side.
        precision: What share of confident answers must be right.
    """
    policy.eval()
    asked = _dev_trees(dev)
    device = policy.temperature.device
    batches = []
    for trees in batches_by_size(asked):
        batch = batch_trees(trees, policy.relation_words, device)
        batches.append((trees, batch, policy.logits(batch)))

    def at(temperature: float) -> tuple[np.ndarray, np.ndarray]:
        heat = torch.tensor(temperature, dtype=torch.float64, device=device)
        return confidences(
            asked,
            [
                one
                for trees, batch, logits in batches
                for one in scored_trees(batch, normalised(batch, logits, heat), trees)
            ],
        )

    found = _calibrated(at, precision)
    policy.temperature.fill_(found.temperature)
    return found


def calibrate_paths(
    scorer: Scorer,
    dev: Sequence[QuestionTree],
    precision: float,
    temperature: float | None = None,
) -> Calibrated:
    """The temperature T at which a scorer's paths are most believable, P_T(path) ~ P(path)^(1/T).

    For teachers whose path probabilities are one softmax over the tree: dividing its temperature
    is all there is to do.

    Args:
        scorer: As it is before calibration.
        dev: Held-out questions; those of one question stand side by side.
        precision: What share of confident answers must be right.
        temperature: Only judge at this one; None to fit it.
    """
    asked = _dev_trees(dev)
    scored = list(scorer.score(asked))

    def at(temperature: float) -> tuple[np.ndarray, np.ndarray]:
        return confidences(asked, [tempered(one, temperature) for one in scored])

    return _calibrated(at, precision, temperature)


def tempered(scored: ScoredTree, temperature: float) -> ScoredTree:
    """The same tree with its probabilities to the power `1 / temperature`, summing to one."""
    lost = scored.missing.probability
    top = max(scored.path.max(), lost.max(initial=0.0), 1e-300)
    path, lost = ((p / top) ** (1 / temperature) for p in (scored.path, lost))
    total = path.sum() + lost.sum()
    if total > 0:
        path, lost = path / total, lost / total
    ended = path + np.bincount(scored.missing.nodes, weights=lost, minlength=len(path))
    return replace(
        scored,
        path=path,
        mass=node_masses(scored.tree.parents, ended),
        missing=replace(scored.missing, probability=lost),
    )


def confidences(
    asked: Sequence[QuestionTree], scored: Sequence[ScoredTree]
) -> tuple[np.ndarray, np.ndarray]:
    """The best answer's probability and the chance that it is right: `(questions,)` each."""
    told = [one.confidence() for one in score_questions(_Scored(scored), asked)]
    return np.array([c for c, _ in told]), np.array([hit for _, hit in told])


def _dev_trees(dev: Sequence[QuestionTree]) -> list[QuestionTree]:
    told = [tree for tree in dev if len(tree.answers) or tree.absent.sought.any()]
    return first_questions(told, AT_MOST)


def _calibrated(
    at: Callable[[float], tuple[np.ndarray, np.ndarray]],
    precision: float,
    temperature: float | None = None,
) -> Calibrated:
    temperature = fit_temperature(at) if temperature is None else temperature
    confidence, hits = at(temperature)
    bins = reliability(confidence, hits)
    point: OperatingPoint | None = threshold_for(confidence, hits, precision)
    return Calibrated(
        temperature=temperature,
        ece_before=expected_calibration_error(reliability(*at(1.0))),
        ece=expected_calibration_error(bins),
        reliability=bins,
        precision=precision,
        threshold=point.confidence if point else None,
        coverage=point.coverage if point else 0.0,
        questions=len(confidence),
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """Trees that are scored already, as a scorer."""

    trees: Sequence[ScoredTree]

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        return iter(self.trees)
