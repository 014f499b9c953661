"""How probable a student finds every path of a trie: exactly, not only the paths it would speak.

The student is read along the trie with teacher forcing: its next-token distribution at a node gives
the log-probability of *all* children there. With S the student's mass,

    S(root) = 1,  S(u.t) = S(u) * p_S(t | u)

where p_S is the softmax over the whole vocabulary (what the trie's leaves lack of 1 is what the
student would say outside the trie), or over the children alone where the student is confined.

All nodes are read in one forward pass, packed (`packing`). A model that takes no tree mask reads
one row for each deepest inner node instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.student.output_layer import logits_only_at
from core.student.packing import pack, takes_tree_mask, tree_inputs
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
def score_tree(
    model: PreTrainedModel, prompt: Sequence[int], trie: PathTrie, *, confined: bool = False
) -> np.ndarray:
    """The student's log mass of every node of a trie.

    Args:
        model: A causal language model, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        trie: The paths in tokens; a parent stands before its children.
        confined: Whether the student may say only what the trie holds: at each node its choice
            among the children is renormalised, as confined decoding does.

    Returns:
        `(trie nodes,)` float64; 0 at the root. The masses of the leaves sum to at most one, and to
        exactly one where the student is confined.
    """
    steps_into = np.zeros(len(trie.children))
    if len(trie.children) > 1:
        read = packed_steps if takes_tree_mask(model) else single_steps
        for nodes, steps in read(model, prompt, trie, confined):
            steps_into[nodes] = steps
    log_mass: list[float] = steps_into.tolist()  # whose numbers are quicker to take one by one
    for above, below in zip(log_mass, trie.children, strict=True):
        for child in below.values():
            log_mass[child] += above
    return np.array(log_mass)


Steps = Iterator[tuple[list[int], np.ndarray]]
"""Some trie nodes, and the log-probability of the step into each."""


def packed_steps(
    model: PreTrainedModel, prompt: Sequence[int], trie: PathTrie, confined: bool
) -> Steps:
    """The steps of a trie, packed into as few rows as hold it; see `packing`."""
    # A confined student has no choice where one token is all that may follow; whole ends of paths
    # need not be read.
    for row in pack(trie, [len(children) > confined for children in trie.children]):
        batch = tree_inputs([(prompt, row.tokens, row.ancestors)], 0, model.dtype)
        last = len(prompt) - 1
        at = torch.tensor([last + row.places[node] for node in row.read], device=model.device)
        with logits_only_at(model, at):
            inputs = {name: values.to(model.device) for name, values in batch.items()}
            logits = model(**inputs, use_cache=False).logits[0]
        below = [trie.children[node] for node in row.read]
        steps = np.repeat(np.arange(len(below)), [len(children) for children in below])
        choices = [token for children in below for token in children]
        nodes = [child for children in below for child in children.values()]
        yield nodes, _log_p(logits, steps, choices, confined)


def single_steps(
    model: PreTrainedModel, prompt: Sequence[int], trie: PathTrie, confined: bool
) -> Steps:
    """The steps of a trie, one row for each path: for a model that takes no tree mask."""
    rows = list(trie_rows(trie))
    for begin in range(0, len(rows), BATCH):
        chosen = rows[begin : begin + BATCH]
        nodes = [child for row in chosen for child in row.children]
        yield nodes, _single(model, list(prompt), chosen, confined)


def _log_p(logits: Tensor, steps: np.ndarray, choices: Sequence[int], confined: bool) -> np.ndarray:
    """Log-probability of some tokens.

    Args:
        logits: `(positions, vocabulary)`.
        steps: `(n,)` the position of each token, ascending.
        choices: `(n,)` the tokens.
        confined: Whether the tokens at a position are all that may be said there.
    """
    wide = logits.double()
    at = torch.from_numpy(steps).to(logits.device)
    chosen = wide[at, torch.tensor(choices, device=logits.device)]
    if not confined:
        return (chosen - torch.logsumexp(wide, -1)[at]).cpu().numpy()
    top = chosen.new_full((len(wide),), -torch.inf).scatter_reduce(0, at, chosen, "amax")
    total = chosen.new_zeros(len(wide)).index_add(0, at, torch.exp(chosen - top[at]))
    return (chosen - (top + torch.log(total))[at]).cpu().numpy()


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


def _single(
    model: PreTrainedModel, prompt: list[int], rows: Sequence[ScoredRow], confined: bool
) -> np.ndarray:
    """Log-probability of each step of some rows, row after row: `(steps,)` float64."""
    longest = len(prompt) + max(len(row.tokens) for row in rows)
    ids = torch.full((len(rows), longest), int(model.config.pad_token_id))
    mask = torch.zeros_like(ids)
    for number, row in enumerate(rows):
        said = torch.tensor(prompt + row.tokens)
        ids[number, : len(said)] = said
        mask[number, : len(said)] = 1
    begins = [number * longest + len(prompt) - 1 for number in range(len(rows))]
    places = [
        begin + place for begin, row in zip(begins, rows, strict=True) for place in row.places
    ]
    at, steps = np.unique(places, return_inverse=True)
    with logits_only_at(model, torch.from_numpy(at).to(model.device)):
        output = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device))
    choices = [token for row in rows for token in row.choices]
    return _log_p(output.logits[0], steps, choices, confined)
