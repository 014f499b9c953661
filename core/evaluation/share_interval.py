"""How far a share that was measured on n questions may be from the true one.

    n (p - x)^2 = z^2 p (1 - p)        solved for p: the ends of the interval around the share x

Wilson, "Probable inference, the law of succession, and statistical inference" (1927). Unlike the
standard error it does not say that 20 right answers of 20 prove a model right for good.
"""

from __future__ import annotations

import math

Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""


def share_interval(share: float, count: int) -> tuple[float, float]:
    """The ends of the 95 % interval around a share of `count` questions; (0, 1) of none."""
    if count == 0:
        return 0.0, 1.0
    middle = share + Z**2 / (2 * count)
    reach = Z * math.sqrt(share * (1 - share) / count + (Z / (2 * count)) ** 2)
    scale = 1 + Z**2 / count
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)
