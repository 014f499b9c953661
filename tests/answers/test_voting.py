import numpy as np

from core.answers.voting import PredictedPath, meet, vote, worth_saying
from core.graph.path_tree import WalkedPath

NAMES = ["norway", "peru", "usa", "a", "b"]
NORWAY, PERU, USA, A, B = range(5)


def path(name, probability, *ends):
    """A path of one hop to some entities; one that leads nowhere has left the graph."""
    frontiers = [np.zeros(1, int), *([np.array(ends)] if ends else [])]
    return PredictedPath(WalkedPath((name,), (0,), frontiers), probability)


def voted(said):
    return tuple((NAMES[entity], mass) for entity, mass in vote(said, NAMES.__getitem__))


def test_a_path_weighs_its_mass():
    paths = (
        path("a", 0.5, USA),
        path("b", 0.3, PERU, NORWAY),
        path("c", 0.25, PERU),
        path("d", 0.1),
    )
    assert voted(paths) == (("peru", 0.55), ("usa", 0.5), ("norway", 0.3))


def test_what_is_as_probable_stands_by_name():
    assert voted([path("a", 0.5, B, A)]) == (("a", 0.5), ("b", 0.5))
    assert voted([]) == ()


def test_paths_that_hardly_count_do_not():
    assert worth_saying([0.5, 0.005, 0.0049]) == [True, True, False]
    assert worth_saying([]) == []


def test_paths_of_several_topics_meet_at_what_both_reach():
    first = [path("a", 0.5, USA, PERU), path("b", 0.25, USA)]
    second = [path("c", 0.5, PERU), path("d", 0.25, PERU, USA)]
    astray = [path("e", 0.25)]
    meetings = meet([first, [*astray, *second]])
    whole = 0.25 + 0.125 + 0.0625  # a & c, a & d, b & d; b & c reach nothing together
    assert [("".join(p.walk.relations[0] for p in m.paths), m.answers) for m in meetings] == [
        ("ac", (PERU,)),
        ("ad", (PERU, USA)),
        ("bd", (USA,)),
    ]
    assert [m.probability for m in meetings] == [0.25 / whole, 0.125 / whole, 0.0625 / whole]
    assert dict(voted(meetings)) == {"peru": 0.375 / whole, "usa": 0.1875 / whole}
    assert meet([first, astray]) == []
