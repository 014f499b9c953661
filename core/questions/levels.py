"""How far a test question is from what was learned from: GrailQA's three levels.

    i.i.d.          its relation path was learned from, about other topics
    compositional   its relations were, in other paths; this path was not
    zero-shot       one of its relations was not, in either direction

(Gu et al., Beyond I.I.D.: three levels of generalization for question answering on knowledge bases,
WWW 2021.) A question's level follows from the gold paths that are told of the training questions,
whichever way they were split. A split *by levels* sees to it that all three are tested: about 12 %
of what relations occur is held out, then a fifth of the relation paths that are left, then a share
of the questions that are left as in any split.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.errors import SettingsError
from core.questions.splits import HELD_OUT
from core.records import MISSING, SPLITS, Question, RelationPath
from core.results.evaluation import LEVELS, Level

UNSEEN_RELATIONS = 0.12
"""Share of all hops of all gold paths whose relations are held out."""

UNSEEN_PATHS = 0.2
"""Share of the relation paths left that are held out."""

_Groups = Mapping[str, Sequence[Question]]
"""Questions by what they ask."""


def levels(train: Iterable[Question], asked: Iterable[Question]) -> dict[str, Level]:
    """The level of each question whose gold path is told, by its id.

    Args:
        train: What is learned from.
        asked: The questions to tell the level of.
    """
    learned = {path for question in train for path in question.paths}
    relations = {relation for path in learned for relation in _relations(path)}
    return {
        question.id: _level(question.paths, learned, relations)
        for question in asked
        if question.paths
    }


def _level(paths: Sequence[RelationPath], learned: set[RelationPath], relations: set[str]) -> Level:
    """The nearest of the levels of some gold paths."""
    if any(path in learned for path in paths):
        return "iid"
    if any(_relations(path) <= relations for path in paths):
        return "compositional"
    return "zero-shot"


def split_levels(questions: Sequence[Question], seed: int) -> tuple[Question, ...]:
    """Split so that dev and test hold every level, half of each, and train none of what they test.

    Ways of asking one thing stay together.

    Args:
        questions: Each with a gold path.
        seed: The same seed gives the same split.

    Raises:
        SettingsError: If a gold path is not known, or there are too few relations or paths.
    """
    if without := [question for question in questions if not question.paths]:
        raise SettingsError(
            "A split by levels needs a gold path of every question, and {count} of {questions} "
            "have none (the first is {id!r}); choose a grouped split.",
            count=len(without),
            questions=len(questions),
            id=without[0].id,
        )
    rng = random.Random(seed)
    groups: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.group or question.id].append(question)
    relations = _held_relations(questions, rng)
    paths = _held_paths(questions, relations, rng)
    order = sorted(groups)
    rng.shuffle(order)
    level = {name: _group_level(groups[name], relations, paths) for name in order}
    tested = [name for name in order if level[name] != "iid"]
    tested += _known_elsewhere([name for name in order if level[name] == "iid"], groups)
    places: dict[str, str] = {}
    held: Counter[tuple[str, Level]] = Counter()
    for name in tested:
        part = min(("test", "dev"), key=lambda one: held[one, level[name]])
        held[part, level[name]] += len(groups[name])
        places[name] = part
    if missing := [one for one in LEVELS for part in SPLITS[1:] if not held[part, one]]:
        raise SettingsError(
            "A split by levels needs more relations and paths than these questions ask about: "
            "none is left to test as {level}; give more questions or choose a grouped split.",
            level=missing[0],
        )
    return tuple(
        replace(question, split=places.get(question.group or question.id, "train"))
        for question in questions
    )


def _relations(path: RelationPath) -> frozenset[str]:
    """The relations of a path, whichever way they are walked, and whether they are there or not."""
    names = (step.removeprefix(MISSING).removeprefix("~") for step in path)
    return frozenset(name for name in names if name)


def _paths(questions: Iterable[Question]) -> set[RelationPath]:
    return {path for question in questions for path in question.paths}


def _held_relations(questions: Sequence[Question], rng: random.Random) -> frozenset[str]:
    """Relations that make up about `UNSEEN_RELATIONS` of all hops; at least the rarest."""
    mass = Counter(name for q in questions for path in q.paths for name in _relations(path))
    order = sorted(mass)
    rng.shuffle(order)
    room = UNSEEN_RELATIONS * mass.total()
    held: set[str] = set()
    for name in order:
        if mass[name] <= room:
            held.add(name)
            room -= mass[name]
    return frozenset(held or sorted(mass, key=lambda name: (mass[name], name))[:1])


def _held_paths(
    questions: Sequence[Question], relations: frozenset[str], rng: random.Random
) -> set[RelationPath]:
    """A share of the paths whose relations are all left, none the only one with a relation."""
    left = sorted(path for path in _paths(questions) if not _relations(path) & relations)
    uses = Counter(name for path in left for name in _relations(path))
    rng.shuffle(left)
    held: set[RelationPath] = set()
    wanted = round(UNSEEN_PATHS * len(left))
    for path in left:
        mine = _relations(path)
        if len(held) < wanted and mine and all(uses[name] > 1 for name in mine):
            held.add(path)
            uses.subtract(mine)
    return held


def _group_level(
    group: Sequence[Question], relations: frozenset[str], held: set[RelationPath]
) -> Level:
    """Where the ways of asking one thing belong: the farthest level of any of their gold paths."""
    paths = _paths(group)
    if any(_relations(path) & relations for path in paths):
        return "zero-shot"
    return "compositional" if paths & held else "iid"


def _known_elsewhere(names: Sequence[str], groups: _Groups) -> list[str]:
    """A share of some groups, all of whose paths other groups that are left ask about as well."""
    paths = {name: _paths(groups[name]) for name in names}
    uses = Counter(path for mine in paths.values() for path in mine)
    room = 2 * HELD_OUT * sum(len(groups[name]) for name in names)
    taken: list[str] = []
    for name in names:
        if room > 0 and all(uses[path] > 1 for path in paths[name]):
            taken.append(name)
            uses.subtract(paths[name])
            room -= len(groups[name])
    return taken
