"""A trie packed into one row: the prompt once, every token of the trie once.

    <topic>'s country ?<path>  born  _in  <hop>  city  _of  <hop>  spouse  <hop>
    prompt                     `- one column for each inner node of the trie -'

Each column stands at the position that its token would have if its path were written out, and sees
the prompt, its ancestors and itself: a tree mask instead of a triangle. So one forward pass reads
what rows of single paths would read many times over (Miao et al., "SpecInfer", 2024, verify
speculated trees in this way).

Whether a model's architecture heeds such a mask is not declared anywhere, so it is tried:
`takes_tree_mask` compares a small packed trie with the same paths one by one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.student.path_trie import PathTrie

LONGEST = 1024
"""Columns of the trie in one row at most; a larger trie takes several, each with what is above."""

CLOSE = 1e-3
"""Log-probabilities that agree so far are equal but for rounding."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Packed:
    """Some nodes of a trie in one row, behind the prompt.

    Attributes:
        tokens: `(packed,)` the token of each node.
        ancestors: `(packed, packed)` bool, whom each node sees of the others; itself too.
        places: Trie node -> its column, counted from the last of the prompt, where the root stands.
        read: Nodes whose choice is to be looked up here; that of those above may be elsewhere.
    """

    tokens: list[int]
    ancestors: np.ndarray
    places: dict[int, int]
    read: list[int]


def pack(trie: PathTrie, read: Sequence[bool], longest: int = LONGEST) -> Iterator[Packed]:
    """Rows that hold some nodes of a trie, each once, and what stands above them.

    Args:
        trie: A parent stands before its children.
        read: `(trie nodes,)` which nodes' choices are to be looked up, each in one of the rows.
        longest: Nodes in one row at most, but never fewer than lie on one path.
    """
    above = [(0, 0)] * len(trie.children)
    present = list(read)
    for node in range(len(trie.children) - 1, -1, -1):
        for token, child in trie.children[node].items():
            above[child] = node, token
            present[node] |= present[child]
    order: list[int] = []
    waiting = [0] if present[0] else []
    while waiting:  # depth first, so that the nodes of one row share what is above them
        node = waiting.pop()
        order.append(node)
        waiting += [child for child in trie.children[node].values() if present[child]]
    begin = 0
    while begin < len(order):
        # Depth first: whoever stands above a node that follows is in the row already.
        path = _path_to(order[begin], above)
        end = begin + max(1, longest - len(path))
        here = order[begin:end]
        yield _row(path + here[1:], above, [node for node in here if read[node]])
        begin = end


