"""Two that are one become one, with all that is known of either, and are two again when undone."""

import pytest

from core.errors import FormatError, NotFound
from core.graph.changes import changed
from core.graph.merging import merging
from tests.graph.test_changes import graph_of, listed

FACTS = [("a", "r", "b"), ("a2", "r", "b"), ("a2", "r", "c"), ("d", "s", "a2"), ("a", "s", "a2")]
LABELS = [("a", "Ay", ["A1"]), ("a2", "Aye", ["A2"]), ("b", None, None)]


def test_facts_and_names_become_those_of_one():
    graph = graph_of(FACTS, LABELS)
    changes = merging(graph, [("a", "a2")])
    now = changed(graph, changes)
    assert listed(now) == {("a", "r", "b"), ("a", "r", "c"), ("d", "s", "a")}
    assert now.find_entity("a2") is None
    assert (now.label(now.entity("a")), now.aliases(now.entity("a"))) == ("Ay", ("A1", "Aye", "A2"))
    back = changed(now, changes.backwards())
    assert (back.hash, listed(back)) == (graph.hash, set(FACTS))


def test_what_has_no_name_takes_that_of_the_other():
    graph = graph_of(FACTS, [("a2", "Aye", None), ("d", "Dee", None)])
    now = changed(graph, merging(graph, [("a", "a2")]))
    assert (now.label(now.entity("a")), now.aliases(now.entity("a"))) == ("Aye", ())
    bare = graph_of(FACTS)
    now = changed(bare, merging(bare, [("a", "a2")]))
    assert now.aliases(now.entity("a")) == ("a2",)


@pytest.mark.parametrize("pairs", [[("r", "~t"), ("~t", "u")], [("~r", "t"), ("r", "u")]])
def test_relations_become_one_and_turn_round_where_they_are_told_backward(pairs):
    graph = graph_of([("a", "r", "b"), ("c", "t", "a"), ("x", "u", "y")])
    changes = merging(graph, pairs)
    now = changed(graph, changes)
    assert listed(now) == {("a", "r", "b"), ("a", "r", "c"), ("x", "r", "y")}
    assert now.relation_ids[:1] == ("r",) and now.relation("t") == now.relation("r") == 0
    assert changed(now, changes.backwards()).hash == graph.hash


def test_several_become_one_at_once():
    graph = graph_of([*FACTS, ("a3", "r", "z")])
    now = changed(graph, merging(graph, [("a", "a2"), ("a2", "a3")]))
    assert ("a", "r", "z") in listed(now) and not {"a2", "a3"} & {f[0] for f in listed(now)}


@pytest.mark.parametrize(
    ("pairs", "error", "says"),
    [
        ([("a", "nobody")], NotFound, "neither two entities nor two relations"),
        ([("a", "r")], NotFound, "neither two entities nor two relations"),
        ([("a", "a")], FormatError, "into itself"),
        ([("a", "b"), ("b", "a")], FormatError, "into itself"),
        ([("r", "s"), ("s", "r")], FormatError, "into itself"),
        ([("r", "~r")], FormatError, "into itself"),
        ([("a", "d"), ("b", "d")], FormatError, "into two"),
    ],
)
def test_what_cannot_be_merged_is_a_sentence(pairs, error, says):
    with pytest.raises(error, match=says):
        merging(graph_of(FACTS), pairs)


def test_namesakes_of_different_kinds_are_refused_with_the_reason():
    facts = [(f"person{n}", "born in", f"town{n % 3}") for n in range(6)]
    facts += [(f"town{n}", "country", "norway") for n in range(3)]
    graph = graph_of(facts)
    with pytest.raises(FormatError, match="known by 'born in', the other like 'town0'"):
        merging(graph, [("person1", "town1")])
