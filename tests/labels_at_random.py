"""Random labels whose relations share tokens: inner stops, buckets, ruled-out paths, absences."""

import numpy as np

from core.distill.examples import draw_gold, rows
from core.labels.path_labels import keep_best
from core.records import MISSING, looked_for
from tests.tiny_student import RELATIONS


def random_label(seed, keep=4, zeros=False):
    """A cut tree of depth two over `RELATIONS`, with what is looked for there in vain."""
    draw = np.random.default_rng(seed)
    parents, names = [-1], [""]
    for node in range(8):
        fewest, most = (3, 6) if node == 0 else (0, 3)
        at = node < len(parents) and parents[node] <= 0  # the root and what is right below it
        if at and looked_for((names[node],)) is None:
            there = draw.permutation(RELATIONS)[: draw.integers(fewest, most + 1)].tolist()
            absent = draw.permutation([*sorted({*RELATIONS} - {*there}), ""])[: draw.integers(0, 3)]
            for name in (*there, *(MISSING + name for name in sorted(absent))):
                parents.append(node)
                names.append(name)
    weights = draw.exponential(size=len(parents)) ** 2
    weights[0] = 0.0
    if zeros:
        weights[draw.integers(1, len(parents), size=len(parents) // 2)] = 0.0
        weights[1] += 1.0
    return keep_best(f"q{seed}", np.array(parents), tuple(names), weights / weights.sum(), keep)


def outcomes(label, speller):
    """Every whole path and bucket of a label: `[(tokens, probability)]`, spelled one by one."""
    found = []
    for node in range(len(label.parents)):
        tokens = speller.spell(label.path(node))
        if label.expanded[node]:
            found.append((tokens, float(label.stops[node])))
        else:
            found.append((tokens[:-1], float(label.masses[node])))
    return [(tokens, p) for tokens, p in found if p > 0]


def rows_at_random(example, draw):
    """The rows of an example along a gold path and a path of the teacher's, both drawn."""
    gold = draw_gold(example, draw)
    return rows(example, gold, None if example.soft is None else example.soft.sample(draw))
