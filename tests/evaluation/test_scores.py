import json
from dataclasses import asdict

import pytest

from core.errors import NotFound
from core.evaluation import answers
from core.evaluation.comparison import (
    answer_reliability,
    hop_scores,
    language_scores,
    level_scores,
    score,
)
from core.evaluation.faithfulness import faithfulness, ground_answer
from core.evaluation.paths import path_exact_match, path_validity, reached
from core.records import Prediction, Question, ScoredPath
from core.results.evaluation import LevelScore, PartScore, ReliabilityBin


def asked(gold, paths=(), topics=("ann",), id="q"):
    return Question(id, "?", "en", topics, gold, paths)


def said(*found, paths=(), id="q"):
    scored = tuple(ScoredPath(relations, 0.5, ()) for relations in paths)
    return Prediction(id, found, scored)


def test_hits_at_1_is_an_expectation_over_ties():
    tied = said(("a", 0.4), ("b", 0.4 * (1 - 1e-12)), ("c", 0.2))
    assert answers.hits_at_1(asked(("a",)), tied) == 0.5
    assert answers.hits_at_1(asked(("a", "b")), tied) == 1.0
    assert answers.hits_at_1(asked(("c",)), tied) == 0.0
    assert answers.hits_at_1(asked(("a",)), said(("a", 0.4), ("b", 0.3999))) == 1.0
    assert answers.hits_at_1(asked(("a",)), said()) == 0.0


def test_the_predicted_set_is_what_is_likely_else_the_tied_top():
    assert answers.predicted_answers(said(("a", 0.9), ("b", 0.5), ("c", 0.49))) == {"a", "b"}
    assert answers.predicted_answers(said(("a", 0.3), ("b", 0.3), ("c", 0.1))) == {"a", "b"}
    assert answers.predicted_answers(said()) == frozenset()


def test_hit_looks_at_the_predicted_set_only():
    prediction = said(("a", 0.9), ("b", 0.6), ("c", 0.2))
    assert answers.hit(asked(("b",)), prediction) == 1.0
    assert answers.hit(asked(("c",)), prediction) == 0.0


def test_f1():
    prediction = said(("a", 0.9), ("b", 0.6), ("c", 0.2))
    assert answers.f1(asked(("b", "c")), prediction) == 0.5
    assert answers.f1(asked(("a", "b")), prediction) == 1.0
    assert answers.f1(asked(("c",)), prediction) == 0.0
    assert answers.f1(asked(()), said()) == 0.0


def test_path_exact_match_counts_only_questions_with_gold_paths():
    questions = [asked(("x",), (("child",), ("spouse",))), asked(("x",), (("child",),)), asked(())]
    predictions = [said(paths=(("spouse",),)), said(paths=(("spouse",), ("child",))), said()]
    assert path_exact_match(questions, predictions) == 0.5
    assert path_exact_match([asked(())], [said(paths=(("child",),))]) is None
    assert path_exact_match([asked((), (("child",),))], [said()]) == 0.0


def test_with_several_topics_the_first_paths_are_one_alternative():
    gold = (("child",), ("spouse",), ("friend",), ("nationality",))  # two alternatives of two
    both = asked(("x",), gold, topics=("ann", "bob"))

    def matches(*paths):
        return path_exact_match([both], [said(paths=paths)]) == 1.0

    assert matches(("child",), ("spouse",), ("friend",))
    assert matches(("friend",), ("nationality",))
    assert not matches(("child",), ("nationality",))  # halves of two alternatives
    assert not matches(("spouse",), ("friend",))  # the end of one and the start of another
    assert not matches(("child",))


def test_what_paths_reach(graph):
    (ends,) = reached(graph, asked(()), ("child", "child"))
    assert [graph.entity_id(end) for end in ends] == ["emma", "finn"]
    assert reached(graph, asked(()), ("child", "spouse", "spouse")) == []
    assert reached(graph, asked(()), ("no_such",)) == []
    assert reached(graph, asked(()), ()) == []
    assert reached(graph, asked((), topics=("nobody",)), ("child",)) == []
    assert len(reached(graph, asked((), topics=("ann", "bob")), ("child",))) == 2


def test_path_validity():
    assert path_validity([True, False, True, True]) == 0.75
    assert path_validity([]) == 0.0


