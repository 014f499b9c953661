import re

import pytest

from core.plain_text import UNSPACED, joined, language_of, plain, words


@pytest.mark.parametrize("text", ["国", "Who is 乔?", "\u3400", "\uf900", "\u9fff"])
def test_a_text_with_a_chinese_character_is_chinese(text):
    assert language_of(text) == "zh"


@pytest.mark.parametrize("text", ["", "Who?", "ひらがな", "한국", "ä, é", "\u4dc0"])  # a hexagram
def test_any_other_is_taken_for_english(text):
    assert language_of(text) == "en"


def test_scripts_without_spaces_are_told_from_those_with():
    assert re.fullmatch(f"[{UNSPACED}]+", "国ひカ한ไ\U00020000")
    assert not re.search(f"[{UNSPACED}]", "aзé・ _")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Joe_Biden", "joe biden"),
        ("ＪＯＥ－Ｂｉｄｅｎ", "joe biden"),
        ("frederica_of_mecklenburg-strelitz", "frederica of mecklenburg strelitz"),
        ("乔·拜登", "乔 拜 登"),
        ("第3代", "第 3 代"),
        ("Beyonce\u0301", "beyonce"),
        ("STRAẞE Straße", "strasse strasse"),
        ("Bide\u200bn’s", "biden s"),
        ("½ ㎏", "1 2 kg"),
        ("C++", "c + +"),
        ("?!", ""),
    ],
)
def test_plain_form(text, expected):
    assert plain(text) == expected


def test_joined_keeps_blanks_between_spaced_words_only():
    assert joined("乔·拜登 Joe Biden 总统") == "乔拜登 joe biden 总统"


def test_words_know_where_they_stand():
    text = "谁是Joe Biden？"
    assert [text[w.start : w.end] for w in words(text)] == ["谁", "是", "Joe", "Biden"]


def test_a_word_knows_where_it_stands_whatever_becomes_of_its_letters():
    text = "ﬁlm ½ Bjo\u0308rk?"
    places = [(w.plain, text[w.start : w.end]) for w in words(text)]
    assert places == [("film", "ﬁlm"), ("1", "½"), ("2", "½"), ("bjork", "Bjo\u0308rk")]
