"""Kinds of entities: by their types where facts say them, otherwise by their relations."""

import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.overview import overview, type_relation

TOWNS = [(f"person{n}", "born in", f"town{n % 3}") for n in range(9)]
TOWNS += [(f"person{n}", "knows", f"person{n + 1}") for n in range(6)]
TOWNS += [(f"town{n}", "country", "norway") for n in range(3)]


def graph_of(facts):
    return KnowledgeGraph.build("g", facts)


def test_what_has_the_same_relations_is_one_kind():
    found = overview(graph_of(TOWNS))
    assert not found.by_type
    assert [(one.label, one.entities) for one in found.kinds] == [
        ("born in", 9),
        ("country", 3),
        ("~country", 1),
    ]
    between = [(one.label, one.source, one.target, one.facts) for one in found.relations]
    assert between == [("born in", 0, 1, 9), ("knows", 0, 0, 6), ("country", 1, 2, 3)]
    assert found.hubs[0].degree == 4


def test_types_are_kinds_and_the_particular_one_counts():
    facts = [*TOWNS, *((f"town{n}", "rdf:type", "Town") for n in range(3))]
    facts += [(f"person{n}", "rdf:type", "Person") for n in range(9)]
    facts += [(head, "rdf:type", "Thing") for head, relation, _ in facts if relation == "rdf:type"]
    found = overview(graph_of(facts))
    assert found.by_type
    assert [(one.label, one.entities, one.example) for one in found.kinds[:2]] == [
        ("Person", 9, "person1"),
        ("Town", 3, "town0"),
    ]
    assert sum(one.facts for one in found.relations) == len(set(facts))
    others = found.kinds[-1]
    assert (others.label, others.entities) == ("", 4)  # norway, and the types themselves


@pytest.mark.parametrize(
    ("relation", "is_type"),
    [
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", True),
        ("http://www.wikidata.org/prop/direct/P31", True),
        ("instance_of", True),
        ("blood type", False),
        ("island", False),
    ],
)
def test_a_relation_that_says_what_things_are_is_known_by_its_name(relation, is_type):
    found = type_relation(graph_of([("a", relation, "b"), ("a", "r", "b")]))
    assert (found is not None) == is_type


def test_the_smallest_graph_has_a_picture():
    found = overview(graph_of([("a", "r", "a")]))
    assert [(one.entities, one.example) for one in found.kinds] == [(1, "a")]
