import random

import pytest

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.phrasing import Phrase, PhraseBook, Speaker

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
    return {speaker.question(path, x, sizes, random.Random(seed)) for seed in range(200)}


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
    assert not any("'s birthplace" in text for text in nested)


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
    assert "What is the directed by of Titanic?" in forward
    backward = said(PhraseBook(), ("~directed_by",), "Cameron", (1, 1))
    assert "What has Cameron as its directed by?" in backward
    assert "什么以Cameron为directed by？" in said(
        PhraseBook(), ("~directed_by",), "Cameron", (1, 1), "zh"
    )


def test_braces_in_a_name_are_left_alone():
    assert Phrase("Who made {x}?", "").say("{y} {x}", several=False) == "Who made {y} {x}?"


def test_questions_under_several_paths_make_them_equal(book):
    phrases = book(
        "directed_by born_in\ten\tWhich country made {x}?\t\t",
        "directed_by born_in\ten\tWhere is the director of {x} from?\t\t",
        "starring born_in\ten\tWhich country made {x}?\t\t",
    )
    both = (("directed_by", "born_in"), ("starring", "born_in"))
    assert phrases.equals == {both[0]: both, both[1]: both}
    assert [p.one for p in phrases.shared("en", both[1])] == ["Which country made {x}?"]
    assert phrases.shared("zh", both[1]) == []


def test_the_table_names_examples(book):
    phrases = book("directed_by\ten\tWho directed {x}?\t\ttitanic")
    assert phrases.examples == (("titanic", ("directed_by",)),)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("made_by\ten\tWho made {x}?", "line 2: the graph has no relation 'made_by'; mend the row"),
        ("\ten\tWho made {x}?", "line 2: the graph has no relation ''"),
        ("born_in\ten\tWhere?", r"line 2: the phrase 'Where\?' has no \{x\}"),
        ("born_in\ten\tWhere is {x}?\t\teve", "line 2: the graph has no entity 'eve'"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(book, row, sentence):
    with pytest.raises(FormatError, match=sentence):
        book(row)


def test_a_table_needs_its_columns(tmp_path):
    (tmp_path / "p.tsv").write_text("path\tphrase\nborn_in\t{x}\n")
    with pytest.raises(FormatError, match=r"p.tsv has no column 'language'; it needs path, lang"):
        PhraseBook.read(tmp_path / "p.tsv", GRAPH)


def test_a_table_that_cannot_be_read(tmp_path):
    with pytest.raises(FormatError, match="p.tsv cannot be read"):
        PhraseBook.read(tmp_path / "p.tsv", GRAPH)
    (tmp_path / "p.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError, match="p.tsv cannot be read"):
        PhraseBook.read(tmp_path / "p.tsv", GRAPH)
