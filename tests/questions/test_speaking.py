import random

import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.label_phrases import Phrase
from core.questions.phrasing import PhraseBook
from core.questions.speaking import Speaker

GRAPH = KnowledgeGraph.build(
    "films",
    [
        ("titanic", "directed_by", "cameron"),
        ("titanic", "starring", "kate"),
        ("titanic", "starring", "leo"),
        ("cameron", "born_in", "canada"),
        ("leo", "born_in", "usa"),
    ],
)
HEADER = "path\tlanguage\tphrase\tplural\texample\n"


@pytest.fixture
def book(tmp_path):
    def made(*rows):
        (tmp_path / "phrases.tsv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
        return PhraseBook.read(tmp_path / "phrases.tsv", GRAPH)

    return made


def said(book, path, x, sizes, language="en"):
    """Everything that a speaker says about one path."""
    speaker = Speaker(GRAPH, book, language)
    return {speaker.question(path, x, sizes, random.Random(seed)) for seed in range(400)}


def test_a_question_nests_noun_phrases(book):
    phrases = book(
        "directed_by\ten\tthe director of {x}\tthe directors of {x}\t",
        "born_in\ten\tWhere was {x} born?\tWhere were {x} born?\t",
        "born_in\ten\tthe birthplace of {x}\tthe birthplaces of {x}\t",
    )
    texts = said(phrases, ("directed_by", "born_in"), "Titanic", (1, 1, 1))
    assert "Where was the director of Titanic born?" in texts
    assert "Tell me the birthplace of the director of Titanic." in texts


def test_number_follows_what_is_meant(book):
    phrases = book(
        "starring\ten\tthe star of {x}\tthe stars of {x}\t",
        "born_in\ten\tWhere was {x} born?\tWhere were {x} born?\t",
        "born_in\ten\tthe birthplace of {x}\tthe birthplaces of {x}\t",
    )
    texts = said(phrases, ("starring", "born_in"), "Titanic", (1, 2, 1))
    assert "Where were the stars of Titanic born?" in texts
    assert "Tell me the birthplace of the stars of Titanic." in texts


def test_possessives_suit_names_only(book):
    phrases = book(
        "directed_by\ten\tthe director of {x}\t\t",
        "born_in\ten\tWhat is {x}'s birthplace?\t\t",
        "born_in\ten\tWhere does {x} come from?\t\t",
        "born_in\ten\tthe birthplace of {x}\t\t",
    )
    assert "What is Kate's birthplace?" in said(phrases, ("born_in",), "Kate", (1, 1))
    nested = said(phrases, ("directed_by", "born_in"), "Titanic", (1, 1, 1))
    assert "Where does the director of Titanic come from?" in nested
    assert not any("of Titanic's" in text for text in nested)


def test_a_longer_phrase_speaks_for_several_hops(book):
    phrases = book(
        "directed_by\tzh\t{x}的导演\t\t",
        "born_in\tzh\t{x}的出生地\t\t",
        "directed_by born_in\tzh\t{x}的导演是哪国人？\t\t",
        "directed_by born_in\tzh\t{x}的导演的祖国\t\t",
    )
    texts = said(phrases, ("directed_by", "born_in"), "泰坦尼克号", (1, 1, 1), "zh")
    assert "泰坦尼克号的导演是哪国人？" in texts
    assert "请告诉我泰坦尼克号的导演的出生地。" in texts


def test_without_phrases_labels_speak():
    forward = said(PhraseBook(), ("directed_by",), "Titanic", (1, 1))
    assert {"Who directed Titanic?", "Who is Titanic directed by?"} <= forward
    assert not any("the directed by" in text for text in forward)
    backward = said(PhraseBook(), ("~directed_by",), "Cameron", (1, 1))
    assert "What is directed by Cameron?" in backward


def test_key_words_stand_in_a_row(book):
    phrases = book(
        "directed_by\ten\tthe director of {x}\t\t",
        "born_in\ten\tthe birthplace of {x}\t\t",
        "directed_by\tzh\t{x}的导演\t\t",
        "born_in\tzh\t{x}的出生地\t\t",
    )
    path = ("directed_by", "born_in")
    english = said(phrases, path, "Titanic", (1, 1, 1))
    assert {"Titanic director birthplace", "titanic director birthplace"} <= english
    assert "泰坦尼克号 导演 出生地" in said(phrases, path, "泰坦尼克号", (1, 1, 1), "zh")


def test_people_ask_in_every_manner(book):
    phrases = book(
        "directed_by\ten\tthe director of {x}\t\t", "directed_by\ten\tWho directed {x}?\t\t"
    )
    texts = said(phrases, ("directed_by",), "Titanic", (1, 1))
    for asked in (
        "Who directed Titanic?",
        "Please find the director of Titanic.",
        "Titanic director",
        "Titanic's director?",
        "Titanic: who directed it?",
        "who directed titanic",
        "Excuse me, who directed Titanic?",
    ):
        assert asked in texts


def test_in_chinese_the_topic_comes_first_without_a_pronoun(book):
    phrases = book("directed_by\tzh\t{x}的导演是谁？\t\t", "directed_by\tzh\t{x}的导演\t\t")
    texts = said(phrases, ("directed_by",), "泰坦尼克号", (1, 1), "zh")
    assert "泰坦尼克号，导演是谁？" in texts


def test_a_step_that_is_no_relation_ends_a_question(book):
    phrases = book("directed_by\ten\tthe director of {x}\t\t")
    ending = (Phrase("How tall is {x}?", "How tall are {x}?"), Phrase("the height of {x}", ""))
    speaker = Speaker(GRAPH, phrases, "en")
    texts = {
        speaker.question(("directed_by",), "Titanic", (1, 1), random.Random(seed), ending)
        for seed in range(200)
    }
    assert {"How tall is the director of Titanic?", "Titanic director height"} <= texts
    alone = {speaker.question((), "Kate", (1,), random.Random(n), ending) for n in range(200)}
    assert {"How tall is Kate?", "Kate's height?"} <= alone


def test_a_table_of_questions_alone_borrows_the_label_for_a_noun(book):
    phrases = book("directed_by\ten\tWho made {x}?\t\t", "born_in\ten\tWhere was {x} born?\t\t")
    texts = said(phrases, ("directed_by", "born_in"), "Titanic", (1, 1, 1))
    assert any(text.startswith("Where was the ") for text in texts)
