"""Training a teacher: from answers alone, from gold paths, or from both.

The loss of a question is one of `path_losses`. A running mean of the weights is judged on the dev
questions every few steps; training stops when it no longer gets better, and the best is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.errors import FormatError
from core.report import Report
from core.settings import TeacherSettings
from core.teacher.calibration import confidences
from core.teacher.path_distributions import PathScores, path_loss, path_losses
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import batches_by_size, scored_trees
from core.teacher.question_trees import QuestionTree, TreeGrower, first_questions
from core.teacher.reasoning import ScoredTree
from core.teacher.tree_batches import TreeBatch, batch_trees
from core.teacher.variations import Variations

EMA_DECAY = 0.98
"""Decay of the running mean of weights, which is judged and kept: steadier than any one step."""

EVAL_EVERY = 60
"""Steps between two looks at the dev questions."""

MIN_GAIN = 1e-3
"""Least gain on the dev questions that is worth another look."""

DEV_QUESTIONS = 600
"""Dev questions scored at each look; more would cost time and tell no more."""

Watch = Callable[[int, PathPolicy], None]


@dataclass(frozen=True)
class Fitted:
    """How a training went.

    Attributes:
        steps: Optimizer steps taken.
        epochs: Passes over the training questions that these make.
        best_step: The step that was kept.
        dev_hits_at_1: Its score on the dev questions.
        seconds: Wall-clock time of the training alone.
    """

    steps: int
    epochs: float
    best_step: int
    dev_hits_at_1: float
    seconds: float


def pick_device(wanted: str) -> torch.device:
    """The device a setting asks for; `auto` takes a GPU where there is one."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(wanted)


def fit(
    policy: PathPolicy,
    train: Sequence[QuestionTree],
    dev: Sequence[QuestionTree],
    settings: TeacherSettings,
    report: Report,
    grower: TreeGrower | None = None,
    watch: Watch | None = None,
) -> Fitted:
    """Train a policy in place.

    Args:
        policy: A fresh policy, on the device where it shall learn.
        train: Questions to learn from; those that teach nothing under the chosen supervision are
            left out.
        dev: Questions to stop by; where there are none, the training questions serve.
        settings: See `TeacherSettings`.
        report: Gets `teacher/loss`, `teacher/dev_hits_at_1` and `teacher/dev_explained` at each
            look at the dev questions, by step.
        grower: What grew the trees; with it training questions vary their words, see `variations`.
        watch: Called before the first step and at each look, with the step and what is judged.

    Raises:
        FormatError: If no question teaches anything.
    """
    began = time.monotonic()
    training_trees = [tree for tree in train if _teaches(tree, settings.supervision)]
    if not training_trees:
        raise FormatError(
            "None of the {count} training questions can teach from {supervision!r}: "
            "no path from their topics reaches their answers, or no gold path exists in the graph.",
            count=len(train),
            supervision=settings.supervision,
        )
    device = policy.temperature.device
    dev_trees = first_questions(dev or training_trees, DEV_QUESTIONS)
    optimizer = torch.optim.AdamW(
        policy.parameters(), lr=settings.learning_rate, weight_decay=0.01, fused=True
    )
    average = AveragedModel(policy, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY))
    averaged = cast(PathPolicy, average.module)  # a copy of the policy
    per_epoch = -(-len(training_trees) // settings.batch_size)
    total = settings.epochs * per_epoch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=total + 1, pct_start=0.1
    )
    shuffle = np.random.default_rng(settings.seed)
    variations = Variations(
        training_trees,
        policy.relation_words.count,
        gold=settings.supervision != "answers",
        grower=grower,
    )
    best, best_step, best_hits, best_score = _copy(policy), 0, 0.0, -1.0
    losses: list[float] = []
    step = evals_without_improvement = 0
    if watch:
        watch(step, policy)
    policy.train()
    while step < total and evals_without_improvement < settings.patience:
        for numbers in drawn(len(training_trees), settings.batch_size, shuffle):
            report.check_stop()
            trees = [variations.draw(number, shuffle) for number in numbers]
            batch = batch_trees(trees, policy.relation_words, device)
            scores = policy(batch)
            gold = _use_gold(batch, settings.supervision)
            loss = path_loss(scores, batch, gold)
            if not gold.all():
                asked = [variations.is_as_asked(*pair) for pair in zip(numbers, trees, strict=True)]
                variations.learn(numbers, _posteriors(scores, batch, trees, asked))
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(policy)
            losses.append(loss.item())
            step += 1
            if step % EVAL_EVERY and step < total:
                continue
            hits, explained = _evaluate(averaged, dev_trees, settings, device)
            report.metrics(
                step,
                {
                    "teacher/loss": float(np.mean(losses)),
                    "teacher/dev_hits_at_1": hits,
                    "teacher/dev_explained": explained,
                },
            )
            report.progress(step, total, f"dev Hits@1 {hits:.3f}")
            if watch:
                watch(step, averaged)
            losses.clear()
            evals_without_improvement += 1
            if explained > best_score + MIN_GAIN:
                best, best_step, best_hits, best_score = (
                    _copy(averaged), step, hits, explained,
                )  # fmt: skip
                evals_without_improvement = 0
            if evals_without_improvement >= settings.patience:
                break
    policy.load_state_dict(best)
    policy.eval()
    return Fitted(step, step / per_epoch, best_step, best_hits, time.monotonic() - began)


