"""Labels made worse on purpose: the baselines that exact soft labels are held against.

    sequence    the teacher's best path alone, as if it were gold (sequence-level distillation,
                arXiv:1606.07947)
    top         the K best paths, renormalised, as if there were no others

Both shift mass from the paths they cut to those they keep, which exact labels never do.
"""

from __future__ import annotations

import numpy as np

from core.labels.masses import node_masses
from core.labels.path_labels import PathLabel


def top_paths(label: PathLabel, count: int) -> PathLabel | None:
    """The best paths of a label with their probabilities renormalised; None if it names none."""
    best = np.argsort(-label.stops, kind="stable")[:count]
    best = best[label.stops[best] > 0]
    if not len(best):
        return None
    stops = np.zeros(len(label.stops))
    stops[best] = label.stops[best] / label.stops[best].sum()
    masses = node_masses(label.parents, stops)
    kept = masses > 0
    place = np.cumsum(kept) - 1
    above = label.parents[kept]
    return PathLabel(
        question=label.question,
        parents=np.where(above < 0, -1, place[above]).astype(np.int32),
        relations=tuple(
            name for name, is_kept in zip(label.relations, kept, strict=True) if is_kept
        ),
        stops=stops[kept],
        masses=masses[kept],
        expanded=np.ones(int(kept.sum()), bool),
    )
