"""How much of what a student finds missing is believed.

A student sees a question and not what its topic has, so where a word may mean two relations it
names both, and the one that the topic lacks counts as missing; but people ask mostly about what is
there. So what is missing is weighed by w against what is there, as class probabilities are where
the shares of the classes are others (Saerens, Latinne and Decaestecker, 2002):

    P_w(missing)  =  w m / (w m + 1 - m)

w is the one under which it is most likely which held-out questions the graph answers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

WEIGHTS = np.geomspace(1e-3, 10, 161)
"""Those that are tried; neighbours differ by 6 %."""

CERTAIN = 1e-6
"""No question counts as closer to 0 or 1."""


def fitted_weight(missing: ArrayLike, lacking: ArrayLike) -> float:
    """The weight w of what is missing; 1 where the questions are not of both kinds.

    Args:
        missing: `(n,)` the probability m, 0 to 1, that the graph does not say, of each question.
        lacking: `(n,)` whether it really does not.
    """
    m = np.clip(np.asarray(missing, float), CERTAIN, 1 - CERTAIN)
    no = np.asarray(lacking, bool)
    if no.all() or not no.any():
        return 1.0
    weighed = WEIGHTS[:, None] * m
    chosen = np.where(no, weighed, 1 - m) / (weighed + 1 - m)
    return float(WEIGHTS[np.log(chosen).sum(1).argmax()])
