"""What a tree loses without a fact, against the tree grown anew without it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.graph.removal import Reduced
from core.graph.schema import followers, sole_witnesses
from core.graph.supports import Supports

TRIPLE = st.tuples(st.sampled_from("abcde"), st.sampled_from("rst"), st.sampled_from("abcde"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=9, unique=True)


def frontiers(tree):
    return {tree.prefix(node): set(tree.frontier(node).tolist()) for node in range(1, len(tree))}


def triples(graph):
    columns = (graph.heads.tolist(), graph.relations.tolist(), graph.tails.tolist())
    return list(zip(*columns, strict=True))


@settings(max_examples=8, deadline=None)
@given(TRIPLES, st.integers(1, 3), st.sampled_from(["forward", "both"]), st.integers(1, 2))
def test_what_is_lost_is_lost_from_the_tree_grown_anew(known, hops, directions, count):
    graph = KnowledgeGraph.build("g", known)
    shape, topic = TreeShape(hops, directions), graph.entity(known[0][0])
    tree = grow_tree(graph, topic, shape)
    supports, before = Supports(graph, tree), frontiers(tree)
    every = triples(graph)
    for begin in range(len(every)):
        facts = every[begin : begin + count]
        after = frontiers(grow_tree(Reduced(graph, facts), topic, shape))
        lost = supports.lost(facts)
        wanted = {p: gone for p, there in before.items() if (gone := there - after.get(p, set()))}
        assert {tree.prefix(node): gone for node, gone in lost.items()} == wanted
        assert supports.emptied(lost) == (len(after) < len(before))
        if count == 1:
            assert bool(lost) == (facts[0] in supports.sole)
            assert facts[0] in supports.facts or not lost
    assert supports.facts <= set(every)


@settings(max_examples=8, deadline=None)
@given(TRIPLES)
def test_facts_without_which_codes_no_longer_follow_each_other_are_found(known):
    graph = KnowledgeGraph.build("g", known)
    before = followers(graph)
    first, second = before.nonzero()
    found = sole_witnesses(graph, first, second)
    for fact in triples(graph):
        left = followers(Reduced(graph, [fact]))
        if left.nnz < before.nnz:
            assert fact in found
    assert found <= set(triples(graph))
    assert not sole_witnesses(graph, first[:0], second[:0])
