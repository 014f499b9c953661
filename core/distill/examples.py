"""Training examples: each question with its gold paths and its soft targets, row by row.

Drawn, a question brings at most two rows to a step: one gold path, for L_hard, and one path drawn
from the teacher, for L_soft; where they are the same path they share a row. Otherwise it brings all
of its paths at once, packed into one row (`packed_rows`). In other epochs it may come in other
words. Draws depend only on seed, epoch and question, so a run can be repeated and resumed.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedModel

from core.distill.on_policy import decoded_ends
from core.distill.packed_rows import PackedRow, packed_rows
from core.distill.signals import Gold, Labels, Signal
from core.distill.soft_targets import Choice, TrieTargets
from core.questions.rewording import reworded
from core.records import RelationPath
from core.student.packing import side_by_side, tree_inputs
from core.student.prompts import Speller

Paying = tuple[list[int], float]
"""Tokens of a path that leads to known answers, and what it pays: above 0, at most 1."""


@dataclass(frozen=True, eq=False)
class Example:
    """One question to learn from; at least one of gold, soft and paying is there.

    Attributes:
        texts: The question in its own words and then in its others, its topic masked.
        prompt: Its tokens up to `<path>`.
        gold: Tokens of its gold paths.
        soft: The teacher's targets, or None.
        paying: The paths that pay, each once; learned from only where rows are packed.
    """

    texts: tuple[str, ...]
    prompt: list[int]
    gold: tuple[list[int], ...]
    soft: TrieTargets | None
    paying: tuple[Paying, ...] = ()


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
    ancestors = None
    """Every token sees all before it."""
    pays = ()
    """One path cannot tell what all of them pay."""

    def hard_steps(self) -> list[tuple[int, int, float]]:
        """Place, token and weight of each step along the path, if it is a gold one."""
        return [(place, token, 1.0) for place, token in enumerate(self.path)] if self.hard else []

    def soft_steps(self) -> list[tuple[int, Choice, float]]:
        """Place, choice and weight of each node with soft targets."""
        return [(place, choice, 1.0) for place, choice in enumerate(self.choices)]

    def paying_steps(self) -> list[tuple[int, int, int]]:
        """None."""
        return []


def make_example(
    question: str,
    gold: Sequence[RelationPath],
    soft: TrieTargets | None,
    speller: Speller,
    wordings: Sequence[str] = (),
    paying: Sequence[Paying] = (),
) -> Example | None:
    """An example, or None if there is nothing to learn from the question."""
    if not gold and soft is None and not paying:
        return None
    spelled = tuple(speller.spell(path) for path in gold)
    return Example((question, *wordings), speller.prompt(question), spelled, soft, tuple(paying))


@dataclass(frozen=True)
class OtherWords:
    """Questions in any of their wordings, half of them as they might have been typed.

    What a question asks for stays, and with it its gold paths and its label.

    Attributes:
        speller: How the student spells.
        share: Of the questions of an epoch, how many are in other words; 0 to 1.
    """

    speller: Speller
    share: float

    def prompt(self, example: Example, draw: random.Random) -> list[int]:
        """A question's tokens up to `<path>`, in its own words or in others."""
        if draw.random() >= self.share:
            return example.prompt
        text = draw.choice(example.texts)
        if len(example.texts) == 1 or draw.random() < 0.5:
            text = reworded(text, draw)
        return self.speller.prompt(text)


