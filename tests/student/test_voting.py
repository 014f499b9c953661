from core.records import ScoredPath
from core.student.voting import meet, vote, worth_saying


def test_a_path_weighs_its_mass():
    paths = (
        ScoredPath(("a",), 0.5, ("usa",)),
        ScoredPath(("b",), 0.3, ("peru", "norway")),
        ScoredPath(("c",), 0.25, ("peru",)),
        ScoredPath(("d",), 0.1, ()),
    )
    assert vote(paths) == (("peru", 0.55), ("usa", 0.5), ("norway", 0.3))


def test_what_is_as_probable_stands_by_name():
    assert vote([ScoredPath(("a",), 0.5, ("b", "a"))]) == (("a", 0.5), ("b", 0.5))
    assert vote([]) == ()


def test_paths_that_hardly_count_do_not():
    assert worth_saying([0.5, 0.005, 0.0049]) == [True, True, False]
    assert worth_saying([]) == []


def test_paths_of_several_topics_meet_at_what_both_reach():
    first = [ScoredPath(("a",), 0.5, ("usa", "peru")), ScoredPath(("b",), 0.25, ("usa",))]
    second = [ScoredPath(("c",), 0.5, ("peru",)), ScoredPath(("d",), 0.25, ("peru", "usa"))]
    astray = [ScoredPath(("e",), 0.25, ())]
    meetings = meet([first, [*astray, *second]])
    whole = 0.25 + 0.125 + 0.0625  # a & c, a & d, b & d; b & c reach nothing together
    assert [("".join(p.relations[0] for p in m.paths), m.answers) for m in meetings] == [
        ("ac", ("peru",)),
        ("ad", ("peru", "usa")),
        ("bd", ("usa",)),
    ]
    assert [m.probability for m in meetings] == [0.25 / whole, 0.125 / whole, 0.0625 / whole]
    assert dict(vote(meetings)) == {"peru": 0.375 / whole, "usa": 0.1875 / whole}
    assert meet([first, astray]) == []
