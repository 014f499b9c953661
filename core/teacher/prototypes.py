"""How people asked for the paths of a graph: the mean of the questions that a teacher learned from.

What a relation's label says is not all that people say for it. Of each path that training questions
ask for, the mean of their sentence vectors is kept, a *prototype* (Snell et al. 2017, Prototypical
Networks, arXiv:1703.05175), and a new question is compared with it as with the label's own words.
The mean is not brought to unit length: where questions were asked in ways that differ much, being
near to their mean says less.

In training a question is compared with the prototypes that it has no part in, or it would hear
itself.

teachers/<name>/prototypes.safetensors
    means   (languages, paths, dimension) float32
    paths   (paths, hops) int32, relation codes, -1 behind the last
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from core.teacher.stored_tensors import stored_tensors

PROTOTYPES = "prototypes.safetensors"

Codes = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class AskedQuestion:
    """A training question as it is compared.

    Attributes:
        id: Of the question.
        paths: Relation codes of its right paths.
        vectors: `(languages, texts, dimension)` of its wordings.
    """

    id: str
    paths: Sequence[Codes]
    vectors: np.ndarray


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Mean vectors of questions by path.

    Attributes:
        paths: The paths that were asked for.
        means: `(languages, paths, dimension)`.
        counts: `(paths,)` texts behind each.
        parts: By question, the places of its paths, the sum of its vectors `(languages, dimension)`
            and how many they are; empty once training is over.
    """

    paths: tuple[Codes, ...]
    means: np.ndarray
    counts: np.ndarray
    parts: Mapping[str, tuple[list[int], np.ndarray, int]] = field(default_factory=dict)
    _places: dict[Codes, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._places.update((path, place) for place, path in enumerate(self.paths))

    @classmethod
    def of(cls, questions: Iterable[AskedQuestion]) -> Prototypes | None:
        """Prototypes of the paths that some questions ask for; None of no questions."""
        places: dict[Codes, int] = {}
        sums: dict[int, np.ndarray] = {}
        counts: dict[int, int] = defaultdict(int)
        parts = {}
        for question in questions:
            total, texts = question.vectors.sum(1), question.vectors.shape[1]
            mine = [places.setdefault(path, len(places)) for path in question.paths]
            for place in mine:
                sums[place] = sums.get(place, 0) + total
                counts[place] += texts
            parts[question.id] = mine, total, texts
        if not places:
            return None
        number = np.array([counts[place] for place in range(len(places))])
        whole = np.stack([sums[place] for place in range(len(places))], axis=1)
        means = (whole / number[:, None]).astype(np.float32)
        return cls(tuple(places), means, number, parts)

    def similarities(self, asked: np.ndarray, paths: Sequence[Codes], own: str = "") -> np.ndarray:
        """Mean dot product over the languages: `(paths,)` float32, -inf where nobody asked.

        Args:
            asked: `(languages, dimension)` unit vectors of a question.
            paths: To compare it with.
            own: Id of a training question whose own part is left out.
        """
        places = np.array([self._places.get(path, -1) for path in paths], np.int64)
        known = np.flatnonzero(places >= 0)  # of all that was asked for, a tree has a small part
        rows = places[known]
        near = sum(mean[rows] @ one for mean, one in zip(self.means, asked, strict=True))
        near = near / len(asked)
        if own in self.parts:
            mine, total, texts = self.parts[own]
            itself = float(np.einsum("ld,ld->", total, asked)) / len(asked)
            for place in mine:
                left, here = int(self.counts[place]) - texts, rows == place
                rest = near[here] * self.counts[place] - itself
                near[here] = rest / left if left else -np.inf
        alike = np.full(len(paths), -np.inf, np.float32)
        alike[known] = near
        return alike

    def save(self, folder: Path) -> None:
        """Write them into a teacher's folder."""
        most = max(map(len, self.paths))
        padded = np.full((len(self.paths), most), -1, np.int32)
        for row, path in enumerate(self.paths):
            padded[row, : len(path)] = path
        save_file({"means": self.means, "paths": padded}, folder / PROTOTYPES)

    @classmethod
    def open(cls, folder: Path) -> Prototypes | None:
        """Those of a teacher's folder; None where it has none.

        Raises:
            FormatError: If they are damaged.
        """
        stored = stored_tensors(folder / PROTOTYPES, "means", "paths")
        if stored is None:
            return None
        means, padded = stored
        paths = tuple(tuple(code for code in row if code >= 0) for row in padded.tolist())
        return cls(paths, means, np.zeros(len(paths), np.int64))
