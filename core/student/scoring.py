"""How probable a student finds every path of a trie: exactly, not only the paths it would speak.

The student is read along the trie with teacher forcing. A forward pass over the tokens of one path
gives the next-token distribution at each node on the way, hence the log-probability of *all*
children there; so one row for each deepest inner node is enough. With S the student's mass,

    S(root) = 1,  S(u.t) = S(u) * p_S(t | u)

where p_S is the softmax over the whole vocabulary: what the trie's leaves lack of 1 is what the
student would say outside the trie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.student.output_layer import logits_only_at
from core.student.path_trie import PathTrie

BATCH = 16
"""Rows scored at a time; a large vocabulary makes each of them large."""


@dataclass(frozen=True)
class ScoredRow:
    """One path through a trie, and what is read off along it.

    Attributes:
        tokens: From the root to the row's deepest inner node.
        places: How many of the row's tokens are said when each step is taken.
        choices: The token of each step.
        children: The trie node that each step leads to.
    """

    tokens: list[int]
    places: list[int]
    choices: list[int]
    children: list[int]


@torch.no_grad()
def score_tree(model: PreTrainedModel, prompt: Sequence[int], trie: PathTrie) -> np.ndarray:
    """The student's log mass of every node of a trie.

    Args:
        model: A causal language model, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        trie: The paths in tokens; a parent stands before its children.

    Returns:
        `(trie nodes,)` float64; 0 at the root. The masses of the leaves sum to at most one.
    """
    rows = list(trie_rows(trie))
    log_mass = np.zeros(len(trie.children))
    for begin in range(0, len(rows), BATCH):
        chosen = rows[begin : begin + BATCH]
        log_mass[[child for row in chosen for child in row.children]] = (
            _steps(model, list(prompt), chosen).cpu().numpy()
        )
    for node, below in enumerate(trie.children):
        log_mass[list(below.values())] += log_mass[node]
    return log_mass


def trie_rows(trie: PathTrie) -> Iterator[ScoredRow]:
    """The fewest rows that pass every inner node; each step of the trie is read in one of them."""
    above: dict[int, tuple[int, int]] = {
        child: (node, token)
        for node, below in enumerate(trie.children)
        for token, child in below.items()
    }
    read: set[int] = set()
    for node, below in enumerate(trie.children):
        if not below or any(trie.children[child] for child in below.values()):
            continue
        tokens, passed = [], [node]
        while passed[-1] != 0:
            parent, token = above[passed[-1]]
            tokens.append(token)
            passed.append(parent)
        new = [(place, u) for place, u in enumerate(reversed(passed)) if u not in read]
        read.update(passed)
        steps = [(place, t, child) for place, u in new for t, child in trie.children[u].items()]
        places, choices, children = (list(column) for column in zip(*steps, strict=True))
        yield ScoredRow(tokens[::-1], places, choices, children)


def _steps(model: PreTrainedModel, prompt: list[int], rows: Sequence[ScoredRow]) -> Tensor:
    """Log-probability of each step of some rows, row after row: `(steps,)` float64."""
    longest = len(prompt) + max(len(row.tokens) for row in rows)
    ids = torch.full((len(rows), longest), int(model.config.pad_token_id))
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        said = torch.tensor(prompt + row.tokens)
        ids[number, : len(said)] = said
        mask[number, : len(said)] = 1
    begins = [number * longest + len(prompt) - 1 for number in range(len(rows))]
    steps = [begin + place for begin, row in zip(begins, rows, strict=True) for place in row.places]
    at, step = torch.unique(torch.tensor(steps, device=model.device), return_inverse=True)
    with logits_only_at(model, at):
        output = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device))
    logits = output.logits[0].double()
    choices = torch.tensor([t for row in rows for t in row.choices], device=model.device)
    return logits[step, choices] - torch.logsumexp(logits, dim=-1)[step]
