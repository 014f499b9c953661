"""Trees side by side, nodes sorted by depth, so that a policy walks all of them hop by hop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.teacher.message_passing import Edges
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import QuestionTree


@dataclass(frozen=True, eq=False)
class TreeBatch:
    """Question trees laid side by side; `order` maps back.

    Attributes:
        questions: Number of trees.
        words: Distinct words of the batch.
        word_index: `(questions, words)` into `words`, padded with 0.
        lengths: `(questions,)` words per question, on the CPU.
        overlap: `(words, label words)` lexical overlap of `words` with the relations' label words.
        question: `(nodes,)` question of each node.
        parent: `(nodes,)` node number of the parent, -1 at roots.
        relation: `(nodes,)` relation code, -1 at roots.
        levels: Node ranges by depth: level d is nodes `levels[d]:levels[d + 1]`.
        inner: Nodes with children or absent alternatives, in order; at any other there is nothing
            to choose.
        inner_levels: Ranges of `inner` by depth.
        inside: `(nodes,)` position in `inner`, -1 for nodes that are not.
        open: `(nodes,)` bool, nodes whose children are not known (all) yet.
        match, gold: `(nodes,)` as in `QuestionTree`.
        lacking: `(absent,)` node of each alternative that the graph does not have there, tree after
            tree.
        absent: `(absent,)` what it lacks: relation code or `NONE`.
        sought: `(absent,)` bool.
        spoken: `(nodes,)` how much the questions sound like asking for the nodes' prefixes.
        absent_spoken: `(absent,)` and like asking for what is absent.
        leaving, children: What message passing runs along.
        order: `(nodes,)` position of each sorted node in the concatenation of the trees.
        absences: Alternatives of each tree.
    """

    questions: int
    words: list[str]
    word_index: Tensor
    lengths: Tensor
    overlap: Tensor
    question: Tensor
    parent: Tensor
    relation: Tensor
    levels: list[int]
    inner: Tensor
    inner_levels: list[int]
    inside: Tensor
    open: Tensor
    match: Tensor
    gold: Tensor
    lacking: Tensor
    absent: Tensor
    sought: Tensor
    spoken: Tensor
    absent_spoken: Tensor
    leaving: Edges
    children: Edges
    order: np.ndarray
    absences: list[int]


def batch_trees(
    trees: Sequence[QuestionTree], relation_words: RelationWords, device: torch.device | str = "cpu"
) -> TreeBatch:
    """Lay question trees side by side."""
    sizes = np.array([len(tree.tree) for tree in trees])
    begins = np.cumsum(sizes) - sizes
    depth = np.concatenate([tree.tree.depths for tree in trees])
    order = np.argsort(depth, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    above = np.concatenate([t.tree.parents + b for t, b in zip(trees, begins, strict=True)])
    parent = np.where(depth == 0, -1, place[above])[order]
    levels = np.concatenate([[0], np.cumsum(np.bincount(depth))])
    relation = np.concatenate([tree.tree.relations for tree in trees])[order]
    is_open = np.concatenate([tree.tree.open for tree in trees])[order]
    offspring = np.bincount(parent[levels[1] :], minlength=len(parent))
    lacking = place[
        np.concatenate([t.absent.nodes + b for t, b in zip(trees, begins, strict=True)])
    ]
    offered = offspring + np.bincount(lacking, minlength=len(parent))
    inner = np.flatnonzero((offered > 0) & ~is_open)
    inside = np.full(len(parent), -1)
    inside[inner] = np.arange(len(inner))
    words = sorted({word for tree in trees for word in tree.words})
    number = {word: i for i, word in enumerate(words)}
    lengths = [len(tree.words) for tree in trees]
    word_index = np.zeros((len(trees), max(lengths)), np.int64)
    for row, tree in enumerate(trees):
        word_index[row, : lengths[row]] = [number[word] for word in tree.words]

    def move(values: np.ndarray, kind: torch.dtype = torch.long) -> Tensor:
        return torch.as_tensor(values, dtype=kind).to(device)

    leaving = np.concatenate([np.diff(tree.kinds.starts) for tree in trees])
    nodes = np.arange(levels[1], len(parent))
    return TreeBatch(
        questions=len(trees),
        words=words,
        word_index=move(word_index),
        lengths=torch.tensor(lengths),
        overlap=move(relation_words.overlap(words), torch.float32),
        question=move(np.repeat(np.arange(len(trees)), sizes)[order]),
        parent=move(parent),
        relation=move(relation),
        levels=levels.tolist(),
        inner=move(inner),
        inner_levels=np.searchsorted(inner, levels).tolist(),
        inside=move(inside),
        open=move(is_open, torch.bool),
        match=move(np.concatenate([tree.match for tree in trees])[order], torch.float64),
        gold=move(np.concatenate([tree.gold for tree in trees])[order], torch.bool),
        lacking=move(lacking),
        absent=move(np.concatenate([tree.absent.codes for tree in trees])),
        sought=move(np.concatenate([tree.absent.sought for tree in trees]), torch.bool),
        spoken=move(np.concatenate([tree.spoken for tree in trees])[order], torch.float64),
        absent_spoken=move(np.concatenate([tree.absent.spoken for tree in trees]), torch.float64),
        leaving=Edges(
            source=None,
            target=move(np.repeat(place, leaving)),
            relation=move(np.concatenate([tree.kinds.codes for tree in trees])),
            weight=move(np.concatenate([tree.kinds.shares for tree in trees]), torch.float32),
        ),
        children=Edges(
            source=move(nodes),
            target=move(parent[nodes]),
            relation=move(relation[nodes]),
            weight=move(1.0 / offspring[parent[nodes]], torch.float32),
        ),
        order=order,
        absences=[len(tree.absent) for tree in trees],
    )
