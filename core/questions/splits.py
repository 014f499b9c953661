"""Which questions are learned from, which choose the best epoch, which are kept for the score.

A random split of questions that paraphrase each other leaks: the same gold path from the same topic
stands in train and test. A grouped split keeps every group of paraphrases on one side.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from core.errors import FormatError, SettingsError
from core.records import SPLITS, Question

HELD_OUT = 0.1
"""Share of the questions in `dev`, and again in `test`; the rest is `train`."""


def split_grouped(
    questions: Sequence[Question], seed: int, most: int | None = None
) -> tuple[Question, ...]:
    """Split 8:1:1, questions of one group together; the same seed gives the same split.

    Args:
        questions: At least three groups.
        seed: Of the split.
        most: So many questions are enough in dev, and in test; what is left over is train.

    Raises:
        SettingsError: If there are fewer than three groups.
    """
    groups = defaultdict(list)
    for question in questions:
        groups[question.group or question.id].append(question.id)
    return _dealt(questions, [groups[name] for name in sorted(groups)], seed, "grouped", most)


def split_random(questions: Sequence[Question], seed: int) -> tuple[Question, ...]:
    """Split 8:1:1 question by question; the same seed gives the same split.

    Raises:
        SettingsError: If there are fewer than three questions.
    """
    return _dealt(questions, [[name] for name in sorted(q.id for q in questions)], seed, "random")


def split_given(
    questions: Sequence[Question], given: Mapping[str, str] | None = None
) -> tuple[Question, ...]:
    """Split as a mapping from question id says, or else as the questions themselves say.

    Raises:
        FormatError: If a question has no split, or one that is not train, dev or test.
    """
    splits = [given.get(q.id, "") if given is not None else q.split for q in questions]
    if wrong := [
        (q, name) for q, name in zip(questions, splits, strict=True) if name not in SPLITS
    ]:
        question, name = wrong[0]
        raise FormatError(
            "{bad} of {questions} questions are given no split; the first is "
            "{id!r} (given: {found!r}): name train, dev or test for each, or choose a "
            "grouped split.",
            bad=len(wrong),
            questions=len(questions),
            id=question.id,
            found=name,
        )
    return tuple(replace(q, split=name) for q, name in zip(questions, splits, strict=True))


def _dealt(
    questions: Sequence[Question],
    units: Sequence[Iterable[str]],
    seed: int,
    kind: str,
    most: int | None = None,
) -> tuple[Question, ...]:
    """Deal shuffled units to test and dev until each holds its share; what is left is train."""
    if len(units) < len(SPLITS):
        noun = "groups of questions" if kind == "grouped" else "questions"
        raise SettingsError(
            "A {kind} split needs at least 3 {noun}, found {count}; give more questions or "
            "a split of your own.",
            kind=kind,
            noun=noun,
            count=len(units),
        )
    deck = [tuple(unit) for unit in units]
    random.Random(seed).shuffle(deck)
    share = max(1.0, HELD_OUT * len(questions))
    share = share if most is None else min(share, most)
    held: Counter[str] = Counter()
    places = {}
    for position, unit in enumerate(deck):
        # The last unit is always left to train, however large the units before it are.
        last = position == len(deck) - 1
        open_parts = (part for part in ("test", "dev") if held[part] < share and not last)
        part = next(chain(open_parts, ("train",)))
        held[part] += len(unit)
        places.update(dict.fromkeys(unit, part))
    return tuple(replace(question, split=places[question.id]) for question in questions)
