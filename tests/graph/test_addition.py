"""A graph with some edges more against one built anew with them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.addition import facts_written, with_edges
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.removal import Reduced

# Few names, so that cycles, parallel edges and self-loops are the rule.
ENTITIES, RELATIONS = "abcd|", "rs"
TRIPLE = st.tuples(st.sampled_from(ENTITIES), st.sampled_from(RELATIONS), st.sampled_from(ENTITIES))


def built(triples):
    """A graph with all names, used or not, so that numbers are the same."""
    names, relations = pa.table({"id": [*ENTITIES]}), pa.table({"id": [*RELATIONS]})
    return KnowledgeGraph.build("g", triples, names, relations)


def numbered(graph, triples):
    return [(graph.entity(h), graph.relation(r), graph.entity(t)) for h, r, t in triples]


@settings(max_examples=80, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=20), st.lists(TRIPLE, max_size=4), st.booleans())
def test_it_is_the_graph_that_would_be_built_with_them(triples, more, is_backward):
    graph, whole = built(triples), built([*triples, *more])
    edges = numbered(graph, more)
    if is_backward:
        edges = [(tail, graph.inverse(code), head) for head, code, tail in edges]
    found = with_edges(graph, edges)
    for column in ("heads", "relations", "tails", "starts", "edge_relations", "edge_tails"):
        mine, theirs = getattr(found, column), getattr(whole, column)
        assert (mine.tolist(), mine.dtype) == (theirs.tolist(), theirs.dtype)
    assert (found.hash == graph.hash) is ({*more} <= {*triples})
    assert graph.triple_count == len({*triples}), "the graph itself stays as it is"


def test_what_is_added_can_be_taken_away_again():
    graph = built([("a", "r", "b")])
    (edge,) = numbered(graph, [("b", "s", "c")])
    back = Reduced(with_edges(graph, [edge]), [edge])
    assert back.degree(np.arange(4)).tolist() == graph.degree(np.arange(4)).tolist()


@pytest.mark.parametrize(
    ("fact", "meant"),
    [("a|r|b", ("a", "r", "b")), ("||s|a", ("|", "s", "a")), ("a|~r|b", ("a", "~r", "b")),
     ("a|x|b", None), ("a|r|x", None), ("a|r", None), ("", None)],
)  # fmt: skip
def test_a_fact_is_read_by_ids_that_the_graph_has(fact, meant):
    graph = built([("a", "r", "b")])
    found = [*facts_written(graph, fact)]
    assert found == (numbered(graph, [meant]) if meant else [])
