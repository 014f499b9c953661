"""At which hop the first path goes wrong: where it leaves every gold path."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.paths import first_is_gold
from core.records import Prediction, Question, RelationPath
from core.results.evaluation import WrongHop

EXAMPLES = 5
"""Questions of a hop that are named, the first of the set."""


def first_wrong_hop(question: Question, prediction: Prediction) -> int | None:
    """The hop, from 1 on, at which the first path leaves every gold path; None where it is one.

    To end too early is wrong at the hop that does not come, to say nothing is wrong at the first.

    Args:
        question: About one topic, with gold paths.
        prediction: What was said to it.
    """
    if first_is_gold(question, prediction):
        return None
    said: RelationPath = prediction.looked_for
    if not prediction.refuses:
        said = prediction.paths[0].relations if prediction.paths else ()
    return 1 + max(_shared(said, gold) for gold in question.paths)


def wrong_hops(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> tuple[WrongHop, ...]:
    """How many questions go wrong at each hop, the first hop first.

    Of questions about one topic whose gold paths are told.

    Args:
        questions: What was asked.
        predictions: One for each, in their order.
    """
    wrong: dict[int, list[str]] = {}
    for question, prediction in zip(questions, predictions, strict=True):
        if question.paths and len(question.topics) == 1:
            hop = first_wrong_hop(question, prediction)
            if hop is not None:
                wrong.setdefault(hop, []).append(question.id)
    return tuple(
        WrongHop(hop=hop, questions=len(ids), examples=tuple(ids[:EXAMPLES]))
        for hop, ids in sorted(wrong.items())
    )


def _shared(one: RelationPath, other: RelationPath) -> int:
    """How many relations two paths begin with alike."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count
