"""A reduced graph against one built anew without what was removed."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, follow_path, grow_tree
from core.graph.removal import Reduced
from core.graph.schema import followers

# Few names, so that cycles, parallel edges and self-loops are the rule.
ENTITIES, RELATIONS = "abcdef", "rst"
TRIPLE = st.tuples(st.sampled_from(ENTITIES), st.sampled_from(RELATIONS), st.sampled_from(ENTITIES))
EVERYONE = np.arange(len(ENTITIES))


@st.composite
def removals(draw):
    """`(whole, reduced, rebuilt)`: one and the same removal made by view and by building anew."""
    triples = draw(st.lists(TRIPLE, min_size=1, max_size=20, unique=True))
    edges = draw(st.lists(st.sampled_from(triples), max_size=3))
    entities = draw(st.lists(st.sampled_from(ENTITIES), max_size=2))
    left = [t for t in triples if t not in edges and not {t[0], t[2]} & set(entities)]
    whole = built([*triples, ANCHOR])
    numbers = [(whole.entity(h), whole.relation(r), whole.entity(t)) for h, r, t in edges]
    backward = [(tail, whole.inverse(code), head) for head, code, tail in numbers]
    asked = backward if draw(st.booleans()) else numbers
    reduced = Reduced(whole, asked, [whole.entity(name) for name in entities])
    return whole, reduced, built([*left, ANCHOR])


ANCHOR = ("y", "t", "z")  # a triple that stays, since a graph needs one


def built(triples):
    """A graph with all names, used or not, so that numbers are the same."""
    names = pa.table({"id": [*ENTITIES, "y", "z"]})
    return KnowledgeGraph.build("g", triples, names, pa.table({"id": [*RELATIONS]}))


def listed(columns):
    return [column.tolist() for column in columns]


@settings(max_examples=80, deadline=None)
@given(removals(), st.sampled_from(["forward", "both"]), st.sampled_from([None, 0, 1, 2]))
def test_edges_are_those_of_the_graph_built_anew(graphs, directions, limit):
    _, reduced, rebuilt = graphs
    twice = np.concatenate([EVERYONE[::-1], EVERYONE])
    assert listed(reduced.edges(twice, directions, limit)) == listed(
        rebuilt.edges(twice, directions, limit)
    )
    assert listed(reduced.relations_of(twice, directions)) == listed(
        rebuilt.relations_of(twice, directions)
    )
    assert reduced.degree(twice).tolist() == rebuilt.degree(twice).tolist()


@settings(max_examples=80, deadline=None)
@given(removals(), st.integers(0, 2 * len(RELATIONS) - 1))
def test_following_and_asking_are_those_of_the_graph_built_anew(graphs, code):
    whole, reduced, rebuilt = graphs
    assert listed(reduced.edges_along(EVERYONE, code)) == listed(
        rebuilt.edges_along(EVERYONE, code)
    )
    for some in (EVERYONE[:1], EVERYONE[1:4]):
        assert reduced.follow(some, code).tolist() == rebuilt.follow(some, code).tolist()
    for head, code, tail in zip(*whole.edges(EVERYONE), strict=True):
        assert reduced.has(head, code, tail) is rebuilt.has(head, code, tail)


@settings(max_examples=80, deadline=None)
@given(removals(), st.sampled_from(["forward", "both"]))
def test_a_tree_is_that_of_the_graph_built_anew(graphs, directions):
    _, reduced, rebuilt = graphs
    shape = TreeShape(3, directions)
    for topic in EVERYONE:
        ours, theirs = (grow_tree(graph, topic, shape) for graph in (reduced, rebuilt))
        for name in ("parents", "relations", "depths", "starts", "entities"):
            assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()


@settings(max_examples=80, deadline=None)
@given(removals())
def test_what_follows_what_is_that_of_the_graph_built_anew(graphs):
    _, reduced, rebuilt = graphs
    assert followers(reduced).toarray().tolist() == followers(rebuilt).toarray().tolist()
    assert followers(reduced).nnz == followers(rebuilt).nnz, "no pair is kept that occurs nowhere"


@settings(max_examples=40, deadline=None)
@given(removals(), st.integers(0, 20), st.sampled_from(EVERYONE.tolist()))
def test_what_is_left_out_one_after_the_other_is_left_out_at_once(graphs, nth, entity):
    _, reduced, _ = graphs
    head, code, tail = (column.tolist() for column in reduced.edges(EVERYONE))
    edges = [(head[i], code[i], tail[i]) for i in [nth % max(len(head), 1)] if head]
    twice = Reduced(reduced, edges, [entity])
    once = Reduced(reduced.whole, [*edges, *reduced._removed], [entity, *reduced._gone])
    assert listed(twice.edges(EVERYONE)) == listed(once.edges(EVERYONE))
    assert followers(twice).toarray().tolist() == followers(once).toarray().tolist()


def test_the_family_without_a_marriage(graph):
    ann, bob, carl = (graph.entity(name) for name in ("ann", "bob", "carl"))
    spouse, child = graph.relation("spouse"), graph.relation("child")
    without = Reduced(graph, [(ann, spouse, bob)])
    assert not without.has(ann, spouse, bob)
    assert not without.has(bob, graph.inverse(spouse), ann)
    assert without.has(bob, spouse, ann)  # the other triple, which says the same, is left
    assert [len(level) for level in follow_path(without, ann, (spouse,))] == [1]
    assert carl in without.follow(np.array([ann]), child)
    assert graph.has(ann, spouse, bob)


def test_a_removed_entity_keeps_its_name_alone(graph):
    bob = graph.entity("bob")
    without = Reduced(graph, entities=[bob])
    assert (without.label(bob), without.entity("bob")) == ("Bob Berg", bob)
    assert without.degree(np.array([bob])).tolist() == [0]
    assert not any(bob in without.edges(np.array([e]))[2] for e in range(graph.entity_count))


def test_each_removal_has_a_hash_of_its_own(graph):
    ann, bob = graph.entity("ann"), graph.entity("bob")
    edge = (ann, graph.relation("spouse"), bob)
    hashes = {
        graph.hash,
        Reduced(graph).hash,
        Reduced(graph, [edge]).hash,
        Reduced(graph, entities=[bob]).hash,
    }
    assert len(hashes) == 4
    assert Reduced(graph, [edge], [bob]).hash == Reduced(graph, entities=[bob]).hash
    as_read = tuple(np.array(edge, np.int32))
    assert Reduced(graph, [as_read, edge]).hash == Reduced(graph, [edge]).hash


def test_what_is_not_there_cannot_be_removed(graph):
    edge = (graph.entity("ann"), graph.relation("friend"), graph.entity("bob"))
    with pytest.raises(NotFound, match="graph 'family' has no edge 'ann friend bob'"):
        Reduced(graph, [edge])
