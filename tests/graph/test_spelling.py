import pytest

from core.graph.linking import Linker
from core.graph.search import find_topics
from core.graph.spelling import SpelledNames


@pytest.fixture(scope="module")
def names(graph):
    return SpelledNames(graph)


def test_the_nearest_names_come_first_each_entity_once(graph, names):
    (found,) = names.search_all(["Cab Berg"], k=3)
    assert [graph.entity_id(one.entity) for one in found] == ["carl"]
    (found,) = names.search_all(["Bab Berg"], k=3)
    assert found[0].name == "bob berg" and found[0].score == pytest.approx(7 / 8)
    (found,) = names.search_all(["An Berg"], k=3)
    assert [graph.entity_id(one.entity) for one in found] == ["ann", "ann2"]
    assert [graph.entity_id(one.entity) for one in names.search_all(["挪威"])[0]] == ["norway"]
    assert names.search_all([]) == [] and names.search_all(["?!"]) == [()]


def test_letters_swapped_are_one_slip(names):
    assert names.search_all(["norawy"])[0][0].score == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the nationality of Dorra Berglund?", ("dora", "Dorra Berglund")),
        ("Who is the spouse of Car Berg?", ("carl", "Car Berg")),
        ("whose child is car breg?", ("carl", "car breg")),
        ("卡尔·伯恪的国籍是什么？", ("carl", "卡尔·伯恪")),
        ("Where is Kingdum of Norwey?", ("norway", "Kingdum of Norwey")),
    ],
)
def test_a_misspelt_name_is_found(graph, names, text, expected):
    best = find_topics(graph, Linker(graph), names, Linker(graph).read(text))[0]
    assert (graph.entity_id(best.entity), best.surface, best.match) == (*expected, "spelling")
    assert names.threshold <= best.score < 1


def test_a_word_is_not_taken_for_another_that_shares_most_of_its_letters(names):
    assert names.search_all(["norse"]) == [()]  # three slips off a name of six letters
