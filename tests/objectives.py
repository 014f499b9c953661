"""Every objective and divergence, for tests that must hold for all of them."""

from core.distill.divergences import Divergence
from core.distill.losses import Objective

DIVERGENCES = {
    "forward-kl": Divergence("forward-kl"),
    "reverse-kl": Divergence("reverse-kl"),
    "jsd 0.0": Divergence("jsd", beta=0.0),
    "jsd 0.1": Divergence("jsd", beta=0.1),
    "jsd 0.5": Divergence("jsd", beta=0.5),
    "jsd 1.0": Divergence("jsd", beta=1.0),
    "skew-kl": Divergence("skew-kl", skew=0.1),
    "skew-reverse-kl": Divergence("skew-reverse-kl", skew=0.1),
}
OBJECTIVES = {
    f"{level} {name}": Objective(level, divergence)
    for level in ("split", "token")
    for name, divergence in DIVERGENCES.items()
}
