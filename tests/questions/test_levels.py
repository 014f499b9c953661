"""A split by levels tests three kinds of new, and trains on none of what it tests."""

from collections import Counter

import pytest

from core.errors import SettingsError
from core.questions.levels import levels, split_levels
from core.records import Question
from core.results.evaluation import LEVELS

RELATIONS = [f"r{n}" for n in range(12)]
PATHS = [
    *((one,) for one in RELATIONS),
    *((one, two) for one in RELATIONS for two in RELATIONS if one < two),
    *((one, "~" + two) for one in RELATIONS for two in RELATIONS if one < two),
]


def asked(paths=PATHS, topics=6, wordings=2):
    return [
        Question(
            f"{topic} {' '.join(path)} {n}", "?", "en", (topic,), ("y",), (path,),
            group=f"{topic} {' '.join(path)}",
        )
        for topic in map("t{}".format, range(topics))
        for path in paths
        for n in range(wordings)
    ]  # fmt: skip


ASKED = asked()
SPLIT = split_levels(ASKED, 0)


def part(name, questions=SPLIT):
    return [question for question in questions if question.split == name]


def told(name):
    return Counter(levels(part("train"), part(name)).values())


def relations(questions):
    return {step.removeprefix("~") for q in questions for path in q.paths for step in path}


@pytest.mark.parametrize("name", ["dev", "test"])
def test_each_part_that_is_tested_holds_every_level(name):
    counts = told(name)
    assert set(counts) == set(LEVELS)
    assert min(counts.values()) > 0.05 * len(part(name))


def test_training_has_none_of_what_is_tested():
    train = part("train")
    paths = {path for question in train for path in question.paths}
    found = levels(train, SPLIT)
    for question in part("dev") + part("test"):
        (path,) = question.paths
        new = {step.removeprefix("~") for step in path} - relations(train)
        assert (found[question.id] == "zero-shot") == bool(new)
        assert (found[question.id] == "iid") == (path in paths)
    assert {found[question.id] for question in train} == {"iid"}


def test_about_an_eighth_of_all_hops_has_relations_that_are_held_out():
    hops = Counter(step.removeprefix("~") for q in ASKED for path in q.paths for step in path)
    held = relations(ASKED) - relations(part("train"))
    assert 0.06 < sum(hops[one] for one in held) / hops.total() <= 0.12


def test_about_a_fifth_of_the_paths_left_are_held_out():
    seen = relations(part("train"))
    left = {path for path in PATHS if {step.removeprefix("~") for step in path} <= seen}
    held = left - {path for question in part("train") for path in question.paths}
    assert 0.17 < len(held) / len(left) < 0.23


def test_ways_of_asking_one_thing_stay_together():
    assert len({(q.group, q.split) for q in SPLIT}) == len({q.group for q in SPLIT})


def test_the_same_seed_gives_the_same_split_whatever_the_order():
    again = {q.id: q.split for q in split_levels(ASKED[::-1], 0)}
    assert again == {q.id: q.split for q in SPLIT}
    assert {q.id: q.split for q in split_levels(ASKED, 1)} != again
    assert [q.id for q in SPLIT] == [q.id for q in ASKED]


def test_a_relation_looked_for_in_vain_is_not_tested_as_new_where_it_was_learned():
    train = [Question("a", "?", "en", ("x",), (), (("∄r1",),)), *asked([("r2", "r3")], 1, 1)]
    new = [
        Question("1", "?", "en", ("x",), ("y",), (("r1",),)),
        Question("2", "?", "en", ("x",), ("y",), (("~r4",),)),
        Question("3", "?", "en", ("x",), ("y",), (("r2", "r3"), ("r4",))),
        Question("4", "?", "en", ("x",), ("y",)),
    ]
    assert levels(train, new) == {"1": "compositional", "2": "zero-shot", "3": "iid"}


def test_without_gold_paths_there_are_no_levels():
    bare = [*ASKED, Question("bare", "?", "en", ("x",), ("y",))]
    sentence = r"needs a gold path of every question, and 1 of 1729 have none \(the first is 'bare'"
    with pytest.raises(SettingsError, match=sentence):
        split_levels(bare, 0)


def test_too_few_relations_are_refused():
    with pytest.raises(SettingsError, match="none is left to test as compositional; give more"):
        split_levels(asked([("r1",), ("r2",)]), 0)