def drawn(count: int, size: int, shuffle: np.random.Generator) -> Iterator[list[int]]:
    """The numbers of some questions in batches, shuffled."""
    order = shuffle.permutation(count).tolist()
    for begin in range(0, count, size):
        yield order[begin : begin + size]


def _teaches(tree: QuestionTree, supervision: str) -> bool:
    has_gold, has_match = bool(tree.gold.any()), bool(tree.match.any())
    known = {"answers": has_match, "paths": has_gold, "both": has_gold or has_match}[supervision]
    return known or bool(tree.absent.sought.any())


def _posteriors(
    scores: PathScores,
    batch: TreeBatch,
    trees: Sequence[QuestionTree],
    as_asked: Sequence[bool],
) -> list[np.ndarray | None]:
    """P(path) * match of the questions that are as they were asked and have no gold path."""
    weights = np.empty(len(batch.order))
    weights[batch.order] = (scores.path.detach().exp() * batch.match).cpu().numpy()
    parts = np.split(weights, np.cumsum([len(tree.tree) for tree in trees])[:-1])
    return [
        part if asked and part.any() and not tree.gold.any() else None
        for part, tree, asked in zip(parts, trees, as_asked, strict=True)
    ]


def _use_gold(batch: TreeBatch, supervision: str) -> torch.Tensor:
    """Which questions learn from their gold paths: `(questions,)` bool."""
    known = torch.zeros(batch.questions, dtype=torch.long, device=batch.gold.device)
    known = known.index_add(0, batch.question, batch.gold.long()) > 0
    return known if supervision != "answers" else torch.zeros_like(known)


@torch.no_grad()
def _evaluate(
    policy: PathPolicy,
    trees: Sequence[QuestionTree],
    settings: TeacherSettings,
    device: torch.device,
) -> tuple[float, float]:
    """Hits@1 on the dev questions, and the probability given to what is known of them.

    The second is `exp(-path_losses)`, averaged: it moves where Hits@1, on a few hundred questions,
    only jumps, and one hopeless question cannot outweigh the others.
    """
    policy.eval()
    scored: list[ScoredTree] = []
    explained: list[float] = []
    for chosen in batches_by_size(trees):
        batch = batch_trees(chosen, policy.relation_words, device)
        scores = policy(batch)
        scored += scored_trees(batch, scores, chosen)
        gold = _use_gold(batch, settings.supervision)
        explained += torch.exp(-path_losses(scores, batch, gold)).tolist()
    _, hits = confidences(trees, scored)
    asked = {tree.question.id: bool(len(tree.answers)) for tree in trees}  # one for all its topics
    answered = [hit for known, hit in zip(asked.values(), hits, strict=True) if known]
    return float(np.mean(answered or [0.0])), float(np.mean(explained))


def _copy(policy: PathPolicy) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in policy.state_dict().items()}
