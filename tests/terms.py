"""The terms of the loss on a collated batch, as the trainer computes them."""

from dataclasses import dataclass

from torch import Tensor

from core.distill.losses import Objective, student_log_probs
from core.distill.schedules import Hyperparameters
from core.distill.signals import Gold, Labels, Outputs
from core.distill.trainer import weighted


@dataclass(frozen=True, eq=False)
class Terms:
    """Sums over the questions of a batch."""

    hard: Tensor
    choice: Tensor
    validity: Tensor

    def total(self, hyperparameters: Hyperparameters) -> Tensor:
        return weighted((Gold(), Labels()), vars(self), hyperparameters)[0]


def batch_terms(logits, batch, temperature: float, objective: Objective | None = None) -> Terms:
    """The parts of both signals; `logits` are `(rows, length, vocabulary)`."""
    beta = (objective or Objective()).divergence.beta
    hyperparameters = Hyperparameters(
        alpha=0.5, temperature=temperature, validity=1, beta=beta, learning_rate=1
    )
    flat = logits.flatten(0, 1)
    student = Outputs(student_log_probs(flat), flat)  # states that no signal of these reads
    sums = {}
    for signal in (Gold(), Labels(objective)):
        sums |= signal.sums(student, batch, hyperparameters)
    return Terms(**sums)
