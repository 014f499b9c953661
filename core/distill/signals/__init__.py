"""What a student is held to: each signal is one term of the loss.

    L = sum over signals of  weight * value          gold: alpha * L_hard
                                                     labels: (1 - alpha) * L_soft

A signal says at which places of its rows it applies, what it has to lay beside them, and what it
makes of the student's log-probabilities there. Its weight is a knob, so it is turned, drawn, undone
and replayed by name like any other. A new one is one file here and its weight in `Hyperparameters`.
"""

from core.distill.signals.gold import Gold
from core.distill.signals.labels import Labels
from core.distill.signals.signal import Placed, Signal

__all__ = ["Gold", "Labels", "Placed", "Signal"]
