import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.tying import group_of, known_entities, tied
from core.records import Question

# alan and jose play at tigres, alan and luis are forwards, alan alone is both.
GRAPH = KnowledgeGraph.build(
    "cup",
    [
        ("alan", "club", "tigres"),
        ("jose", "club", "tigres"),
        ("alan", "position", "forward"),
        ("luis", "position", "forward"),
        ("tigres", "country", "mexico"),
    ],
)

TWO = ("forward", "tigres")
MEET = (("~position",), ("~club",))


def tie(topics, answers, paths, **more):
    question = Question("1", "?", "en", topics, answers, paths)
    return tied(question, GRAPH, known_entities(GRAPH, [question]), **more)


def test_paths_of_several_topics_are_followed_each_from_its_own():
    question, why = tie(TWO, ("alan",), MEET)
    assert (question.paths, question.answers, why) == (MEET, ("alan",), "")
    assert question.group == "forward tigres ~position ~club"


def test_an_answer_set_that_a_file_leaves_open_is_where_the_paths_meet():
    assert tie(TWO, ("luis",), MEET, whole_answer=False)[0].answers == ("alan",)
    assert tie(("tigres",), ("alan",), (("~club",),), whole_answer=False)[0].answers == (
        "alan",
        "jose",
    )


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param((("~club",), ("~position",)), id="each belongs to the other topic"),
        pytest.param((("~position",), ("country",)), id="they end in different places"),
        pytest.param((("~position",), ("no_such",)), id="there is no such relation"),
    ],
)
def test_an_alternative_is_dropped_as_a_whole(bad):
    question, why = tie(TWO, ("alan",), (*bad, *MEET))
    assert question.paths == MEET
    assert why == "its gold paths are dropped: the graph cannot follow them to a common end"


def test_paths_that_are_not_one_per_topic_are_dropped():
    question, why = tie(TWO, ("alan",), (("~club",),))
    assert question.paths == ()
    assert why == "its gold paths are dropped: 1 for 2 topics, one each is expected"
    assert question.group == "forward tigres alan"


def test_one_topic_alone_keeps_the_alternatives_that_the_graph_has():
    question, why = tie(("tigres",), ("jose",), (("country", "country"), ("~club",)))
    assert question.paths == (("~club",),)
    assert why == "its gold path is dropped: the graph cannot follow it"


def test_topics_and_answers_must_be_there():
    assert tie(("eve",), ("jose",), ()) == (None, "the graph has no topic entity 'eve'")
    assert tie(("tigres",), ("eve",), ()) == (None, "the graph has none of the answers")
    assert tie(("tigres",), ("eve", "jose"), ())[0].answers == ("jose",)


def test_a_question_without_answers_says_what_is_looked_for_in_vain():
    question, why = tie(("jose",), (), (("∄position",),))
    assert (question.answers, question.paths, why) == ((), (("∄position",),), "")
    assert (question.answerable, question.group) == (False, "jose ∄position")
    question, _ = tie(("jose",), (), (("club", "country", "∄country"),))
    assert question.paths == (("club", "country", "∄country"),)
    assert tie(("jose",), (), (("∄",),))[0].paths == (("∄",),)


def test_a_relation_that_the_graph_does_not_know_is_none_of_its_relations():
    assert tie(("jose",), (), (("club", "∄mayor"),))[0].paths == (("club", "∄"),)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(("∄club",), id="it is there"),
        pytest.param(("position", "∄club"), id="the way there is missing"),
        pytest.param(("club",), id="nothing is said to be missing"),
    ],
)
def test_without_answers_the_graph_must_lack_what_is_said_to_be_missing(path):
    none, why = tie(("jose",), (), (path,))
    assert none is None
    assert why == "it has no answers, and the graph does not lack what its gold paths say"


def test_of_several_topics_one_may_lack_something():
    question, _ = tie(TWO, (), (("~position",), ("∄position",)))
    assert question.paths == (("~position",), ("∄position",))


def test_paraphrases_share_their_group():
    one = Question("1", "?", "en", ("tigres",), ("b", "a"), (("~club",), ("country",)))
    assert group_of(one) == "tigres ~club"
    assert group_of(Question("2", "?", "en", TWO, ("b", "a"))) == "forward tigres a b"
