from contextlib import suppress

import pyarrow as pa
import pytest

from core.errors import NoTopic
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.search import find_topics
from core.graph.spelling import SpelledNames


def linked(graph, text, **options):
    mentions = Linker(graph).link(text, **options)
    return [(graph.entity_id(m.entity), m.surface, m.match, m.score) for m in mentions]


@pytest.mark.parametrize(
    "text",
    [
        "What is Carl Berg's nationality?",
        "what is carl_berg 's nationality ?",
        "What is [Carl-Berg]’s nationality?",
        "卡尔·伯格的国籍是什么？",
        "卡尔伯格的国籍是什么？",
        "WHO IS CARL BERG",
    ],
)
def test_a_name_is_found_however_it_is_written(graph, text):
    found = linked(graph, text)
    assert [(entity, match, score) for entity, _, match, score in found] == [("carl", "exact", 1.0)]


def test_the_surface_is_the_text_itself(graph):
    (mention,) = Linker(graph).link("the carl_berg 's spouse")
    assert (mention.start, mention.end, mention.surface) == (4, 13, "carl_berg")


def test_namesakes_are_all_given_those_with_most_edges_first(graph):
    found = linked(graph, "Who is Ann Berg?", limit=1)
    assert [entity for entity, *_ in found] == ["ann", "ann2"]


def test_the_longest_mention_wins(graph):
    assert [entity for entity, *_ in linked(graph, "安·伯格二世的国籍")] == ["ann2"]


def test_aliases_and_ids_of_labelled_entities_come_as_aliases(graph):
    assert linked(graph, "Where is The Captain from?") == [("bob", "The Captain", "alias", 0.9)]
    assert linked(graph, "Is Ann2 at home?") == [("ann2", "Ann2", "alias", 0.9)]


def test_names_end_where_words_end(graph):
    assert linked(graph, "Emmanuel lives in Peruvian style") == []


def test_a_word_of_the_question_yields_to_a_name():
    graph = KnowledgeGraph.build(
        "films",
        [("Star!", "has_tags", "what"), ("Jaws", "directed_by", "director"), ("s", "is", "Jaws")],
    )
    assert linked(graph, "what star is Jaws's director")[0][0] == "Jaws"
    assert linked(graph, "what star") == [
        ("Star!", "star", "exact", 0.8),
        ("what", "what", "exact", 0.5),
    ]


def test_words_of_a_relation_yield_to_a_name():
    graph = KnowledgeGraph.build("x", [("nationality", "nationality", "Bo")])
    assert [entity for entity, *_ in linked(graph, "Bo nationality")] == ["Bo", "nationality"]


def test_nothing_is_found_in_nothing(graph):
    assert linked(graph, "") == []
    assert linked(graph, "???") == []


def test_a_possessive_without_its_apostrophe_is_no_part_of_the_name(graph):
    assert linked(graph, "carl bergs spouse") == [("carl", "carl berg", "exact", 1.0)]
    assert linked(graph, "CARL BERGS SPOUSE") == [("carl", "CARL BERG", "exact", 1.0)]
    assert linked(graph, "carl bergx spouse") == [("carl", "carl", "alias", 0.9)]


def test_a_name_of_several_words_that_ends_in_s_is_found_as_it_is():
    graph = KnowledgeGraph.build("x", [("big states", "near", "big state")])
    assert [surface for _, surface, *_ in linked(graph, "the big states")] == ["big states"]
    assert [surface for _, surface, *_ in linked(graph, "the big state")] == ["big state"]


def test_of_namesakes_the_one_whose_other_name_is_said_comes_first():
    entities = pa.table(
        {
            "id": ["film", "novel"],
            "label:en": ["Emma", "Emma"],
            "aliases": [["Emma (2020 film)"], ["Emma (novel)"]],
        }
    )
    edges = [("film", "is", "a"), ("film", "is", "b"), ("novel", "is", "a")]
    graph = KnowledgeGraph.build("x", edges, entities)
    for text, first in (
        ("Who wrote the novel Emma?", "novel"),
        ("Who made the 2020 Emma?", "film"),
        ("Who made Emma?", "film"),  # has more edges
    ):
        found = [entity for entity, *_ in linked(graph, text)]
        assert found[0] == first and set(found) == {"film", "novel"}


def first_of(labels, text):
    """The id of what a question means, of things with these labels; empty if of none."""
    ids = [f"x{number}" for number in range(len(labels))]
    entities = pa.table({"id": ids, "label:en": labels})
    graph = KnowledgeGraph.build("x", [(one, "directed by", "somebody") for one in ids], entities)
    linker, found = Linker(graph), ()
    with suppress(NoTopic):
        found = find_topics(graph, linker, SpelledNames(graph), linker.read(text))
    return graph.label(found[0].entity) if found else ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("rem", "R.E.M."),
        ("REM's film", "R.E.M."),
        ("acdc", "AC/DC"),
        ("Enders Game", "Ender's Game"),
        ("obrien", "O’Brien"),
        ("Washington DC", "Washington, D.C."),
        ("jean luc", "Jean-Luc"),
        ("jeanluc", "Jean-Luc"),
        ("the long way", "The Saga: The Long Way"),
        ("the saga", "The Saga: The Long Way"),
        ("September 11, 2001", "2001-09-11"),
        ("11 September 2001", "2001-09-11"),
        ("2001年9月11日", "2001-09-11"),
        ("Quasar", "Quasar (band)"),
        ("Quasar", "Quasar (band (UK))"),
        ("星光谣", "星光谣（林一一、周二二演唱歌曲）"),
        ("!!!", "!!!"),
        ("?", "?"),
        ("🎉", "🎉"),
        ("It", "It"),
        ("Петровского", "Петровский"),
        ("लीला", "लीला"),
        ("लाल", "लाल"),
    ],
)
def test_a_name_is_found_as_people_say_it(said, name):
    others = [
        "Washington",
        "and",
        "Film",
        "Us",
        "Amelia",
        "लाल",
        "लीला",
        "Петровская улица",
        "Saga",
        "Quasi",
    ]
    assert (
        first_of([name, *(one for one in others if one != name)], f"Who directed {said}?") == name
    )


@pytest.mark.parametrize("text", ["Who directed it?", "Who directed that ?", "What??", "WHO IS IT"])
def test_neither_a_small_word_nor_the_mark_at_the_end_is_a_name(text):
    graph = KnowledgeGraph.build("x", [("It", "by", "?"), ("Jaws", "by", "it")])
    assert all(mention.score < 0.9 for mention in Linker(graph).link(text))


def test_a_name_that_ends_in_parentheses_is_offered_with_all_its_namesakes():
    names = ["Quasar (band)", "Quasar (company)", "Quasar", "Quasar（歌曲）"]
    graph = KnowledgeGraph.build("x", [(name, "is", "a") for name in names])
    assert {one for one, *_ in linked(graph, "Who made Quasar?")} == set(names)
    assert linked(graph, "Who made Quasar?")[0][0] == "Quasar"
    names.remove("Quasar")
    graph = KnowledgeGraph.build("x", [(name, "is", "a") for name in names])
    assert linked(graph, "What did the company Quasar make?")[0][0] == "Quasar (company)"
