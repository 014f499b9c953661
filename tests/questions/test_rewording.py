"""Changes that mean nothing, at random but repeatable, and never to the topic's mention."""

import random
from collections import Counter

import pytest

from core.plain_text import plain
from core.questions.rewording import reworded
from core.records import TOPIC_MARK

ENGLISH = f"Could you name the director of {TOPIC_MARK}'s sequel, please?"
CHINESE = f"请问{TOPIC_MARK}的导演出生在哪个城市？"
TEXTS = (ENGLISH, CHINESE, f"Who directed {TOPIC_MARK}?", f"{TOPIC_MARK}是谁拍的", "hi there")


def many(text, count=1000):
    return [reworded(text, random.Random(seed)) for seed in range(count)]


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_chance_gives_the_same_text(text):
    assert many(text, 50) == many(text, 50)


@pytest.mark.parametrize("text", TEXTS)
def test_the_topic_is_mentioned_as_before(text):
    assert {one.count(TOPIC_MARK) for one in many(text)} == {text.count(TOPIC_MARK)}


@pytest.mark.parametrize("text", TEXTS)
def test_something_is_left_to_ask(text):
    assert all(plain(one.replace(TOPIC_MARK, "")) for one in many(text))


@pytest.mark.parametrize(("text", "least"), [(ENGLISH, 400), (CHINESE, 150)])
def test_there_are_many_ways(text, least):
    assert len({*many(text)}) > least


def test_english_changes_of_each_kind():
    found = {*many(f"Who's the director of {TOPIC_MARK}?", 4000)}
    for one in (
        f"WHO'S THE DIRECTOR OF {TOPIC_MARK}?",
        f"who's the director of {TOPIC_MARK}?",
        f"Who's the director of {TOPIC_MARK}",
        f"Who’s the director of {TOPIC_MARK}?",
        f"Who's  the  director  of  {TOPIC_MARK}?",
        f"Who's the drector of {TOPIC_MARK}?",
        f"Who's the directtor of {TOPIC_MARK}?",
        f"Who's the dierctor of {TOPIC_MARK}?",
        f"please, who's the director of {TOPIC_MARK}?",
        f"Who's the director of {TOPIC_MARK}, please?",
        f"Who's director of {TOPIC_MARK}",
        f"{TOPIC_MARK}: who's the director of it?",
    ):
        assert one in found, one


def test_chinese_changes_of_each_kind():
    found = {*many(CHINESE, 4000)}
    for one in (
        f"{TOPIC_MARK}的导演出生在哪个城市？",
        f"请问{TOPIC_MARK}的导演出生在哪个城市",
        f"请问{TOPIC_MARK}的导演出生在哪个城市?",
        f"请问 {TOPIC_MARK} 的导演出生在哪个城市？",
        f"请问{TOPIC_MARK}的演导出生在哪个城市？",
        f"{TOPIC_MARK}，请问导演出生在哪个城市？",
        f"{TOPIC_MARK} 导演出生在哪个城市",
    ):
        assert one in found, one


def test_no_chinese_character_is_invented():
    added = Counter("请问一下你好麻烦想那个能告诉我吗求助谢啦呀啊呢知道来着告知它")
    for one in many(f"{TOPIC_MARK}的导演出生在哪个城市"):
        strange = {letter for letter in one if "\u4e00" <= letter <= "\u9fff"}
        assert strange <= {*"的导演出生在哪个城市", *added}
