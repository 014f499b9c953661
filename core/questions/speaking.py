"""How a relation path is put into words: in phrases, nested, in one of several manners of asking.

Phrases come from the table (`phrasing`) where it has any, else from the relation's label
(`label_phrases`). People do not all ask alike, so the same path is asked

    plainly          Where was the director of Titanic born?
    politely         Could you name the birthplace of the director of Titanic?
    in key words     Titanic director birthplace
    possessively     What is Titanic's director's birthplace?
    topic first      Titanic: where was the director of it born?
    in a hurry       where was the director of titanic born
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cached_property

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.answer_kinds import AnswerKind, answer_kinds
from core.questions.label_phrases import Phrase, label_phrases, plain_nouns
from core.questions.phrasing import PhraseBook
from core.records import TOPIC_MARK, RelationPath, inverse

_WHOLE = 0.75  # share of questions asked by a whole question where there is one
_LONGEST = 0.7  # share of paths spoken by their longest phrase where there is one
_TABLE = 0.85  # share of relations spoken by the table's phrases where it has any

_MANNERS = {
    "plain": 0.5,
    "keywords": 0.13,
    "possessive": 0.09,
    "topic first": 0.1,
    "hurried": 0.12,
    "polite": 0.06,
}
_FRAMES = {
    "en": (
        "Tell me {x}.",
        "Could you name {x}?",
        "Do you know {x}?",
        "I am looking for {x}.",
        "I would like to know {x}.",
        "Please find {x}.",
    ),
    "zh": ("请告诉我{x}。", "你知道{x}吗？", "我想知道{x}。", "帮我查一下{x}。", "请找出{x}。"),
}
_POLITE = {
    "en": (
        "Excuse me, {q}",
        "Hi, {q}",
        "Please tell me: {q}",
        "One question, please: {q}",
        "{Q} Thank you!",
        "I was wondering, {q}",
    ),
    "zh": (
        "请问{q}",
        "请问一下，{q}",
        "麻烦问一下，{q}",
        "打扰了，{q}",
        "{q}谢谢！",
        "想请教一下，{q}",
    ),
}
_THIS: dict[str, dict[AnswerKind, str]] = {
    "en": {"who": "this person", "where": "this place", "when": "that time", "what": "it"},
    "zh": {"who": "这个人", "where": "这个地方", "when": "那个时候", "what": "它"},
}
_BRIEF = {
    "en": {"who": "Who is", "where": "What is", "when": "When is", "what": "What is"},
    "zh": {"who": "是谁", "where": "是哪里", "when": "是什么时候", "what": "是什么"},
}
_ZH_ITS = re.compile(rf"(?:^|(?<=知道)|(?<=告诉我)|(?<=一下)|(?<=找出)){TOPIC_MARK}的")


class Speaker:
    """Puts paths into words in one language, a different way each time."""

    def __init__(self, graph: KnowledgeGraph, book: PhraseBook, language: str) -> None:
        self._graph = graph
        self._book = book
        self._language = language
        self._frame = language if language in _FRAMES else "en"

    @cached_property
    def _asked(self) -> tuple[AnswerKind, ...]:
        return answer_kinds(self._graph)

    def question(
        self,
        path: RelationPath,
        x: str,
        sizes: Sequence[int],
        rng: random.Random,
        ending: Sequence[Phrase] = (),
    ) -> str:
        """A question for what a path reaches from `x`.

        Args:
            path: The relations; none only where there is an ending.
            x: The name of the entity that they start from.
            sizes: Entities in each frontier, `x` first: one more than relations.
            rng: Chooses among the ways to say it.
            ending: Phrases for one more step, which is no relation of the graph.
        """
        pieces, numbers = self._pieces(path, sizes, rng)
        if ending:
            pieces.append(list(ending))
            numbers.append(1)
        asked: AnswerKind = "what" if ending else self._asked[self._graph.relation(path[-1])]
        manner = rng.choices([*_MANNERS], [*_MANNERS.values()])[0]
        text = self._said(manner, pieces, numbers, asked, path, rng)
        if manner in ("hurried", "keywords") and rng.random() < 0.5:
            x = x.lower()
        return text.replace(TOPIC_MARK, x)

    # --- manners ----------------------------------------------------------------------------

    def _said(
        self,
        manner: str,
        pieces: list[list[Phrase]],
        numbers: list[int],
        asked: AnswerKind,
        path: RelationPath,
        rng: random.Random,
    ) -> str:
        """A question with `TOPIC_MARK` for its topic."""
        language = self._frame
        if manner == "keywords":
            return self._keywords(pieces, numbers, rng)
        if manner == "possessive" and (chain := self._possessive(pieces, rng)):
            brief = _BRIEF[language][asked]
            ways = [f"{chain}?", f"{brief} {chain}?", f"{brief} {chain}?"]
            if language == "zh":
                ways = [f"{chain}？", f"{chain}{brief}", f"{chain}{brief}呢？"]
            return rng.choice(ways)
        whole = self._whole(pieces, numbers, rng)
        if manner == "topic first":
            kind = self._asked[self._graph.relation(inverse(path[0]))] if path else "what"
            return self._topic_first(whole, _THIS[language][kind], rng)
        if manner == "hurried":
            return whole.lower().rstrip("?.？。！!")
        if manner == "polite" and whole.endswith(("?", "？")):
            q = whole if whole.startswith(TOPIC_MARK) else whole[:1].lower() + whole[1:]
            return rng.choice(_POLITE[language]).replace("{q}", q).replace("{Q}", whole)
        return whole

    def _whole(self, pieces: list[list[Phrase]], numbers: list[int], rng: random.Random) -> str:
        """A question that stands by itself, or a noun phrase in a frame."""
        *before, last = pieces
        inner = self._noun(before, numbers, rng)
        bare = not before
        whole = [phrase for phrase in last if phrase.is_question]
        nouns = [phrase for phrase in last if not phrase.is_question]
        if whole and (not nouns or rng.random() < _WHOLE):
            return _sentence(rng.choice(_apt(whole, bare)).say(inner, numbers[-2] > 1))
        outer = rng.choice(_apt(nouns, bare)).say(inner, numbers[-1] > 1)
        return _sentence(rng.choice(_FRAMES[self._frame]).replace("{x}", outer))

    def _noun(self, pieces: list[list[Phrase]], numbers: list[int], rng: random.Random) -> str:
        """A noun phrase for what the pieces reach from the topic."""
        said = TOPIC_MARK
        for nth, phrases in enumerate(pieces):
            nouns = [phrase for phrase in phrases if not phrase.is_question]
            nouns = [one for one in nouns if not one.one.startswith(("what ", "who "))] or nouns
            said = rng.choice(_apt(nouns, nth == 0)).say(said, numbers[nth + 1] > 1)
        return said

    def _keywords(self, pieces: list[list[Phrase]], numbers: list[int], rng: random.Random) -> str:
        """Nouns in a row, as they are typed into a search box."""
        said = TOPIC_MARK
        for nth, phrases in enumerate(pieces):
            if short := plain_nouns(phrases):
                said = f"{said} {rng.choice(short)}"
            else:
                said = self._noun([phrases], numbers[nth:], rng).replace(TOPIC_MARK, said)
        return re.sub(r"\b(the|a|an) ", "", said).rstrip("?.？。")

    def _possessive(self, pieces: list[list[Phrase]], rng: random.Random) -> str:
        """`Titanic's director's birthplace`; empty where some piece has no plain noun."""
        said = TOPIC_MARK
        for phrases in pieces:
            if not (short := plain_nouns(phrases)):
                return ""
            link = "的" if self._language == "zh" else "'s "
            said = f"{said}{link}{rng.choice(short)}"
        return said

    def _topic_first(self, whole: str, this: str, rng: random.Random) -> str:
        """`Titanic: who directed it?`."""
        if self._language == "zh":
            rest = _ZH_ITS.sub("", whole, count=1)
            return f"{TOPIC_MARK}{rng.choice('，： ')}{rest.replace(TOPIC_MARK, this)}"
        begins = whole.startswith(TOPIC_MARK)
        its = "its" if this == "it" else f"{this}'s"
        rest = whole.replace(f"{TOPIC_MARK}'s", its).replace(TOPIC_MARK, this)
        rest = rest if begins or rest.startswith("I ") else rest[:1].lower() + rest[1:]
        return f"{TOPIC_MARK}{rng.choice((', ', ': ', ' - '))}{rest}"

    # --- pieces -----------------------------------------------------------------------------

    def _pieces(
        self, path: RelationPath, sizes: Sequence[int], rng: random.Random
    ) -> tuple[list[list[Phrase]], list[int]]:
        """The phrases of each piece of a path, and how many entities stand before and behind."""
        pieces, numbers, begin = [], [sizes[0]], 0
        for end in self._cuts(path, rng):
            pieces.append(self._words(path[begin:end], rng))
            numbers.append(sizes[end])
            begin = end
        return pieces, numbers

    def _words(self, path: RelationPath, rng: random.Random) -> list[Phrase]:
        """The phrases for a path that is spoken in one piece; a noun is always among them."""
        shared = self._book.shared(self._language, path)
        known = self._book.phrases.get((self._language, path), [])
        found = [phrase for phrase in known if phrase not in shared]
        if found and (len(path) > 1 or rng.random() < _TABLE):
            nouns = any(not phrase.is_question for phrase in found)
            return found if nouns else [*found, *self._labelled(path[0], nouns=True)]
        return self._labelled(path[0])

    def _labelled(self, relation: str, *, nouns: bool = False) -> list[Phrase]:
        code = self._graph.relation(relation)
        label = self._graph.relation_label(code, self._language).removeprefix("~")
        backward = code >= self._graph.relation_count
        found = label_phrases(label, self._language, backward=backward, asked=self._asked[code])
        return [phrase for phrase in found if not (nouns and phrase.is_question)]

    def _cuts(self, path: RelationPath, rng: random.Random) -> list[int]:
        """Ends of the pieces that a path is spoken in: the longest phrases first, mostly.

        A hop and its way back ("other films by the director of {x}") are one piece always.
        """
        cuts, begin = [], 0
        while begin < len(path):
            ends = range(len(path), begin + 1, -1)
            known = [end for end in ends if self._book.knows(self._language, path[begin:end])]
            back = path[begin + 1 : begin + 2] == (inverse(path[begin]),)
            take = bool(known) and (back or rng.random() < _LONGEST)
            begin = known[0] if take else begin + 1
            cuts.append(begin)
        return cuts


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _apt(phrases: list[Phrase], bare: bool) -> list[Phrase]:
    """The phrases that suit what they speak of, a bare name or a long noun phrase.

    A long one goes at the end or the front: "the job of the director of Titanic", not "the job that
    the director of Titanic has", let alone "the director of Titanic's job".
    """
    if bare:
        return phrases
    plain = [p for p in phrases if "{x}'s" not in p.one and "{x}-" not in p.one]
    smooth = [p for p in plain if p.is_question or p.one.startswith("{x}") or p.one.endswith("{x}")]
    return smooth or plain or phrases
