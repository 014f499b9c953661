"""What a student is held to: each signal is one term of the loss.

    L = sum over signals of  weight * value          gold: alpha * L_hard
                                                     labels: (1 - alpha) * L_soft
                                                     reward: reward * (- log J)

A signal says at which places of its rows it applies, what it has to lay beside them, and what it
makes of the student's log-probabilities there. Its weight is a knob, so it is turned, drawn, undone
and replayed by name like any other. A new one is one file here, a line in `signals_of`, and its
weight among the settings.
"""

from core.distill.divergences import Divergence
from core.distill.losses import Objective
from core.distill.signals.gold import Gold
from core.distill.signals.labels import Labels
from core.distill.signals.reward import Reward
from core.distill.signals.signal import Outputs, Placed, Signal
from core.settings import DistillSettings

__all__ = ["Gold", "Labels", "Outputs", "Placed", "Reward", "Signal", "signals_of"]


def signals_of(settings: DistillSettings) -> tuple[Signal, ...]:
    """The signals that settings ask for."""
    divergence = Divergence(settings.divergence, settings.beta, settings.skew)
    taught = Gold(), Labels(Objective(settings.objective, divergence))
    return (*taught, Reward()) if settings.reward > 0 else taught
