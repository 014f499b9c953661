"""Shortest ways between two entities, on a graph small enough to read."""

from hypothesis import given
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.shortest_paths import shortest_paths

TRIPLES = [
    ("Biden", "born_in", "Scranton"),
    ("Biden", "graduate_from", "Delaware_U"),
    ("Biden", "graduate_from", "Syracuse_U"),
    ("Delaware_U", "located_in", "USA"),
    ("Scranton", "city_of", "USA"),
    ("Scranton", "in_state", "Pennsylvania"),
    ("Pennsylvania", "state_of", "USA"),
    ("Syracuse_U", "located_in", "USA"),
    ("Lima", "city_of", "Peru"),
]


def between(graph, source, target, **limits):
    chains = shortest_paths(graph, graph.entity(source), graph.entity(target), **limits)
    return [
        (
            tuple(graph.relation_id(code) for code in chain.relations),
            tuple(graph.entity_id(entity) for entity in chain.entities),
        )
        for chain in chains
    ]


def test_each_relation_path_comes_once_with_a_chain_that_exists():
    graph = KnowledgeGraph.build("g", TRIPLES)
    assert between(graph, "Biden", "USA") == [
        (("born_in", "city_of"), ("Biden", "Scranton", "USA")),
        (("graduate_from", "located_in"), ("Biden", "Delaware_U", "USA")),
    ]


def test_relations_are_walked_backward_too():
    graph = KnowledgeGraph.build("g", TRIPLES)
    assert between(graph, "USA", "Biden", limit=1) == [
        (("~city_of", "~born_in"), ("USA", "Scranton", "Biden"))
    ]


def test_an_entity_reaches_itself_in_no_hop():
    graph = KnowledgeGraph.build("g", TRIPLES)
    assert between(graph, "Biden", "Biden") == [((), ("Biden",))]


def test_what_is_out_of_reach_has_no_path():
    graph = KnowledgeGraph.build("g", TRIPLES)
    assert between(graph, "Biden", "Peru") == []
    assert between(graph, "Biden", "USA", hops=1) == []


edges = st.tuples(st.integers(0, 7), st.integers(0, 2), st.integers(0, 7))


@given(st.lists(edges, min_size=1, max_size=16), st.data())
def test_every_chain_exists_and_is_as_short_as_can_be(triples, data):
    graph = KnowledgeGraph.build("g", [(str(h), f"r{r}", str(t)) for h, r, t in triples])
    source, target = (data.draw(st.integers(0, graph.entity_count - 1)) for _ in range(2))
    chains = shortest_paths(graph, source, target, hops=8, limit=50)
    distance = distances(graph, source).get(target)
    assert bool(chains) == (distance is not None)
    assert len({chain.relations for chain in chains}) == len(chains)
    for chain in chains:
        assert len(chain.relations) == distance
        assert (chain.entities[0], chain.entities[-1]) == (source, target)
        hops = zip(chain.entities, chain.relations, chain.entities[1:], strict=False)
        assert all(graph.has(*hop) for hop in hops)


def distances(graph, source):
    """Hops from the source, the slow way."""
    found, latest, depth = {source: 0}, {source}, 0
    while latest:
        depth += 1
        latest = {
            int(tail)
            for entity in latest
            for tail in graph.edge_tails[graph.starts[entity] : graph.starts[entity + 1]]
        } - found.keys()
        found |= dict.fromkeys(latest, depth)
    return found