def side_by_side(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Places for packed rows of different lengths in few rows of the longest's.

    What would be padding behind a short one holds another that sees nothing of it. The longest
    first, each where it first fits.

    Args:
        lengths: Columns of each.

    Returns:
        Of each, its row and its first column there.
    """
    longest = max(lengths)
    filled: list[int] = []
    places = [(0, 0)] * len(lengths)
    for one in sorted(range(len(lengths)), key=lambda one: -lengths[one]):
        room = longest - lengths[one]
        row = next((row for row, used in enumerate(filled) if used <= room), len(filled))
        if row == len(filled):
            filled.append(0)
        places[one] = row, filled[row]
        filled[row] += lengths[one]
    return places


def tree_inputs(
    rows: Sequence[tuple[Sequence[int], Sequence[int], np.ndarray | None]],
    pad: int,
    dtype: torch.dtype,
    places: Sequence[tuple[int, int]] | None = None,
) -> dict[str, Tensor]:
    """Packed rows as a model takes them.

    Args:
        rows: Of each its prompt, the tokens behind it and their ancestors; None where every token
            sees all before it.
        pad: Token that fills short rows; nobody sees it.
        dtype: Of the model; an additive mask must be of the same.
        places: Where each stands, see `side_by_side`; if not given, each in a row of its own.

    Returns:
        `input_ids` and `position_ids` `(rows, columns)`, and the additive `attention_mask`
        `(rows, 1, columns, columns)`: 0 where a column is seen, the lowest number elsewhere.
    """
    places = places or [(number, 0) for number in range(len(rows))]
    longest = max(len(prompt) + len(tokens) for prompt, tokens, _ in rows)
    ids = np.full((1 + max(row for row, _ in places), longest), pad)
    positions = np.zeros_like(ids)
    seen = np.zeros((len(ids), longest, longest), bool)
    seen[:, range(longest), range(longest)] = True  # a column that sees nothing would be no number
    for (prompt, tokens, ancestors), (number, first) in zip(rows, places, strict=True):
        begin = first + len(prompt)
        end = begin + len(tokens)
        ids[number, first:end] = [*prompt, *tokens]
        seen[number, first:end, first:end] = np.tri(end - first, dtype=bool)
        if ancestors is not None:
            seen[number, begin:end, begin:end] = ancestors
        # As many tokens as it sees stand before it and at it.
        positions[number, first:end] = seen[number, first:end].sum(1) - 1
    mask = torch.zeros(seen.shape, dtype=dtype)
    mask.masked_fill_(~torch.from_numpy(seen), torch.finfo(dtype).min)
    return {
        "input_ids": torch.from_numpy(ids),
        "position_ids": torch.from_numpy(positions),
        "attention_mask": mask[:, None],
    }


def takes_tree_mask(model: PreTrainedModel) -> bool:
    """Whether a model reads a packed trie as it reads its paths one by one; tried once a model."""
    if model not in _TRIED:
        _TRIED[model] = _reads_alike(model)
        if not _TRIED[model]:
            log.warning(
                "%s takes no tree mask: paths are scored row by row, which is slower.",
                type(model).__name__,
            )
    return _TRIED[model]


_TRIED: WeakKeyDictionary[PreTrainedModel, bool] = WeakKeyDictionary()


@torch.no_grad()
def _reads_alike(model: PreTrainedModel) -> bool:
    """Compare the next-token distributions at the ends of two paths, packed and by themselves."""
    was_training = model.training
    model.eval()
    prompt, paths = [1, 2, 3], ([4, 5], [5, 4])
    children: list[dict[int, int]] = [{4: 1, 5: 2}, {5: 3}, {4: 4}, {0: 5}, {0: 6}, {}, {}]
    nowhere = np.zeros(0, np.int64)
    (row,) = pack(PathTrie(children, nowhere, nowhere), list(map(bool, children)))
    try:
        batch = tree_inputs([(prompt, row.tokens, row.ancestors)], 0, model.dtype)
        packed = model(**{k: v.to(model.device) for k, v in batch.items()}, use_cache=False)
        alone = [
            model(input_ids=torch.tensor([prompt + path], device=model.device), use_cache=False)
            for path in paths
        ]
    except (TypeError, ValueError, RuntimeError, IndexError, AttributeError) as error:
        # Whatever an architecture says to a mask that it does not know; its own way still works.
        log.info("%s refused a tree mask: %s", type(model).__name__, error)
        return False
    finally:
        model.train(was_training)
    ends = packed.logits[0, [len(prompt) - 1 + row.places[node] for node in (3, 4)]]
    wanted = torch.stack([output.logits[0, -1] for output in alone])
    apart = (ends.log_softmax(-1) - wanted.log_softmax(-1)).abs().max()
    return bool(apart < CLOSE)


def _path_to(node: int, above: Sequence[tuple[int, int]]) -> list[int]:
    """The nodes from the root, which is no column of the trie, down to a node."""
    path: list[int] = []
    while node != 0:
        path.append(node)
        node = above[node][0]
    return path[::-1]


def _row(packed: list[int], above: Sequence[tuple[int, int]], read: list[int]) -> Packed:
    places = {0: 0}
    ancestors = np.zeros((len(packed), len(packed)), bool)
    for number, node in enumerate(packed):
        parent = places[above[node][0]]
        places[node] = number + 1
        if parent:
            ancestors[number] = ancestors[parent - 1]
        ancestors[number, number] = True
    return Packed([above[node][1] for node in packed], ancestors, places, read)
