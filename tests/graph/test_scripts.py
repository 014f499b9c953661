import re

import pytest

from core.graph.scripts import UNSPACED, language_of


@pytest.mark.parametrize("text", ["国", "Who is 乔?", "\u3400", "\uf900", "\u9fff"])
def test_a_text_with_a_chinese_character_is_chinese(text):
    assert language_of(text) == "zh"


@pytest.mark.parametrize("text", ["", "Who?", "ひらがな", "한국", "ä, é", "\u4dc0"])  # a hexagram
def test_any_other_is_taken_for_english(text):
    assert language_of(text) == "en"


def test_scripts_without_spaces_are_told_from_those_with():
    assert re.fullmatch(f"[{UNSPACED}]+", "国ひカ한ไ\U00020000")
    assert not re.search(f"[{UNSPACED}]", "aзé・ _")
