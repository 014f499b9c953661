"""Where the paths of several topics meet, against enumeration of all combinations of paths."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.teacher.meetings import (
    NEGLIGIBLE,
    best_meetings,
    marginals,
    meet,
    meeting_answers,
    meeting_distribution,
    meeting_match,
)
from core.teacher.question_trees import match_answers
from tests.question_trees import names, walked

# Few names, so that cycles, parallel edges, self-loops and repeated triples are the rule.
TRIPLE = st.tuples(st.sampled_from("abcd"), st.sampled_from("rs"), st.sampled_from("abcd"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=6)
EXACT = {"rel": 1e-10, "abs": 1e-12}


class World:
    """Some topics of a graph with a drawn path distribution each, and all of their meetings."""

    def __init__(self, triples, topics, hops, seed, answers):
        self.graph = KnowledgeGraph.build("g", triples)
        shape = TreeShape(hops)
        self.trees = [grow_tree(self.graph, self.graph.entity(topic), shape) for topic in topics]
        self.prefixes = [names(self.graph, tree) for tree in self.trees]
        self.answers = set(answers)
        self.codes = np.array(sorted(self.graph.entity(one) for one in self.answers))
        draw = np.random.default_rng(seed)
        self.paths = []
        for tree in self.trees:
            path = draw.dirichlet(np.full(len(tree), 0.5)) + 0.01  # nothing is negligible
            path[0] = 0.0  # no path ends at the topic
            self.paths.append(path / path.sum())
        frontiers = [walked(triples, topic, hops) for topic in topics]
        self.meetings = {}
        for combination in product(*(sorted(filter(len, one)) for one in frontiers)):
            common = set.intersection(
                *(one[prefix] for one, prefix in zip(frontiers, combination, strict=True))
            )
            if common:
                self.meetings[combination] = common
        self.weights = {
            combination: float(
                np.prod([
                    path[names.index(prefix)]
                    for path, names, prefix in zip(
                        self.paths, self.prefixes, combination, strict=True
                    )
                ])
            )
            for combination in self.meetings
        }  # fmt: skip

    def match(self, common):
        return 2 * len(common & self.answers) / (len(common) + len(self.answers))

    def told(self, meetings):
        """Combination of prefixes -> the common entities by name."""
        rows = [
            tuple(names[node] for names, node in zip(self.prefixes, nodes, strict=True))
            for nodes in meetings.nodes.tolist()
        ]
        assert len(set(rows)) == len(rows)
        found = [{self.graph.entity_id(e) for e in common} for common in meetings.common]
        assert [sorted(one) for one in meetings.common] == [list(one) for one in meetings.common]
        return dict(zip(rows, found, strict=True))


@st.composite
def worlds(draw):
    triples = draw(TRIPLES)
    entities = sorted({entity for head, _, tail in triples for entity in (head, tail)})
    count = draw(st.integers(1, 3))
    topics = draw(st.lists(st.sampled_from(entities), min_size=count, max_size=count))
    answers = draw(st.sets(st.sampled_from(entities), min_size=1, max_size=2))
    return World(triples, topics, draw(st.integers(1, 2)), draw(st.integers(0, 99)), answers)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_meetings_are_those_of_all_combinations(world):
    candidates = [np.arange(1, len(tree)) for tree in world.trees]
    meetings = meet(world.trees, candidates)
    assert world.told(meetings) == world.meetings
    assert len(meetings) == len(world.meetings)
    match = dict(zip(world.told(meetings), meeting_match(meetings, world.codes), strict=True))
    wanted = {nodes: world.match(common) for nodes, common in world.meetings.items()}
    assert match == pytest.approx(wanted, **EXACT)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_the_distribution_its_answers_and_marginals_are_those_of_enumeration(world):
    meetings, probability = meeting_distribution(world.trees, world.paths)
    whole = sum(world.weights.values())
    entities, chances = meeting_answers(meetings, probability)
    if not world.meetings:
        assert not len(meetings) and not len(probability) and not len(entities)
        return
    told = dict(zip(world.told(meetings), probability.tolist(), strict=True))
    assert told == pytest.approx(
        {n: weight / whole for n, weight in world.weights.items()}, **EXACT
    )
    assert sum(told.values()) == pytest.approx(1.0, **EXACT)
    by_hand = dict.fromkeys(set().union(*world.meetings.values()), 0.0)
    for nodes, common in world.meetings.items():
        for entity in common:
            by_hand[entity] += told[nodes]
    answers = {world.graph.entity_id(e): p for e, p in zip(entities, chances.tolist(), strict=True)}
    assert answers == pytest.approx(by_hand, **EXACT)
    assert all(np.diff(chances) <= 0)

    for nth, part in enumerate(marginals(world.trees, meetings, probability)):
        assert part.sum() == pytest.approx(1.0, **EXACT)
        for prefix, share in zip(world.prefixes[nth], part.tolist(), strict=True):
            through = sum(p for nodes, p in told.items() if nodes[nth] == prefix)
            assert share == pytest.approx(through, **EXACT)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_the_best_meeting_of_each_node_is_that_of_enumeration(world):
    for nth, best in enumerate(best_meetings(world.trees, world.codes)):
        for prefix, match in zip(world.prefixes[nth], best.tolist(), strict=True):
            among = [
                world.match(common)
                for nodes, common in world.meetings.items()
                if nodes[nth] == prefix
            ]
            assert match == pytest.approx(max(among, default=0.0), **EXACT)


@pytest.mark.parametrize("hops", [1, 2])
def test_with_one_topic_a_meeting_is_a_path(hops):
    triples = [("a", "r", "b"), ("b", "s", "c"), ("a", "s", "c"), ("c", "r", "c")]
    world = World(triples, ["a"], hops, 0, {"c", "b"})
    meetings, probability = meeting_distribution(world.trees, world.paths)
    assert probability.sum() == pytest.approx(1.0, **EXACT)
    (back,) = marginals(world.trees, meetings, probability)
    assert back == pytest.approx(world.paths[0], **EXACT)
    (best,) = best_meetings(world.trees, world.codes)
    assert best == pytest.approx(match_answers(world.trees[0], world.codes), **EXACT)


def test_both_constraints_meet_by_hand():
    """A player who plays Forward at Tigres: two play Forward, two play there, one does both."""
    triples = [
        ("ana", "plays", "forward"),
        ("bea", "plays", "forward"),
        ("bea", "club", "tigres"),
        ("eva", "club", "tigres"),
        ("forward", "kind", "position"),
    ]
    world = World(triples, ["forward", "tigres"], 1, 0, {"bea"})
    forward, tigres = world.prefixes
    world.paths = [
        np.array([{("~plays",): 0.6, ("kind",): 0.4}.get(prefix, 0.0) for prefix in forward]),
        np.array([{("~club",): 1.0}.get(prefix, 0.0) for prefix in tigres]),
    ]
    meetings, probability = meeting_distribution(world.trees, world.paths)
    assert world.told(meetings) == {(("~plays",), ("~club",)): {"bea"}}
    assert probability.tolist() == [1.0]  # what meets nothing has no say
    entities, chances = meeting_answers(meetings, probability)
    assert [world.graph.entity_id(e) for e in entities] == ["bea"] and chances.tolist() == [1.0]
    assert meeting_match(meetings, world.codes).tolist() == [1.0]


def test_where_nothing_meets_there_is_nothing():
    world = World([("a", "r", "b"), ("c", "r", "d")], ["a", "c"], 1, 0, {"b"})
    meetings, probability = meeting_distribution(world.trees, world.paths)
    assert len(meetings) == len(probability) == 0
    assert [len(part) for part in meeting_answers(meetings, probability)] == [0, 0]
    assert [best.tolist() for best in best_meetings(world.trees, world.codes)] == [[0.0] * 2] * 2


def test_negligible_paths_do_not_meet():
    world = World([("a", "r", "b"), ("a", "s", "b"), ("c", "r", "b")], ["a", "c"], 1, 0, {"b"})
    first = np.array([{("s",): NEGLIGIBLE / 2}.get(prefix, 0.0) for prefix in world.prefixes[0]])
    first[world.prefixes[0].index(("r",))] = 1 - NEGLIGIBLE / 2
    meetings, _ = meeting_distribution(world.trees, [first, world.paths[1]])
    assert {nodes[0] for nodes in world.told(meetings)} == {("r",)}
