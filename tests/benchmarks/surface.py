"""The same questions, typed otherwise: what a comma, a slip or a kind word costs.

    python -m tests.benchmarks.surface WORKSPACE MODEL [MODEL ...] [--half tune] [--alone]

The natural questions about the sample graph that have an answer, each in every way below, Hits@1 in
English / Chinese. Topics are given, so that what is measured is how the question is read and not
how its topic is found, and the topic's own letters are left alone. The ways are written here and
not taken from what models learn from (`core.questions.rewording`); slips are keys beside the right
one, which training never makes.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.evaluation.answers import hits_at_1
from core.graph.linking import Linker, mask
from core.records import TOPIC_MARK, Question
from core.workspace import Workspace
from tests.benchmarks.own_words import Respondent, questions

SEED = 0
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
ALIKE = dict(zip("的是在哪导演电影谁国家出生人", "得事再那倒眼店映水果加初声仁", strict=True))
FRAMES = {
    "en": "I was talking to a friend and we could not remember: {}",
    "zh": "我和朋友聊天时想不起来了：{}",
}


def main() -> None:
    """Print a row for each way to type, with a column for each model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--half", default="tune", choices=("tune", "report"))
    parser.add_argument("--alone", action="store_true", help="students do not listen")
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    asked = [Respondent(workspace, name, given.alone) for name in given.models]
    linker = asked[0].linker
    found = [
        question
        for language in ("en", "zh")
        for question in questions(f"sample.{language}.jsonl", given.half, linker)
    ]
    print(f"| typed | {' | '.join(one.name for one in asked)} |")
    print("|---|" + "---|" * len(asked))
    for name, way in WAYS.items():
        rng = random.Random(SEED)
        typed = [retyped(question, way, linker, rng) for question in found]
        cells = [score(one, typed) for one in asked]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def retyped(
    question: Question,
    way: Callable[[str, str, random.Random], str],
    linker: Linker,
    rng: random.Random,
) -> Question:
    """A question in another way; its topic's mention stays as it is where it is found."""
    topic = linker.graph.entity(question.topics[0])
    masked = mask(linker, question.text, topic, TOPIC_MARK)
    before, mark, after = masked.partition(TOPIC_MARK)
    mention = question.text[len(before) : len(question.text) - len(after)] if mark else ""
    text = way(masked, question.language, rng).replace(TOPIC_MARK, mention)
    return replace(question, text=text)


def score(one: Respondent, asked: list[Question]) -> str:
    """Hits@1 in English / Chinese."""
    predicted = one.predictions(asked)
    cells = []
    for language in ("en", "zh"):
        hits = [
            hits_at_1(question, prediction)
            for question, prediction in zip(asked, predicted, strict=True)
            if question.language == language
        ]
        cells.append(f"{sum(hits) / len(hits):.3f}")
    return " / ".join(cells)


# --- the ways -----------------------------------------------------------------------------------


def _slip(text: str, language: str, rng: random.Random) -> str:
    """In one longer word the key beside the right one; in Chinese a character that sounds alike."""
    if language == "zh":
        places = [n for n, character in enumerate(text) if character in ALIKE]
        if not places:
            return text
        at = rng.choice(places)
        return text[:at] + ALIKE[text[at]] + text[at + 1 :]
    words = list(re.finditer(r"[A-Za-z]{4,}", text))
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end())
    row = next(keys for keys in KEYS if text[at].lower() in keys)
    place = row.index(text[at].lower())
    beside = row[place - 1] if place else row[1]
    return text[:at] + beside + text[at + 1 :]


def _two_slips(text: str, language: str, rng: random.Random) -> str:
    return _slip(_slip(text, language, rng), language, rng)


def _framed(text: str, language: str, rng: random.Random) -> str:
    return FRAMES[language].format(text)


def _wide(text: str, language: str, rng: random.Random) -> str:
    wide = {n: n + 0xFEE0 for n in range(0x21, 0x7F) if chr(n) not in TOPIC_MARK}
    return text.translate(wide)


_MARK = re.compile(r"\s*[?？.。!！]+$")

WAYS: dict[str, Callable[[str, str, random.Random], str]] = {
    "as is": lambda text, language, rng: text,
    "lower case": lambda text, language, rng: text.lower(),
    "ALL CAPS": lambda text, language, rng: text.upper(),
    "without its question mark": lambda text, language, rng: _MARK.sub("", text),
    "a full stop for it": lambda text, language, rng: _MARK.sub("", text) + ".",
    "three of them": lambda text, language, rng: _MARK.sub("", text) + "???",
    "curly apostrophes": lambda text, language, rng: text.replace("'", "’"),
    "doubled blanks": lambda text, language, rng: text.replace(" ", "  "),
    "full-width letters": _wide,
    '"please" after it': lambda text, language, rng: (
        _MARK.sub("", text) + ("，谢谢" if language == "zh" else ", please")
    ),
    "in a polite frame": _framed,
    "one slip": _slip,
    "two slips": _two_slips,
}


if __name__ == "__main__":
    main()
