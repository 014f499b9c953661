"""At which hop a first path leaves the gold paths."""

import pytest

from core.evaluation.first_wrong_hop import first_wrong_hop, wrong_hops
from core.records import Prediction, Question, ScoredPath
from core.results.evaluation import WrongHop

GOLD = (("born_in", "city_of"), ("studied_at", "located_in"))


def asked(id="q", paths=GOLD, topics=("ann",)):
    return Question(id, "?", "en", topics, ("usa",), paths)


def said(*path, **more):
    paths = (ScoredPath(path, 0.9, ()),) if path else ()
    return Prediction("q", (("usa", 0.9),), paths, **more)


@pytest.mark.parametrize(
    ("path", "hop"),
    [
        (("born_in", "city_of"), None),
        (("studied_at", "located_in"), None),
        (("works_for", "city_of"), 1),
        (("born_in", "located_in"), 2),
        (("born_in",), 2),  # it ends where another hop should come
        (("born_in", "city_of", "capital"), 3),
        ((), 1),
    ],
)
def test_it_is_where_the_nearest_gold_path_is_left(path, hop):
    assert first_wrong_hop(asked(), said(*path)) == hop


def test_what_is_looked_for_in_vain_is_a_path_too():
    no = said(missing=0.95, looked_for=("born_in", "∄mayor"))
    assert first_wrong_hop(asked(), no) == 2
    assert first_wrong_hop(asked(paths=(("born_in", "∄mayor"),)), no) is None


def test_questions_are_counted_by_hop_and_the_first_are_named():
    questions = [asked(f"q{nth}") for nth in range(7)]
    questions += [asked("untold", paths=()), asked("two", topics=("ann", "bob"))]
    predictions = [said("born_in"), *[said("works_for")] * 6, said("x"), said("x")]
    assert wrong_hops(questions, predictions) == (
        WrongHop(hop=1, questions=6, examples=("q1", "q2", "q3", "q4", "q5")),
        WrongHop(hop=2, questions=1, examples=("q0",)),
    )
