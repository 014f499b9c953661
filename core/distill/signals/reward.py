"""The answers alone: how probable it is that the student speaks a path which the graph pays.

    r(z) = F1 of the entities that path z reaches, with the question's known answers
    J    = sum over paths z of  p_S(z) r(z)          the expected reward, 0 to 1
    term = - log J

p_S(z) is the product of the student's choices along z among *all* words, so what is no path at all
pays nothing, and staying in the graph is learned with the rest. The tree is finite and its paying
paths are in the row, so nothing is sampled. The gradient is that of cross-entropy with the
student's own posterior p_S(z) r(z) / J: of the paths that pay, those that it finds likely become
likelier. The gradient of J itself is J times as large: a question that the student knows nothing of
would hardly count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.distill.losses import ragged_logsumexp
from core.distill.schedules import Hyperparameters
from core.distill.signals.signal import Number, Outputs, Placed


class Reward:
    """- log J, weighted by the setting `reward`; nothing for a question that no path answers."""

    name = "answers"
    at = "reward_at"

    def columns(self, rows: Sequence[Placed]) -> dict[str, Tensor]:
        """Steps of the paying paths, and the paths.

        `reward_at`, `reward_token`, `reward_path`: `(steps,)`, the last the path that takes it.
        `reward_log`, `reward_question`: `(paths,)` float64 log r, and whose path it is.
        """
        steps: list[tuple[int, int, int]] = []
        logs: list[float] = []
        owners: list[int] = []
        begun, question = 0, -1
        for begin, row in rows:
            if row.pays:  # the question's first row; what it has in further ones follows
                begun, question = len(logs), question + 1
                logs += map(math.log, row.pays)
                owners += [question] * len(row.pays)
            steps += [(begin + at, token, begun + path) for at, token, path in row.paying_steps()]
        return {
            "reward_at": torch.tensor([at for at, _, _ in steps], dtype=torch.long),
            "reward_token": torch.tensor([token for _, token, _ in steps], dtype=torch.long),
            "reward_path": torch.tensor([path for _, _, path in steps], dtype=torch.long),
            "reward_log": torch.tensor(logs, dtype=torch.float64),
            "reward_question": torch.tensor(owners, dtype=torch.long),
        }

    def sums(
        self, student: Outputs, batch: Mapping[str, Tensor], hyperparameters: Hyperparameters
    ) -> dict[str, Tensor]:
        """`answers`."""
        said = student.log_probs[batch["reward_at"], batch["reward_token"]]
        paid = batch["reward_log"].to(said.dtype).index_add(0, batch["reward_path"], said)
        owner = batch["reward_question"]
        questions = int(owner[-1]) + 1 if len(owner) else 0
        return {"answers": -ragged_logsumexp(paid, owner, questions).sum()}

    def value(self, parts: Mapping[str, Number], hyperparameters: Hyperparameters) -> Number:
        """- log J."""
        return parts["answers"]

    def weight(self, hyperparameters: Hyperparameters) -> float:
        """The setting `reward`."""
        return hyperparameters.reward
