from collections import Counter

import pytest

from core.errors import FormatError, SettingsError
from core.questions.splits import split_given, split_grouped, split_random
from core.records import Question


def questions(count, per_group=1):
    return [
        Question(f"q{n}", "?", "en", ("x",), ("y",), group=f"g{n // per_group}")
        for n in range(count)
    ]


def shares(split):
    return Counter(question.split for question in split)


@pytest.mark.parametrize("split", [split_grouped, split_random])
def test_eight_to_one_to_one(split):
    assert shares(split(questions(1000), 0)) == {"train": 800, "dev": 100, "test": 100}


@pytest.mark.parametrize("split", [split_grouped, split_random])
def test_the_same_seed_gives_the_same_split_whatever_the_order(split):
    first = {q.id: q.split for q in split(questions(200, 4), 3)}
    assert {q.id: q.split for q in split(questions(200, 4)[::-1], 3)} == first
    assert {q.id: q.split for q in split(questions(200, 4), 4)} != first


@pytest.mark.parametrize("split", [split_grouped, split_random])
def test_questions_keep_their_order(split):
    assert [q.id for q in split(questions(50), 1)] == [q.id for q in questions(50)]


def test_no_group_is_in_two_splits():
    split = split_grouped(questions(300, 3), 0)
    groups = {(question.group, question.split) for question in split}
    assert len(groups) == 100
    assert shares(split)["test"] == 30


def test_a_random_split_tears_groups_apart():
    split = split_random(questions(300, 3), 0)
    assert len({(question.group, question.split) for question in split}) > 100


def test_groups_of_any_size_leave_something_to_learn_from():
    large = [Question(f"q{n}", "?", "en", ("x",), ("y",), group=f"g{n % 3}") for n in range(60)]
    assert shares(split_grouped(large, 0)) == {"train": 20, "dev": 20, "test": 20}


def test_too_few_to_split():
    sentence = "A grouped split needs at least 3 groups of questions, found 2; give more questions"
    with pytest.raises(SettingsError, match=sentence):
        split_grouped(questions(10, 5), 0)
    with pytest.raises(SettingsError, match="A random split needs at least 3 questions, found 2"):
        split_random(questions(2), 0)


def test_a_given_split_is_taken():
    given = {"q0": "test", "q1": "train", "q2": "dev", "q9": "train"}
    assert [q.split for q in split_given(questions(3), given)] == ["test", "train", "dev"]
    assert split_given(split_given(questions(3), given)) == split_given(questions(3), given)


def test_a_given_split_must_cover_every_question():
    with pytest.raises(FormatError, match="2 of 3 questions are given no split; the first is 'q1'"):
        split_given(questions(3), {"q0": "test", "q2": "validation"})
    with pytest.raises(FormatError, match="3 of 3 questions are given no split"):
        split_given(questions(3))
