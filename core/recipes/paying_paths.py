"""Which paths of a question's tree lead to its known answers, and how well: what the graph pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.distill.examples import Paying
from core.errors import FormatError
from core.labels.path_labels import label_key
from core.recipes.train_teacher import grow_all
from core.records import Question
from core.report import Report
from core.student.prompts import Speller
from core.teacher.teachers import Teacher

AT_ONCE = 512
"""Questions whose trees are in memory together."""


def check_answers(name: str, questions: Sequence[Question]) -> None:
    """Refuse to learn from answers where there are none.

    Args:
        name: Of the question set.
        questions: Those to learn from.

    Raises:
        FormatError: If none of them has an answer.
    """
    if not any(question.answers for question in questions):
        raise FormatError(
            "No training question of {name!r} has a known answer, so there is none to be "
            "rewarded for: take reward 0, or questions with answers.",
            name=name,
        )


def paying_paths(
    teacher: Teacher, questions: Sequence[Question], speller: Speller, report: Report
) -> Mapping[str, tuple[Paying, ...]]:
    """The paths whose ends share something with the known answers, by `label_key`.

    A path's reward is the F1 of the entities that it reaches with the answers; where a question has
    several topics, of the best meeting with their paths that it can be part of.

    Args:
        teacher: Whose trees are grown; it is asked for nothing else.
        questions: Those without answers, or whose answers no path reaches, are left out.
        speller: How the student spells.
        report: Can stop it.
    """
    grower, graph = teacher.grower(), teacher.graph
    answered = [question for question in questions if question.answers]
    found = {}
    for begin in range(0, len(answered), AT_ONCE):
        for one in grow_all(grower, answered[begin : begin + AT_ONCE], report):
            best: dict[tuple[int, ...], float] = {}
            for node in np.flatnonzero(one.match[1:] > 0) + 1:
                path = tuple(graph.relation_id(code) for code in one.tree.prefix(int(node)))
                tokens = tuple(speller.spell(path))
                # A tokenizer that normalises text may spell two paths alike.
                best[tokens] = max(float(one.match[node]), best.get(tokens, 0.0))
            if best:
                key = label_key(one.question, graph.entity_id(one.tree.topic))
                found[key] = tuple((list(tokens), reward) for tokens, reward in best.items())
    return found
