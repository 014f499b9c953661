"""What a graph cannot answer is really missing, and could not be meant otherwise."""

import random
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.questions.label_phrases import Phrase
from core.questions.phrasing import PhraseBook
from core.questions.unanswerable import Gaps, attributes, graph_words, remarks, telling
from core.records import MISSING

# Films have a director and mostly music; people are born somewhere and sometimes married.
GRAPH = KnowledgeGraph.build(
    "films",
    [
        *((f"film_{n}", "directed_by", f"person_{n % 6}") for n in range(12)),
        *((f"film_{n}", "composer", f"person_{n % 6}") for n in range(8)),
        *((f"person_{n}", "born_in", f"city_{n % 3}") for n in range(6)),
        ("person_0", "spouse", "person_1"),
        *((f"city_{n}", "country_of_the_city", "norway") for n in range(3)),
        *((f"school_{n}", "country_of_the_school", "norway") for n in range(3)),
    ],
)
ALL = np.arange(GRAPH.entity_count, dtype=np.int32)
PATHS = {
    ("directed_by",): [GRAPH.entity(f"film_{n}") for n in range(12)],
    ("composer",): [GRAPH.entity(f"film_{n}") for n in range(8)],
    ("directed_by", "spouse"): [GRAPH.entity("film_0")],
    ("country_of_the_school",): [GRAPH.entity("school_0")],
}


def found(*, typed, book=None, count=200):
    gaps = Gaps(GRAPH, book or PhraseBook(), ALL, ("en",))
    return list(islice(gaps.gaps(PATHS, random.Random(0), typed=typed), count))


def reached(topic, path):
    walk = follow_path(GRAPH, topic, relation_codes(GRAPH, path))
    return walk[-1] if len(walk) == len(path) + 1 else []


@pytest.mark.parametrize("typed", [False, True])
def test_a_path_runs_as_far_as_is_said_and_no_further(typed):
    gaps = found(typed=typed)
    assert gaps
    for gap in gaps:
        there, wanted = gap.gold[:-1], gap.gold[-1].removeprefix(MISSING)
        assert len(gap.sizes) == len(gap.path) + 1
        assert not there or len(reached(gap.topic, there)) == gap.sizes[len(there)]
        assert not len(reached(gap.topic, (*there, wanted)))


def test_a_fact_is_missed_where_the_topic_could_have_it():
    gold = Counter((GRAPH.entity_id(gap.topic)[:4], gap.gold) for gap in found(typed=False))
    assert {topic for topic, path in gold if path == ("∄composer",)} == {"film"}
    assert ("film", ("directed_by", "∄spouse")) in gold


def test_a_type_is_missed_where_nothing_of_the_kind_has_it():
    gold = {(GRAPH.entity_id(gap.topic)[:4], gap.gold) for gap in found(typed=True)}
    assert ("city", ("∄directed_by",)) in gold
    assert not {topic for topic, path in gold if path == ("∄directed_by",)} & {"film"}


def test_what_has_a_relation_of_like_words_is_not_said_to_lack_it():
    gold = {(GRAPH.entity_id(gap.topic)[:4], gap.gold) for gap in found(typed=True)}
    assert ("city", ("∄country_of_the_school",)) not in gold
    assert ("film", ("∄country_of_the_school",)) in gold


def test_what_is_asked_in_the_words_of_another_path_is_left_out():
    same = [Phrase("Who made {x}?", "Who made {x}?")]
    book = PhraseBook({("en", ("composer",)): same, ("en", ("directed_by",)): same})
    assert not [gap for gap in found(typed=False, book=book) if gap.gold == ("∄composer",)]


def test_attributes_that_the_graph_may_have_are_left_out():
    words = graph_words(GRAPH, PhraseBook(), ("en",))
    names = {one.name for one in attributes(words)}
    assert "height" in names
    assert len(names) > 150
    assert "first love" not in names  # it is like `spouse`
    tall = PhraseBook({("en", ("born_in",)): [Phrase("the height of {x}", "")]})
    assert "height" not in {one.name for one in attributes(graph_words(GRAPH, tall, ("en",)))}


def test_every_attribute_speaks_in_both_languages():
    for one in attributes(""):
        for phrases in one.phrases.values():
            assert {True, False} == {phrase.is_question for phrase in phrases}
            assert all("{x}" in phrase.one for phrase in phrases)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_remarks_are_of_each_kind(language):
    kinds = Counter(one.kind for one in remarks("", language))
    assert kinds.keys() == {"talk", "domain", "command", "compare", "count", "date"}
    left = [one.kind for one in remarks(" date  日期 ", language)]
    assert "date" not in left or left.count("date") < kinds["date"]


def test_small_words_tell_nothing():
    assert telling("the country of the city") == {"country", "city"}
    assert telling("出生地") == {"出生", "生地"}
