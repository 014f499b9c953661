"""The path strip: order, verdicts in sign and word, and labels that stay text."""

from html.parser import HTMLParser

import pytest

from core.results.answer import JudgedHop
from core.results.named import Fact, Named
from core.verify.checking import HopStatus
from pages.parts.pictures.path_strip import SIGNS, path_words, relation_arrow, strip_html

NASTY = "<img src=x onerror=alert(1)> *_[]$`: &amp; \"'"


def hop(head, relation, tail, verdict=None, nearest=None):
    named = {"head": head, "relation": relation, "tail": tail}
    ends = {part: Named(id=name, label=name) for part, name in named.items()}
    if verdict is None:
        return Fact(**ends)
    return JudgedHop(**ends, verdict=verdict, nearest=nearest)


class Reader(HTMLParser):
    """The tags and the text of some HTML, styles left out."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.said, self.styled = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.styled = tag == "style"
        assert {name for name, _ in attrs} <= {"class", "data-testid"}

    def handle_endtag(self, tag):
        self.styled = False

    def handle_data(self, data):
        if not self.styled:
            self.said.append(data)


def read(hops):
    return Reader(strip_html(hops))


def test_the_worked_example_reads_in_order():
    said = read([hop("Joe Biden", "born_in", "Scranton"), hop("Scranton", "city_of", "USA")]).said
    assert said == ["Joe Biden", "born_in →", "Scranton", "city_of →", "USA"]


def test_a_relation_walked_backward_points_back():
    assert relation_arrow("~directed_by") == "← directed_by"
    assert relation_arrow("directed_by") == "directed_by →"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("∄mayor", "no mayor here"),
        ("∄~mayor", "no ← mayor here"),
        ("∄", "none of the graph's relations"),
    ],
)
def test_what_is_looked_for_in_vain_is_told_in_words(label, words):
    assert relation_arrow(label) == words
    assert path_words(["born in", label]) == f"born in → {words}"
    assert words in read([hop("Scranton", label, "", verdict="verified_absent")]).said


def test_every_verdict_has_a_sign_and_a_word():
    assert set(SIGNS) == {status.value for status in HopStatus}
    assert len(set(SIGNS.values())) == len(SIGNS)


@pytest.mark.parametrize("verdict", SIGNS)
def test_a_verdict_is_told_without_colour(verdict):
    said = read([hop("a", "r", "b", verdict=verdict)]).said
    assert SIGNS[verdict] in said
    assert any(len(words.strip()) > 5 for words in said[2:-1])


def test_the_nearest_edge_is_offered():
    nearest = hop("Joe Biden", "~born_in", "Scranton")
    said = read([hop("Joe Biden", "birth_of", "", verdict="wrong_relation", nearest=nearest)]).said
    assert said[-1] == "The graph does say: Joe Biden · ← born_in · Scranton"
    assert "?" in said


@pytest.mark.parametrize("verdict", [None, "wrong_relation"])
def test_labels_stay_text(verdict):
    nasty = hop(NASTY, NASTY, "b", verdict=verdict, nearest=hop(NASTY, NASTY, NASTY))
    found = read([nasty, hop("b", NASTY, NASTY)])
    assert set(found.tags) <= {"style", "div", "span", "i"}
    assert found.said.count(NASTY) == 2