def test_faithfulness_asks_the_right_answers_for_a_path(graph):
    question = asked(("norway",))
    shown = reached(graph, question, ("nationality",))
    right = ground_answer(graph, question, said(("norway", 0.8)), shown)
    bare = ground_answer(graph, question, said(("norway", 0.8)), [])
    wrong = ground_answer(graph, question, said(("peru", 0.8)), shown)
    tied = ground_answer(graph, question, said(("norway", 0.4), ("peru", 0.4)), shown)
    silent = ground_answer(graph, question, said(), shown)
    assert faithfulness([right, bare, wrong]) == 0.5
    assert faithfulness([tied]) == 1.0
    assert faithfulness([wrong, silent]) == 0.0


def test_all_scores_of_two_questions(graph):
    questions = [
        asked(("norway",), (("nationality",),), id="1"),
        asked(("emma", "finn"), (("child", "child"),), id="2"),
    ]
    predictions = [
        said(("gina", 0.6), ("emma", 0.6), paths=(("child", "spouse"), ("spouse", "x")), id="2"),
        said(("norway", 0.9), ("peru", 0.1), paths=(("nationality",),), id="1"),
    ]
    scores = score(graph, questions, predictions)
    assert asdict(scores) == {
        "hits_at_1": 0.75,
        "hit": 1.0,
        "f1": 0.75,
        "path_exact_match": 0.5,
        "path_validity": pytest.approx(2 / 3),
        "faithfulness": pytest.approx(2 / 3),
        # Confidence 0.6 and 0.9 in bins of their own, right by half and wholly.
        "ece": pytest.approx((0.1 + 0.1) / 2),
        "questions": 2,
    }


def test_reliability_is_that_of_the_top_answer():
    questions = [asked(("a",), id="1"), asked(("a",), id="2"), asked(("a",), id="3")]
    predictions = [
        said(("b", 0.75), ("a", 0.2), id="2"),
        said(("a", 0.75), ("b", 0.2), id="1"),
        said(id="3"),  # says nothing: no confidence, not right
    ]
    assert answer_reliability(questions, predictions) == (
        ReliabilityBin(0.0, 0.1, 1, 0.0, 0.0),
        ReliabilityBin(pytest.approx(0.7), pytest.approx(0.8), 2, 0.75, 0.5),
    )


def test_scores_are_plain_json_even_without_gold_paths(graph):
    scores = score(graph, [asked(("norway",))], [said()])
    assert json.loads(json.dumps(asdict(scores), allow_nan=False)) == {
        "hits_at_1": 0.0,
        "hit": 0.0,
        "f1": 0.0,
        "path_exact_match": None,
        "path_validity": 0.0,
        "faithfulness": 0.0,
        "ece": 0.0,
        "questions": 1,
    }


def test_what_cannot_be_scored_is_said(graph):
    with pytest.raises(NotFound, match="no questions to score"):
        score(graph, [], [])
    with pytest.raises(NotFound, match="Question 'q' has no prediction"):
        score(graph, [asked(())], [said(id="other")])


def test_hits_at_1_by_level_counts_what_can_be_answered_and_has_a_level():
    told = {"a": "zero-shot", "b": "iid", "c": "iid", "e": "iid"}
    questions = [
        asked(("x",), id="a"),
        asked(("x",), id="b"),
        asked(("x",), id="c"),
        asked(("x",), id="d"),
        asked((), (("∄r",),), id="e"),
    ]
    predictions = [said(("x", 0.9), id=one) for one in "abde"] + [said(("y", 0.9), id="c")]
    assert level_scores(told, questions, predictions) == (
        LevelScore("iid", 2, 0.5),
        LevelScore("zero-shot", 1, 1.0),
    )


def test_hits_are_told_by_hops_and_by_language():
    one, two, there = ("child",), ("child", "spouse"), ("spouse", "∄mayor")
    questions = [
        Question("a", "?", "en", ("ann",), ("x",), (two, one)),  # the shortest counts
        Question("b", "?", "zh", ("ann",), ("x",), (two,)),
        Question("c", "?", "zh", ("ann",), ("x",), ()),  # its path is not told
        Question("d", "?", "en", ("ann",), (), (there,)),  # the graph does not say
    ]
    made = [said(("x", 0.9), id="a"), said(("y", 0.9), id="b"), said(("x", 0.9), id="c"),
            said(("x", 0.9), id="d")]  # fmt: skip
    assert hop_scores(questions, made) == (PartScore("1", 1, 1.0), PartScore("2", 1, 0.0))
    assert language_scores(questions, made) == (PartScore("en", 1, 1.0), PartScore("zh", 2, 0.5))
