"""Search by a few letters: what is found, and in what order."""

import pytest
from family_graph import family

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.lookup import find_by_name


@pytest.fixture
def found(tmp_path):
    graph = family(tmp_path)

    def ids(text, **options):
        return [graph.entity_id(entity) for entity in find_by_name(graph, text, **options)]

    return ids


def test_the_whole_name_comes_before_its_beginning():
    graph = KnowledgeGraph.build(
        "g", [("berlin", "in", "germany"), ("east berlin", "in", "berlin zoo")]
    )
    names = [graph.entity_id(entity) for entity in find_by_name(graph, "Berlin")]
    assert names == ["berlin", "berlin zoo", "east berlin"]


def test_more_edges_come_first_among_equals(found):
    assert found("ann berg") == ["ann", "ann2"]


@pytest.mark.parametrize("text", ["bobby", "captain", "鲍勃", "BOB", "  bob   berg "])
def test_labels_of_all_languages_aliases_and_ids_are_searched(found, text):
    assert found(text)[0] == "bob"


def test_an_entity_without_edges_is_found(found):
    assert found("zed") == ["zed"]


@pytest.mark.parametrize("text", ["", "  ", "nobody", ".*", "%"])
def test_nothing_is_found_for_nothing(found, text):
    assert found(text) == []


def test_the_limit_holds(found):
    assert len(found("berg", limit=2)) == 2


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("paul gerand", "Paul Gérand"),
        ("İSTANBUL", "Istanbul"),
        ("卡尔马克思", "卡尔·马克思"),
        ("卡尔·马克思", "卡尔·马克思"),
        ("लीला", "लीला"),
        ("서울", "서울"),
    ],
)
def test_neither_accents_nor_inner_dots_need_be_typed(typed, first):
    names = [
        "Amelia",
        "Amélie",
        "Paul",
        "Paul Gérand",
        "Istanbul",
        "卡尔·马克思",
        "लाल",
        "लीला",
        "서울",
    ]
    graph = KnowledgeGraph.build("g", [(name, "is", "a name") for name in names])
    assert [graph.entity_id(entity) for entity in find_by_name(graph, typed)] == [first]
