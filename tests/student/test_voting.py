from core.records import ScoredPath
from core.student.voting import vote, worth_saying


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
