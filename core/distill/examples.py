"""Training examples: each question with its gold paths and its soft targets, row by row.

A question brings at most two rows to a step: one gold path, for L_hard, and one path drawn from the
teacher, for L_soft; where they are the same path they share a row. Draws depend only on seed, epoch
and question, so a run can be repeated and resumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedModel

from core.distill.losses import NodeTargets
from core.distill.on_policy import spoken_ends
from core.distill.soft_targets import Choice, TrieTargets, node_targets
from core.records import RelationPath
from core.student.prompts import Speller


@dataclass(frozen=True, eq=False)
class Example:
    """One question to learn from; at least one of gold and soft is there.

    Attributes:
        prompt: Its tokens up to `<path>`.
        gold: Tokens of its gold paths.
        soft: The teacher's targets, or None.
    """

    prompt: list[int]
    gold: tuple[list[int], ...]
    soft: TrieTargets | None


@dataclass(frozen=True, eq=False)
class Row:
    """A token sequence, which of its positions carry which loss.

    Attributes:
        prompt, path: Tokens; the loss lies on the path's.
        hard: Whether the path is a gold path of its question.
        choices: The teacher's choices before each token of the path, from the first on as far as
            the teacher would come; empty without soft targets.
    """

    prompt: list[int]
    path: list[int]
    hard: bool
    choices: list[Choice]


def make_example(
    question: str, gold: Sequence[RelationPath], soft: TrieTargets | None, speller: Speller
) -> Example | None:
    """An example, or None if there is nothing to learn from the question."""
    if not gold and soft is None:
        return None
    return Example(speller.prompt(question), tuple(speller.spell(path) for path in gold), soft)


class Examples(Dataset[list[Row]]):
    """Examples as a data set whose items are the rows of a question in the present epoch.

    Attributes:
        epoch: Counts from 0; sets the draws.
        student, on_policy: Where given, this share of the soft rows follows paths that the student
            speaks as it is at the moment of drawing.
    """

    def __init__(self, examples: Sequence[Example], seed: int) -> None:
        self.examples = examples
        self.seed = seed
        self.epoch = 0
        self.student: PreTrainedModel | None = None
        self.on_policy = 0.0

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def have_soft_targets(self) -> bool:
        """Whether any example has a label to learn from."""
        return any(example.soft is not None for example in self.examples)

    def __getitem__(self, index: int) -> list[Row]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[list[Row]]:
        chosen = [self.examples[index] for index in indices]
        draws = [np.random.default_rng((self.seed, self.epoch, index)) for index in indices]
        drawn = list(zip(chosen, draws, strict=True))
        gold = [draw_gold(one, draw) for one, draw in drawn]
        ends = [None if one.soft is None else one.soft.sample(draw) for one, draw in drawn]
        if self.student is not None and self.on_policy > 0:
            own = [draw.random() < self.on_policy for draw in draws]
            asked = [at for at, end in enumerate(ends) if own[at] and end is not None]
            for at, end in zip(asked, self._spoken([drawn[at] for at in asked]), strict=True):
                ends[at] = end
        return [rows(*each) for each in zip(chosen, gold, ends, strict=True)]

    def _spoken(self, asked: Sequence[tuple[Example, np.random.Generator]]) -> list[int]:
        """Where the student's own paths end."""
        if self.student is None or not asked:
            return []
        examples, draws = zip(*asked, strict=True)
        prompts = [example.prompt for example in examples]
        pad = int(self.student.config.pad_token_id)
        return spoken_ends(self.student, prompts, [e.soft for e in examples], draws, pad)


def draw_gold(example: Example, draw: np.random.Generator) -> list[int] | None:
    """One of the gold paths; None where there is none."""
    return example.gold[int(draw.integers(len(example.gold)))] if example.gold else None


def rows(example: Example, gold: list[int] | None, end: int | None) -> list[Row]:
    """The rows of one question: its gold path, and the path to a trie node; one row if they agree.

    A path that the teacher rules out is followed as far as the teacher has something to say.
    """
    if example.soft is None or end is None:
        return [Row(example.prompt, gold, True, [])] if gold else []
    tokens, nodes = example.soft.row(end)
    known = [node for node in nodes if example.soft.masses[node] > 0]
    soft = Row(example.prompt, tokens, tokens == gold, example.soft.choices(known))
    if gold is None or tokens == gold:
        return [soft]
    return [Row(example.prompt, gold, True, []), soft]


@dataclass(frozen=True)
class Collator:
    """Pads rows on the right and points at the positions that the loss reads."""

    pad: int

    def __call__(self, questions: Sequence[list[Row]]) -> dict[str, Any]:
        """A batch: padded rows, `questions` their number, and where each loss applies.

        `hard_at`, `soft_at`: `(positions,)` flat positions in the rows whose *next* token is
        predicted; `hard_tokens` the gold tokens; `soft` the targets at `soft_at`. Of no questions
        it makes one row without a loss, for a process whose share of a step is empty.
        """
        batch = [row for rows_of_one in questions for row in rows_of_one]
        batch = batch or [Row([self.pad], [], False, [])]
        longest = max(len(row.prompt) + len(row.path) for row in batch)
        ids = np.full((len(batch), longest), self.pad)
        mask = np.zeros_like(ids)
        hard_at: list[int] = []
        hard_tokens: list[int] = []
        soft_at: list[int] = []
        choices: list[Choice] = []
        for number, row in enumerate(batch):
            tokens = row.prompt + row.path
            ids[number, : len(tokens)] = tokens
            mask[number, : len(tokens)] = 1
            begin = number * longest + len(row.prompt) - 1
            if row.hard:
                hard_at += range(begin, begin + len(row.path))
                hard_tokens += row.path
            if row.choices:
                soft_at += range(begin, begin + len(row.choices))
                choices += row.choices
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            "questions": torch.tensor(len(questions)),
            "hard_at": torch.tensor(hard_at, dtype=torch.long),
            "hard_tokens": torch.tensor(hard_tokens, dtype=torch.long),
            "soft_at": torch.tensor(soft_at, dtype=torch.long),
            **_tensors(node_targets(choices, [1.0] * len(choices))),
        }


def only_read(batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """The flat positions that the loss reads, and the batch as if the rows were nothing else.

    Returns:
        `(at, read)`: `(positions,)` ascending, each once; and the batch whose `hard_at` and
        `soft_at` count in `at` instead of in the rows.
    """
    hard, soft = batch["hard_at"], batch["soft_at"]
    at, places = torch.unique(torch.cat([hard, soft]), return_inverse=True)
    return at, {**batch, "hard_at": places[: len(hard)], "soft_at": places[len(hard) :]}


def targets_of(batch: dict[str, Tensor]) -> NodeTargets:
    """The soft targets of a collated batch."""
    return NodeTargets(
        batch["weight"], batch["child_node"], batch["child_token"], batch["child_log"]
    )


def _tensors(targets: NodeTargets) -> dict[str, Tensor]:
    return {
        "weight": targets.weight,
        "child_node": targets.child_node,
        "child_token": targets.child_token,
        "child_log": targets.child_log,
    }
