"""Rows along paths that the student itself speaks, so that it learns where it goes wrong.

The student samples a path confined to the label's trie, as it is when it answers:

    S(u.t) = S(u) * p_S(t | u) / A(u)        A(u): its mass on the children of u

At every prefix the teacher's choice is known from the label, so scoring the path costs nothing. A
node then counts with S(u) instead of the teacher's M(u), and with the reverse KL as divergence the
expected choice is exactly KL(student || teacher) over whole paths. Where the student goes where the
teacher never would, the row ends with the choice that led there (generalised knowledge
distillation, arXiv:2306.13649).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from transformers import PreTrainedModel

from core.distill.soft_targets import TrieTargets
from core.student.reading import CachedModel


@torch.no_grad()
def decoded_ends(
    model: PreTrainedModel,
    prompts: Sequence[list[int]],
    tries: Sequence[TrieTargets],
    draws: Sequence[np.random.Generator],
    pad: int,
) -> list[int]:
    """A trie leaf for each question, sampled from the student confined to the trie.

    Args:
        model: The student; it comes back in the mode in which it was.
        prompts: Tokens of each question, up to and with `<path>`.
        tries: What may be said to each.
        draws: Where each question's chance comes from.
        pad: The padding token.
    """
    training = model.training
    model.eval()
    try:
        cached, nodes = CachedModel(model, prompts), [0] * len(prompts)
        while said := _say(cached.logits, nodes, tries, draws):
            tokens = [int(tries[row].tokens[nodes[row]]) if row in said else pad
                      for row in range(len(prompts))]  # fmt: skip
            cached.read(range(len(prompts)), tokens)
        return nodes
    finally:
        model.train(training)


def _say(
    logits: torch.Tensor,
    nodes: list[int],
    tries: Sequence[TrieTargets],
    draws: Sequence[np.random.Generator],
) -> set[int]:
    """Let every question that is not at a leaf take a step, in `nodes`; gives those that did."""
    spans = [(int(t.starts[n]), int(t.starts[n + 1])) for t, n in zip(tries, nodes, strict=True)]
    inner = [row for row, (begin, end) in enumerate(spans) if end > begin]
    if not inner:
        return set()
    owner = np.concatenate([np.full(spans[row][1] - spans[row][0], row) for row in inner])
    tokens = np.concatenate([tries[row].tokens[slice(*spans[row])] for row in inner])
    device = logits.device
    chosen = logits[torch.from_numpy(owner).to(device), torch.from_numpy(tokens).long().to(device)]
    values = chosen.double().cpu().numpy()
    for row in inner:
        mine = values[owner == row]
        # The largest of logits plus Gumbel noise is a sample of their softmax.
        step = int(np.argmax(mine + draws[row].gumbel(size=len(mine))))
        nodes[row] = spans[row][0] + step
    return set(inner)
