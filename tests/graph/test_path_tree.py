"""Edges, frontiers and trees against a naive reference in dictionaries, on random graphs."""

import tracemalloc
from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import (
    ROOT,
    Growth,
    TreeShape,
    follow_path,
    grow_tree,
    relation_codes,
)
from core.records import inverse
from tests.family_graph import names_of

# Few names, so that cycles, parallel edges, self-loops and repeated triples are the rule.
TRIPLE = st.tuples(st.sampled_from("abcdef"), st.sampled_from("rst"), st.sampled_from("abcdef"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=14)


def naive_edges(triples):
    """Entity -> relation name -> set of entities, both directions."""
    edges = defaultdict(lambda: defaultdict(set))
    for head, relation, tail in triples:
        edges[head][relation].add(tail)
        edges[tail][inverse(relation)].add(head)
    return edges


def naive_tree(edges, topic, hops, directions):
    """Prefix -> frontier of every prefix up to some hops."""
    tree, grown = {(): {topic}}, [()]
    for prefix in grown:
        if len(prefix) == hops:
            continue
        for relation in {name for entity in tree[prefix] for name in edges[entity]}:
            if directions == "forward" and relation.startswith("~"):
                continue
            reached = set().union(*(edges[entity][relation] for entity in set(tree[prefix])))
            if prefix and relation == inverse(prefix[-1]):
                reached -= {topic}
            if reached:
                tree[(*prefix, relation)] = reached
                grown.append((*prefix, relation))
    return tree


def ids(graph, entities):
    return [graph.entity_id(entity) for entity in entities]


@settings(max_examples=60, deadline=None)
@given(TRIPLES)
def test_edges_are_those_of_the_triples(triples):
    graph, edges = KnowledgeGraph.build("g", triples), naive_edges(triples)
    everyone = np.arange(graph.entity_count)
    positions, codes, tails = graph.edges(everyone)
    found = sorted(
        (graph.entity_id(p), graph.relation_id(c), graph.entity_id(t))
        for p, c, t in zip(positions, codes, tails, strict=True)
    )
    wanted = sorted((e, r, t) for e in edges for r in edges[e] for t in edges[e][r])
    assert found == wanted
    degrees = [sum(map(len, edges[name].values())) for name in ids(graph, everyone)]
    assert graph.degree(everyone).tolist() == degrees
    assert all(graph.has(graph.entity(e), graph.relation(r), graph.entity(t)) for e, r, t in wanted)


@settings(max_examples=60, deadline=None)
@given(TRIPLES, st.integers(1, 3), st.sampled_from(["forward", "both"]))
def test_a_tree_is_the_naive_tree(triples, hops, directions):
    graph, edges = KnowledgeGraph.build("g", triples), naive_edges(triples)
    topic = triples[0][0]
    tree = grow_tree(graph, graph.entity(topic), TreeShape(hops, directions))
    found = {
        names_of(graph, tree.prefix(node)): ids(graph, tree.frontier(node))
        for node in range(len(tree))
    }
    wanted = naive_tree(edges, topic, hops, directions)
    assert found == {prefix: sorted(frontier) for prefix, frontier in wanted.items()}
    assert len(found) == len(tree)  # no prefix stands twice


@settings(max_examples=60, deadline=None)
@given(TRIPLES, st.lists(st.sampled_from(["r", "s", "~r", "~s", "~t"]), min_size=1, max_size=4))
def test_following_a_path_is_walking_down_the_tree(triples, path):
    graph, edges = KnowledgeGraph.build("g", triples), naive_edges(triples)
    topic = triples[0][0]
    codes = relation_codes(graph, tuple(path))
    if codes is None:
        assert not {name.removeprefix("~") for name in path} <= {r for _, r, _ in triples}
        return
    wanted = naive_tree(edges, topic, len(path), "both")
    prefixes = [tuple(path[:count]) for count in range(len(path) + 1)]
    frontiers = [sorted(wanted[prefix]) for prefix in prefixes if prefix in wanted]
    assert [ids(graph, found) for found in follow_path(graph, graph.entity(topic), codes)] == (
        frontiers
    )


@settings(max_examples=30, deadline=None)
@given(TRIPLES)
def test_nodes_stand_in_breadth_first_order_and_are_found_by_prefix(triples):
    graph = KnowledgeGraph.build("g", triples)
    tree = grow_tree(graph, graph.entity(triples[0][0]), TreeShape(3))
    assert all(np.diff(tree.depths) >= 0)
    assert all(tree.parents[1:] < np.arange(1, len(tree)))
    assert [tree.find(tree.prefix(node)) for node in range(len(tree))] == list(range(len(tree)))


@settings(max_examples=40, deadline=None)
@given(TRIPLES, st.integers(1, 3), st.randoms(use_true_random=False))
def test_growing_node_by_node_in_any_order_gives_the_same_tree(triples, hops, draw):
    graph, edges = KnowledgeGraph.build("g", triples), naive_edges(triples)
    topic, closed = triples[0][0], set()
    growth = Growth(graph, graph.entity(topic), TreeShape(hops))
    left = [ROOT]
    while left:
        tree = growth.tree(closed)
        assert tree.open.sum() > 0 or all(not growth.grows(node) for node in left)
        node = left.pop(draw.randrange(len(left)))
        below = growth.children(node)
        assert growth.children(node) is below  # a second asking grows nothing
        closed.add(node)
        left += below
    tree = growth.tree(closed)
    assert not tree.open.any() and not tree.cut and not tree.truncated
    found = {
        names_of(graph, tree.prefix(node)): ids(graph, tree.frontier(node))
        for node in range(len(tree))
    }
    wanted = naive_tree(edges, topic, hops, "both")
    assert found == {prefix: sorted(frontier) for prefix, frontier in wanted.items()}
    assert len(found) == len(tree)
    for node in range(len(tree)):  # siblings side by side, by code
        below = tree.children(node)
        assert all(np.diff(below) == 1)
        assert all(np.diff(tree.relations[below]) > 0)


@settings(max_examples=60, deadline=None)
@given(TRIPLES, st.integers(1, 20), st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_a_crowded_tree_keeps_the_most_relevant_of_each_level(triples, most, weights):
    """The rule spelled out: each level its share, the largest sums of relevance, ties by place."""
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    relevance = np.array(weights, float)[: 2 * graph.relation_count]
    whole = grow_tree(graph, graph.entity(topic), TreeShape(3))
    tree = grow_tree(graph, graph.entity(topic), TreeShape(3, most=most), relevance)
    kept, left_out = {()}, 0
    for depth in (1, 2, 3):
        offered = [
            whole.prefix(node)
            for node in np.flatnonzero(whole.depths == depth)
            if whole.prefix(int(whole.parents[node])) in kept
        ]
        room = (most - len(kept)) // (4 - depth)
        best = sorted(offered, key=lambda prefix: -sum(relevance[code] for code in prefix))[:room]
        left_out += len(offered) - len(best)
        kept |= set(best)
    assert [tree.prefix(node) for node in range(len(tree))] == [
        prefix for node in range(len(whole)) if (prefix := whole.prefix(node)) in kept
    ]
    assert tree.cut == left_out
    assert tree.truncated == (left_out > 0)
    assert not tree.open.any()
    for node in range(len(tree)):
        same = whole.find(tree.prefix(node))
        assert tree.frontier(node).tolist() == whole.frontier(same).tolist()


def test_the_tree_of_dora_written_out(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(2))
    prefixes = [names_of(graph, tree.prefix(node)) for node in range(len(tree))]
    assert {prefix: ids(graph, tree.frontier(node)) for node, prefix in enumerate(prefixes)} == {
        (): ["dora"],
        ("nationality",): ["peru"],
        ("~child",): ["ann", "bob"],
        ("nationality", "~nationality"): ["ann2", "bob"],
        ("~child", "child"): ["carl"],
        ("~child", "friend"): ["bob"],
        ("~child", "nationality"): ["norway", "peru"],
        ("~child", "spouse"): ["ann", "bob"],
        ("~child", "~friend"): ["bob"],
        ("~child", "~spouse"): ["ann", "bob"],
    }
    assert prefixes[:3] == [(), ("nationality",), ("~child",)]


def test_a_frontier_too_wide_is_cut_and_counted(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(2, widest=1))
    assert tree.cut == 1
    assert tree.find(relation_codes(graph, ("~child",))) is not None
    assert tree.find(relation_codes(graph, ("~child", "child"))) is None


def test_what_grows_on_is_open_until_it_is_closed(graph):
    growth = Growth(graph, graph.entity("dora"), TreeShape(2))
    first = growth.children(ROOT)
    tree = growth.tree([ROOT])
    assert np.flatnonzero(tree.open).tolist() == first
    for node in first:
        growth.children(node)  # grown, but not closed: still open; at the depth limit nothing is
    assert np.flatnonzero(growth.tree([ROOT]).open).tolist() == first
    assert np.flatnonzero(growth.tree([ROOT, first[0]]).open).tolist() == first[1:]
    assert np.flatnonzero(growth.tree([]).open).tolist() == [ROOT, *first]
    assert not growth.tree().open.any()
    narrow = Growth(graph, graph.entity("dora"), TreeShape(2, widest=1))
    peru, parents = narrow.children(ROOT)
    assert np.flatnonzero(narrow.tree([ROOT]).open).tolist() == [peru]
    assert narrow.children(parents) == [] and narrow.tree().cut == 1


def test_a_tree_that_fits_is_never_cut(graph):
    whole = grow_tree(graph, graph.entity("dora"), TreeShape(2))
    tight = grow_tree(graph, graph.entity("dora"), TreeShape(2, most=len(whole)))
    assert len(tight) == len(whole) and not tight.truncated and not tight.cut


def test_deep_paths_find_room_beside_a_crowd_of_short_ones():
    """Fifty relations leave the hub, one of them toward what the question asks for."""
    crowd = [("hub", f"r{n:02}", f"e{n}") for n in range(50)]
    steps = [("hub", "works_for", "firm"), ("firm", "city", "oslo"), ("oslo", "land", "norway")]
    graph = KnowledgeGraph.build("g", [*crowd, *steps])
    relevance = np.zeros(2 * graph.relation_count)
    relevance[[graph.relation("works_for"), graph.relation("land")]] = 1.0
    tree = grow_tree(graph, graph.entity("hub"), TreeShape(3, "forward", most=16), relevance)
    path = relation_codes(graph, ("works_for", "city", "land"))
    assert tree.find(path) is not None
    assert len(tree) <= 16 and tree.truncated


def test_without_relevance_what_comes_first_stays(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(2, most=5))
    prefixes = [names_of(graph, tree.prefix(node)) for node in range(len(tree))]
    assert prefixes[:3] == [(), ("nationality",), ("~child",)]
    assert prefixes[3:] == [("nationality", "~nationality"), ("~child", "child")]
    assert tree.truncated and tree.cut == 5


def test_an_entity_without_edges_has_a_tree_of_one_node(graph):
    assert len(grow_tree(graph, graph.entity("zed"), TreeShape(3))) == 1


def test_an_unknown_relation_has_no_code(graph):
    assert relation_codes(graph, ("child", "no_such")) is None


def test_growing_forward_from_a_hub_holds_nothing_of_what_points_at_it():
    citizens = [(f"citizen{i}", "nationality", "norway") for i in range(20_000)]
    graph = KnowledgeGraph.build("g", [("norway", "capital", "oslo"), *citizens])
    norway = graph.entity("norway")
    tracemalloc.start()
    tree = grow_tree(graph, norway, TreeShape(2, "forward"))
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [names_of(graph, tree.prefix(node)) for node in range(len(tree))] == [
        (),
        ("capital",),
    ]
    assert held < 50_000  # all of the hub's row is 20 times as much
