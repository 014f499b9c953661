"""A question as it might have been typed: what people change without meaning anything else.

For training: a model that has met "who directed it", "WHO DIRECTED IT??" and "please, who dircted
it" is not thrown off by a comma. Nothing here knows synonyms or the graph, and no letter of the
topic's mention, which `TOPIC_MARK` stands for, is ever touched.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from core.plain_text import language_of
from core.records import TOPIC_MARK

_MOST = 3  # changes to one question

_WORD = re.compile(r"[A-Za-z]{4,}")
_END = re.compile(r"[\s.?!。？！]+$")
_HAN_PAIR = re.compile(r"[\u4e00-\u9fff](?=[\u4e00-\u9fff])")

_ENDS = {
    "en": ("", "", "?", ".", "!", "??", " ?", "..."),
    "zh": ("", "", "？", "。", "?", "？？", "！"),
}
_BEFORE = {
    "en": (
        "please, ",
        "please tell me, ",
        "hi, ",
        "hello! ",
        "excuse me, ",
        "hey ",
        "can you tell me: ",
        "quick question: ",
        "so ",
        "ok, ",
        "do you happen to know: ",
        "I'd like to know: ",
    ),
    "zh": (
        "请问",
        "请问一下，",
        "你好，",
        "麻烦问一下，",
        "想问问，",
        "那个，",
        "能告诉我吗，",
        "求助，",
    ),
}
_AFTER = {
    "en": (
        " please",
        ", please",
        " thanks",
        " thx",
        " thank you",
        ", do you know",
        " pls",
        " anyone",
    ),
    "zh": ("，谢谢", "，谢谢啦", "呀", "啊", "呢", "，知道吗", "来着", "，求告知"),
}
_COURTESY = {
    "en": re.compile(
        r"^(?:(?:hi|hello|hey|excuse me|ok|so|please|quick question|(?:please )?tell me|could you "
        r"(?:please )?(?:name|tell me)|can you (?:please )?(?:name|tell me)|do you know|"
        r"i am looking for|i would like to know|please find|one question, please|"
        r"i was wondering)[\s,:!]+)+"
        r"(?=\S)|[\s,]*(?:please|thanks?(?: you)?|thx|pls)[.!]*$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:请问一下|请问|你好|麻烦问一下|打扰了|想请教一下|请告诉我|你知道|我想知道|帮我查一下|请找出)[，,：:！!]?"
        r"(?=.)|[，,]?谢谢[啦了]?[！!。]?$"
    ),
}
_FUNCTION = {
    "en": re.compile(
        r"\b(?:the|an?|is|are|was|were|does|do|did|has|have|had|been|that|which is)\b\s*",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"请问|[的了是吗呢吧啊呀]"),
}
_WH = re.compile(r"^(?:who|what|which|whose)\b\s*", re.IGNORECASE)


def reworded(text: str, rng: random.Random) -> str:
    """A text with one to three changes of the kinds that people make; the same `rng`, the same.

    Args:
        text: A question in English or Chinese, best with `TOPIC_MARK` for its topic's mention.
        rng: Chooses what is changed.
    """
    language = language_of(text)
    for change in rng.sample(_CHANGES, rng.randint(1, _MOST)):
        changed = change(text, language, rng)
        if changed.replace(TOPIC_MARK, "").strip(" ?.？。！!"):
            text = changed
    return text


# --- what may change ----------------------------------------------------------------------------


def _case(text: str, language: str, rng: random.Random) -> str:
    return rng.choice((str.lower, str.lower, str.upper, str.title))(text)


def _end(text: str, language: str, rng: random.Random) -> str:
    """Another mark at the end, or none."""
    return _END.sub("", text) + rng.choice(_ENDS[language])


def _marks(text: str, language: str, rng: random.Random) -> str:
    """Typographic quotes, commas left out, other widths."""
    way = rng.randrange(3)
    if way == 0:
        return text.replace("'", "’").replace('"', "”") if "'" in text else text.replace("’", "'")
    if way == 1:
        return re.sub(r"[,，:：]", " " if language == "en" else "", text)
    wide = {ord("?"): "？", ord("!"): "！", ord(","): "，", ord(":"): "："}
    narrow = {ord(value): chr(key) for key, value in wide.items()}
    return text.translate(narrow if language == "zh" else wide)


def _blanks(text: str, language: str, rng: random.Random) -> str:
    """Blanks too many: doubled, or around the text; in Chinese around the topic too."""
    if language == "zh":
        return rng.choice((f" {text}", text.replace(TOPIC_MARK, f" {TOPIC_MARK} ").strip()))
    return rng.choice((text.replace(" ", "  "), f"  {text} ", text.replace(" ", "  ", 1)))


def _typo(text: str, language: str, rng: random.Random) -> str:
    """One letter of a longer word swapped with the next, left out, or doubled.

    In Chinese two characters change places, or one is doubled: a slip of the fingers would bring
    another character, and none is invented here.
    """
    pattern = _HAN_PAIR if language == "zh" else _WORD
    found = list(pattern.finditer(text))
    if not found:
        return text
    word = rng.choice(found)
    at = word.start() if language == "zh" else rng.randrange(word.start() + 1, word.end() - 1)
    ways = [text[at + 1] + text[at], text[at] + text[at] + text[at + 1]]
    if language != "zh":
        ways.append(text[at + 1])
    return text[:at] + rng.choice(ways) + text[at + 2 :]


def _courtesy(text: str, language: str, rng: random.Random) -> str:
    """Kind words left out where there are some, else put in."""
    bare = _COURTESY[language].sub("", text)
    if bare != text:
        return bare
    if rng.random() < 0.6:
        return rng.choice(_BEFORE[language]) + _lowered(text)
    end = _END.search(text)
    body, mark = (text[: end.start()], end[0]) if end else (text, "")
    return body + rng.choice(_AFTER[language]) + mark


def _telegraphic(text: str, language: str, rng: random.Random) -> str:
    """Words left out that only hold the others together."""
    bare = _FUNCTION[language].sub("" if language == "en" else " ", text)
    bare = _WH.sub("", bare) if rng.random() < 0.5 else bare
    return " ".join(_END.sub("", bare).split())


def _topic_first(text: str, language: str, rng: random.Random) -> str:
    """The topic, and then the question about it."""
    before, mark, after = text.partition(TOPIC_MARK)
    if not mark or TOPIC_MARK in after:
        return text
    if language == "zh":
        courteous = not _COURTESY["zh"].sub("", f"{before}.").rstrip(".")
        its = courteous and after.startswith("的")
        if not (before or its):
            return text
        rest = before + after[1:] if its else f"{before}它{after}"
        return f"{TOPIC_MARK}{rng.choice('，： ')}{rest}"
    if not before.strip():
        return text
    rest = before + rng.choice(("it", "that", "this")) + after
    return f"{TOPIC_MARK}{rng.choice((', ', ': ', ' - ', ' '))}{_lowered(rest)}"


def _lowered(text: str) -> str:
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


_CHANGES: tuple[Callable[[str, str, random.Random], str], ...] = (
    _case,
    _end,
    _marks,
    _blanks,
    _typo,
    _courtesy,
    _telegraphic,
    _topic_first,
)