class Examples(Dataset[Sequence[Row | PackedRow]]):
    """Examples as a data set whose items are the rows of a question in the present epoch.

    Attributes:
        epoch: Counts from 0; sets the draws.
        packed: Whether a question brings all of its paths, in place of those that are drawn.
        other_words: Where given, says how questions are worded in each epoch.
        student, on_policy: Where given, this share of the soft rows follows paths that the student
            speaks as it is at the moment of drawing.
    """

    def __init__(self, examples: Sequence[Example], seed: int) -> None:
        self.examples = examples
        self.seed = seed
        self.epoch = 0
        self.packed = False
        self._rows: dict[int, list[PackedRow]] = {}
        self.other_words: OtherWords | None = None
        self.student: PreTrainedModel | None = None
        self.on_policy = 0.0

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def have_soft_targets(self) -> bool:
        """Whether any example has a label to learn from."""
        return any(example.soft is not None for example in self.examples)

    @property
    def have_paying_paths(self) -> bool:
        """Whether the answers of any example can be learned from."""
        return any(example.paying for example in self.examples)

    def __getitem__(self, index: int) -> Sequence[Row | PackedRow]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> Sequence[Sequence[Row | PackedRow]]:
        if self.packed:
            return [self._packed_rows(index) for index in indices]
        chosen = [self._worded(index) for index in indices]
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

    def _worded(self, index: int) -> Example:
        """A question in the words of the present epoch."""
        example = self.examples[index]
        if self.other_words is None:
            return example
        draw = random.Random(f"{self.seed} {self.epoch} {index}")
        return replace(example, prompt=self.other_words.prompt(example, draw))

    def _packed_rows(self, index: int) -> list[PackedRow]:
        """The packed rows of a question, which but for its words are the same in every epoch."""
        if index not in self._rows:
            self._rows[index] = packed_rows(self.examples[index])
        prompt = self._worded(index).prompt
        return [replace(row, prompt=prompt) for row in self._rows[index]]

    def _spoken(self, asked: Sequence[tuple[Example, np.random.Generator]]) -> list[int]:
        """Where the student's own paths end."""
        if self.student is None or not asked:
            return []
        examples, draws = zip(*asked, strict=True)
        prompts = [example.prompt for example in examples]
        pad = int(self.student.config.pad_token_id)
        return decoded_ends(self.student, prompts, [e.soft for e in examples], draws, pad)


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
    """Pads rows on the right, or lays packed ones side by side, with each signal's columns beside.

    Attributes:
        pad: The padding token.
        dtype: Of the student; packed rows are masked in it.
        signals: What the student is held to.
    """

    pad: int
    dtype: torch.dtype = torch.float32
    signals: Sequence[Signal] = (Gold(), Labels())

    def __call__(self, questions: Sequence[Sequence[Row | PackedRow]]) -> dict[str, Any]:
        """A batch: padded rows, `questions` their number, and the signals' columns.

        Of no questions it makes one row without a loss, for a process whose share of a step is
        empty.
        """
        batch = [row for rows_of_one in questions for row in rows_of_one]
        batch = batch or [Row([self.pad], [], False, [])]
        lengths = [len(row.prompt) + len(row.path) for row in batch]
        packed = any(row.ancestors is not None for row in batch)
        places = side_by_side(lengths) if packed else [(number, 0) for number in range(len(batch))]
        placed = [
            (number * max(lengths) + first + len(row.prompt) - 1, row)
            for row, (number, first) in zip(batch, places, strict=True)
        ]
        read = self._packed(batch, places) if packed else self._padded(batch, max(lengths))
        made = {**read, "questions": torch.tensor(len(questions))}
        for signal in self.signals:
            made |= signal.columns(placed)
        return made

    def _packed(
        self, batch: Sequence[Row | PackedRow], places: Sequence[tuple[int, int]]
    ) -> dict[str, Tensor]:
        """What the student reads of packed rows, with tree masks."""
        packed = [(row.prompt, row.path, row.ancestors) for row in batch]
        return tree_inputs(packed, self.pad, self.dtype, places)

    def _padded(self, batch: Sequence[Row | PackedRow], longest: int) -> dict[str, Tensor]:
        """What it reads of single paths, with a mask of two dimensions."""
        ids = np.full((len(batch), longest), self.pad)
        mask = np.zeros_like(ids)
        for number, row in enumerate(batch):
            tokens = row.prompt + row.path
            ids[number, : len(tokens)] = tokens
            mask[number, : len(tokens)] = 1
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}


INPUTS = ("input_ids", "attention_mask", "position_ids")
"""What of a batch the student reads; the last only of packed rows."""


def only_read(
    batch: dict[str, Tensor], signals: Sequence[Signal] = Collator.signals
) -> tuple[Tensor, dict[str, Tensor]]:
    """The flat positions that the signals read, and the batch as if the rows were nothing else.

    Returns:
        `(at, read)`: `(positions,)` ascending, each once; and the batch whose signals' positions
        count in `at` instead of in the rows.
    """
    columns = [batch[signal.at] for signal in signals]
    at, places = torch.unique(torch.cat(columns), return_inverse=True)
    shares = places.split([len(column) for column in columns])
    return at, {**batch, **{s.at: share for s, share in zip(signals, shares, strict=True)}}
