from core.graph.neighbourhood import neighbourhood
from tests.family_graph import TRIPLES


def names(graph, near):
    return [graph.entity_id(entity) for entity in near.entities]


def triples(graph, near):
    ids = names(graph, near)
    columns = zip(near.heads, near.relations, near.tails, strict=True)
    return sorted((ids[h], graph.relation_id(r), ids[t]) for h, r, t in columns)


def test_one_hop_around_emma_by_degree_with_every_triple_among_them(graph):
    near = neighbourhood(graph, [graph.entity("emma")], 1)
    assert names(graph, near) == ["emma", "carl", "gina", "finn"]
    assert near.hops.tolist() == [0, 1, 1, 1]
    assert not near.truncated
    inside = {"emma", "carl", "gina", "finn"}
    assert triples(graph, near) == sorted(t for t in TRIPLES if t[0] in inside and t[2] in inside)


def test_a_self_loop_and_parallel_edges_stand_once_each(graph):
    near = neighbourhood(graph, [graph.entity(name) for name in ("bob", "carl", "gina")], 0)
    assert triples(graph, near) == [
        ("bob", "child", "carl"),
        ("bob", "friend", "bob"),
        ("carl", "friend", "gina"),
        ("carl", "spouse", "gina"),
    ]


def test_the_whole_family_is_every_triple_that_can_be_reached(graph):
    near = neighbourhood(graph, [graph.entity("ann")], 9)
    assert triples(graph, near) == sorted(TRIPLES)
    assert not near.truncated


def test_the_limit_keeps_the_nearest_and_says_so(graph):
    near = neighbourhood(graph, [graph.entity("emma")], 3, limit=3)
    assert names(graph, near) == ["emma", "carl", "gina"]
    assert near.truncated


def test_topics_are_kept_once_and_an_entity_without_edges_stays_alone(graph):
    zed = graph.entity("zed")
    near = neighbourhood(graph, [zed, zed], 2)
    assert names(graph, near) == ["zed"]
    assert near.heads.tolist() == []
