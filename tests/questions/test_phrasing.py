import pytest

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.label_phrases import Phrase
from core.questions.phrasing import PhraseBook

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


def test_a_part_of_the_phrases_is_kept_and_every_path_can_be_spoken_in_either():
    same = [Phrase(f"Where, in the words of {n}, is {{x}}?", "") for n in range(30)]
    nouns = [Phrase(f"the place of {{x}} {n}", "") for n in range(30)]
    whole = {
        ("en", ("a",)): [Phrase("the a of {x}", "the a's of {x}"), *nouns],
        ("en", ("b", "c")): [*same, Phrase("the bc of {x}", "")],
        ("en", ("c", "b")): [*same, Phrase("the cb of {x}", "")],
    }
    learned, kept = PhraseBook(whole, (("x", ("a",)),)).parted()
    assert learned.examples == kept.examples == (("x", ("a",)),)
    for key, phrases in whole.items():
        mine, other = learned.phrases[key], kept.phrases[key]
        assert mine[0] == phrases[0]
        assert set(mine) | set(other) == set(phrases)
        assert any(not one.is_question for one in mine)
        assert any(not one.is_question for one in other)
        assert not {one for one in mine if one.is_question} & set(other)
    kept_same = [p for p in kept.phrases["en", ("b", "c")] if p.is_question]
    assert kept_same and kept_same == [p for p in kept.phrases["en", ("c", "b")] if p.is_question]
    assert learned.shared("en", ("b", "c")) == [p for p in same if p not in kept_same]
