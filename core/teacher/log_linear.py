"""A log-linear model of what a question asks for: the features of a path, weighed by its vector.

    score(path | q)  =  sum over f in features(path) of  w_f . q
    log P(path | q)  =  score(path | q) - log sum over the paths of a tree of exp score

with q the question's sentence vectors, one for each language that paths are spoken in, one after
the other. Features are the path's first and its last relation, every relation, every two that
follow each other, and how many there are. (Log-linear models over features of what a question may
mean: Berant et al. 2013, Semantic Parsing on Freebase from Question-Answer Pairs.)

Where cosines ask how near a question is to a path as a whole, this asks what tells the paths apart:
"grandparents" has much in common with "parents", and the weight of *two hops, parent and parent*
rests on what it has not. It is learned once the sentence encoder has its final weights, with most
of the vector dropped at random in each step (Hinton et al. 2012, arXiv:1207.0580), or it would know
its few thousand questions by heart.

teachers/<name>/log_linear.safetensors
    weights    (features, languages * dimension) float32
    features   (features, 3) int32: kind, relation code or number, second relation code or -1
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional

from core.teacher.prototypes import Codes
from core.teacher.stored_tensors import stored_tensors

LOG_LINEAR = "log_linear.safetensors"

STEPS, TOGETHER, OTHERS = 500, 128, 400
"""Steps of learning; in each, questions, and paths that nobody of them asks for."""

LEARNING_RATE = 0.02
DROPPED = 0.7
LENGTH = 10.0  # of the vectors while learning: unit vectors would need very large weights

FIRST, LAST, ANYWHERE, TOGETHER_WITH, HOPS = range(5)

Feature = tuple[int, int, int]


def features(path: Codes) -> Iterator[Feature]:
    """What a path is recognised by; the same feature twice where a path has it twice."""
    yield FIRST, path[0], -1
    yield LAST, path[-1], -1
    yield HOPS, len(path), -1
    for code in path:
        yield ANYWHERE, code, -1
    for pair in zip(path, path[1:], strict=False):
        yield TOGETHER_WITH, *pair


class LogLinearPaths:
    """See the module's text.

    Args:
        weights: `(features, languages * dimension)` float32.
        known: The features, in the order of the weights.
    """

    def __init__(self, weights: np.ndarray, known: Sequence[Feature]) -> None:
        self.weights, self.features = weights, tuple(known)
        self._place = {feature: row for row, feature in enumerate(self.features)}
        self._rows: dict[Codes, list[int]] = {}

    def log_odds(self, asked: np.ndarray, paths: Sequence[Codes]) -> np.ndarray:
        """Log P of each of some paths less that of the likeliest of them: `(paths,)` float32, <= 0.

        Features that no path of training has say nothing.

        Args:
            asked: `(languages, dimension)` unit vectors of a question.
            paths: Relation codes, at least one each.
        """
        each = np.append(self.weights @ (asked.reshape(-1) * LENGTH), 0.0)
        rows = [self._features(path) for path in paths]
        begins = np.cumsum([0, *map(len, rows)])[:-1]
        scores: np.ndarray = np.add.reduceat(each[[row for path in rows for row in path]], begins)
        less: np.ndarray = scores - scores.max()
        return less.astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write it into a teacher's folder."""
        tensors = {
            "weights": self.weights,
            "features": np.array(self.features, np.int32),
        }
        save_file(tensors, folder / LOG_LINEAR)

    @classmethod
    def open(cls, folder: Path) -> LogLinearPaths | None:
        """The one of a teacher's folder; None where it has none.

        Raises:
            FormatError: If it is damaged.
        """
        stored = stored_tensors(folder / LOG_LINEAR, "weights", "features")
        if stored is None:
            return None
        weights, known = stored
        return cls(weights, [(a, b, c) for a, b, c in known.tolist()])

    def _features(self, path: Codes) -> list[int]:
        """Rows of a path's features, -1 for one that no path of training has."""
        if path not in self._rows:
            self._rows[path] = [self._place.get(one, -1) for one in features(path)]
        return self._rows[path]


def learn(
    vectors: np.ndarray, right: Sequence[Codes], others: Iterable[Codes], seed: int = 0
) -> LogLinearPaths:
    """Learn what tells the paths of some questions apart.

    Args:
        vectors: `(questions, languages * dimension)` float32, unit vectors one after the other.
        right: The path that each asks for.
        others: Further paths, which none of them need ask for.
        seed: Of what is drawn and dropped.
    """
    dice = torch.Generator().manual_seed(seed)
    known = list(dict.fromkeys(feature for path in right for feature in features(path)))
    place = {feature: row for row, feature in enumerate(known)}
    paths = list(dict.fromkeys([*right, *others]))
    has = torch.zeros(len(paths), len(known))
    for row, path in enumerate(paths):
        for feature in features(path):
            if feature in place:
                has[row, place[feature]] += 1
    rows = {path: row for row, path in enumerate(paths)}
    target = torch.tensor([rows[path] for path in right])
    questions = torch.from_numpy(vectors) * LENGTH
    weights = torch.zeros(len(known), vectors.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([weights], lr=LEARNING_RATE, weight_decay=0.01, fused=True)
    for _ in range(STEPS):
        drawn = torch.randint(len(right), (TOGETHER,), generator=dice)
        beside = torch.randint(len(paths), (OTHERS,), generator=dice)
        among = torch.cat([target[drawn], beside]).unique()
        kept = torch.rand(TOGETHER, vectors.shape[1], generator=dice) >= DROPPED
        asked = questions[drawn] * kept / (1 - DROPPED)
        scores = asked @ weights.T @ has[among].T
        loss = functional.cross_entropy(scores, torch.searchsorted(among, target[drawn]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return LogLinearPaths(weights.detach().numpy(), known)
