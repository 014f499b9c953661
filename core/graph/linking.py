"""Which entities a question mentions, by name.

Labels, aliases and ids are compared in plain words (see `plain_text`), hence a Chinese name is
found anywhere in a sentence and an English one only at the ends of words; they are found as people
say them, too (see `name_forms`). A name without any word, such as `!!!`, is found as it stands.
What the question merely resembles is for `search`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.name_forms import other_forms
from core.plain_text import plain, words

Match = Literal["exact", "alias", "spelling", "vector"]

CERTAIN = 0.9
"""A mention by name that scores less is a word that may or may not be meant as a name."""

MOST_MENTIONS = 20
"""Mentions that are kept of a text."""

MOST_READ = 8192
"""Texts whose mentions are at hand: a question is read by teacher, student and scores alike."""

_NAME, _SMALL_WORD, _COMMON_WORDS = range(3)

_SIGNS = re.compile(r"[^\w\s]+")
_CLOSING = "?!.,;:？！。，；："

_APOSTROPHES = "'’‘ʼ＇`"

_QUESTION_WORDS = """
a an the of in on at by to for from with and or as is are was were be been did do does has have had
what which who whom whose where when why how many much that this these those it its he his she her
they their there s one ones name names person people thing kind type other same some any all also
first last film films movie movies year years country city
的 是 在 了 和 与 谁 哪 哪里 哪个 哪些 什么 什 么 多少 几 吗 呢 人 有 为 被 由 他 她 它 们 这 那 个
国家 城市 年 电影 名字 请问 知道 你知道 有谁知道
"""

COMMON = frozenset(_QUESTION_WORDS.split())
"""An entity of such a name is taken only where nothing better stands."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a question that names an entity.

    Attributes:
        entity: Entity number.
        start: Where the stretch begins in the question.
        end: Where it ends (exclusive).
        surface: The stretch as written.
        match: `exact` a label, or an id where there is no label; `alias` an alias, or the id of a
            labelled entity; `spelling` is nearly spelled like a name (see `spelling`); `vector`
            resembles one (see `search`).
        score: 1 for exact, 0.9 for alias; times 0.8 for a small word where the name is written
            otherwise (`star` for `Star!`), times 0.5 for common words. For the other two,
            how near it comes.
    """

    entity: int
    start: int
    end: int
    surface: str
    match: Match
    score: float


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of a text that is a name; `rank` orders as `Linker.link` says."""

    start: int
    end: int
    name: str
    rank: int


class Linker:
    """All names of a graph, ready to be found in questions.

    Holds one dictionary entry per distinct name: about 200 bytes each.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph
        self._named: dict[str, tuple[int, ...]] = {}
        self._aliased: dict[str, tuple[int, ...]] = {}
        self._longest: dict[str, int] = defaultdict(int)  # words of the longest name, by first word
        names = list(chain(labels_and_aliases(graph), ids(graph)))
        for name, entity, is_alias in names:
            self._add(plain(name, of_names=True) or name.strip(), entity, is_alias)
        for name, entity, _ in names:
            for form in other_forms(name):
                self._add(plain(form, of_names=True), entity, is_alias=True)
        self._relation_phrases = _relation_phrases(graph)
        self._read: dict[str, LinkedText] = {}

    def over(self, graph: KnowledgeGraph) -> Linker:
        """The same for a graph with the same names, see `KnowledgeGraph.has_names_of`."""
        linker = copy(self)
        linker.graph = graph
        linker._read = {}  # namesakes are ordered by the edges that they have here
        return linker

    def link(self, text: str, limit: int = 5) -> tuple[Mention, ...]:
        """Entities that a question mentions, best first.

        A mention inside a better one does not count. Best is: a name by its looks (several words,
        or a capital) before a single small word, and a common one with the name's capital, before
        common words; longest; label before alias;
        one whose other name, such as `It (film)`, has more words of the text; written alike; most
        edges. Entities that share their name are given all or none, so there may be more than
        `limit`.
        """
        free = np.ones(len(text), bool)
        said = frozenset(word.plain for word in words(text, of_names=True))
        chosen: list[Mention] = []
        for span in sorted(self._spans(text), key=lambda span: (span.rank, span.start - span.end)):
            if len(chosen) >= limit:
                break
            if free[span.start : span.end].all():
                free[span.start : span.end] = False
                chosen += self._namesakes(span, text[span.start : span.end], said)
        return tuple(chosen)

    def read(self, text: str) -> LinkedText:
        """A text with all that may be asked of its mentions."""
        found = self._read.get(text)
        if found is None:  # several threads may come here: none reads what another just cleared
            found = LinkedText(text, self.link(text, limit=MOST_MENTIONS))
            if len(self._read) >= MOST_READ:
                self._read.clear()
            self._read[text] = found
        return found

    def is_common(self, inside: list[str]) -> bool:
        """Whether words in plain form are but common words, or part of a relation's name."""
        return (
            COMMON.issuperset(inside)
            or "".join(inside) in COMMON
            or " ".join(inside) in self._relation_phrases
        )

    def _add(self, name: str, entity: int, is_alias: bool) -> None:
        if not name:
            return
        place = self._aliased if is_alias else self._named
        if entity in self._named.get(name, ()) or entity in place.get(name, ()):
            return
        place[name] = (*place.get(name, ()), entity)
        first, *rest = name.split(" ")
        self._longest[first] = max(self._longest[first], 1 + len(rest))

    def _spans(self, text: str) -> Iterator[_Span]:
        """Every stretch of a text that is a name, overlapping or not."""
        yield from self._signs(text)
        found = words(text, of_names=True)
        starts = [text[word.start] for word in found]
        is_title = all(not start.isalpha() or start.isupper() for start in starts)
        for first, word in enumerate(found):
            if word.plain == "s" and word.start and text[word.start - 1] in _APOSTROPHES:
                continue  # the possessive, not a name
            reach = min(self._longest.get(word.plain, 0), len(found) - first)
            for count in range(reach, 0, -1):
                inside = [w.plain for w in found[first : first + count]]
                end = found[first + count - 1].end
                if not self._is_name(inside) and count > 1 and text[end - 1] in "sS":
                    inside[-1] = inside[-1][:-1]  # "joe bidens wife"
                    end -= 1
                if self._is_name(inside):
                    surface = text[word.start : end]
                    rank = self._rank(inside, surface)
                    if (
                        rank == _COMMON_WORDS
                        and first
                        and not is_title
                        and self._is_proper(surface)
                    ):
                        rank = _SMALL_WORD
                    yield _Span(word.start, end, " ".join(inside), rank)

    def _signs(self, text: str) -> Iterator[_Span]:
        """Names without any word; what closes a sentence, or stands behind a word, is none."""
        last = len(text.rstrip())
        for found in _SIGNS.finditer(text):
            run, begin = found[0], found.start()
            for sign in (run, run[:-1], run.rstrip(_CLOSING)):
                closes = len(run) == 1 and found.end() == last
                behind_word = begin > 0 and not text[begin - 1].isspace()
                if sign in self._named and not (sign[0] in _CLOSING and (closes or behind_word)):
                    yield _Span(begin, begin + len(sign), sign, _SMALL_WORD)
                    break

    def _is_proper(self, surface: str) -> bool:
        """Whether a common word is written as a name is, with its capital."""
        bearers = self._named.get(plain(surface, of_names=True), ())
        return surface != surface.lower() and any(surface in self._written(one) for one in bearers)

    def _is_name(self, inside: list[str]) -> bool:
        name = " ".join(inside)
        return name in self._named or name in self._aliased

    def _rank(self, inside: list[str], surface: str) -> int:
        if self.is_common(inside):
            return _COMMON_WORDS
        return _SMALL_WORD if len(inside) == 1 and surface.islower() else _NAME

    def _namesakes(self, span: _Span, surface: str, said: frozenset[str]) -> list[Mention]:
        """All entities of a name, label before alias, better said, written alike, most edges."""
        ranked: list[tuple[bool, int, bool, int, int]] = []
        for is_alias, names in ((False, self._named), (True, self._aliased)):
            for entity in names.get(span.name, ()):
                unlike = surface not in self._written(entity)
                degree = int(self.graph.degree(np.array([entity]))[0])
                ranked.append((is_alias, -self._said(entity, span, said), unlike, -degree, entity))
        mentions = []
        for is_alias, _, unlike, _, entity in sorted(ranked):
            match: Match = "alias" if is_alias else "exact"
            score = 0.9 if is_alias else 1.0
            if span.rank == _COMMON_WORDS:
                score *= 0.5
            elif span.rank == _SMALL_WORD and unlike:
                score *= 0.8
            mentions.append(Mention(entity, span.start, span.end, surface, match, score))
        return mentions

    def _said(self, entity: int, span: _Span, said: frozenset[str]) -> int:
        """How many words of a text say which bearer of a name is meant.

        Those that another name of the entity has beside this one: "the novel Emma" means what is
        also called `Emma (novel)`.
        """
        shared = set(span.name.split(" "))
        aliases = self.graph.column("entities", "aliases")
        others = aliases[entity].as_py() or () if aliases else ()
        names = (
            set(plain(name, of_names=True).split(" ")) for name in (*self._written(entity), *others)
        )
        return max((len((name - shared) & said) for name in names if name > shared), default=0)

    def _written(self, entity: int) -> set[str]:
        labels = {self.graph.label(entity, language) for language in self.graph.languages}
        return labels | {self.graph.entity_id(entity)}


@dataclass(frozen=True, slots=True)
class LinkedText:
    """A text with the entities that it mentions, as `Linker.link` orders them: linked only once."""

    text: str
    mentions: tuple[Mention, ...]

    def first(self, limit: int) -> tuple[Mention, ...]:
        """What `Linker.link` gives for a smaller limit: whole stretches until there are enough."""
        begins: dict[int, int] = {}
        for number, mention in enumerate(self.mentions):
            begins.setdefault(mention.start, number)
        return tuple(m for m in self.mentions if begins[m.start] < limit)

    def masked(self, entity: int, mark: str) -> str:
        """The text with an entity's mention replaced by a mark; as it is if it names it otherwise.

        What a thing is called is no evidence of what is asked about it.
        """
        for mention in self.mentions:
            if mention.entity == entity:
                return self.text[: mention.start] + mark + self.text[mention.end :]
        return self.text


def mask(linker: Linker, text: str, entity: int, mark: str) -> str:
    """A text of which nothing else is asked, masked; see `LinkedText.masked`."""
    return linker.read(text).masked(entity, mark)


def labels_and_aliases(graph: KnowledgeGraph) -> Iterator[tuple[str, int, bool]]:
    """Every name that is not an id, its entity, and whether it is an alias: labels first."""
    for language in graph.languages:
        labels = graph.column("entities", f"label:{language}")
        for entity, label in enumerate(labels.to_pylist() if labels else ()):
            if label:
                yield label, entity, False
    aliases = graph.column("entities", "aliases")
    for entity, others in enumerate(aliases.to_pylist() if aliases else ()):
        for alias in others or ():
            yield alias, entity, True


def ids(graph: KnowledgeGraph) -> Iterator[tuple[str, int, bool]]:
    """Every id, its entity, and whether that entity has a label in some language."""
    labelled = np.zeros(graph.entity_count, bool)
    for language in graph.languages:
        if (labels := graph.column("entities", f"label:{language}")) is not None:
            labelled |= np.array([bool(label) for label in labels.to_pylist()])
    column = graph.column("entities", "id")
    for entity, name in enumerate(column.to_pylist() if column else ()):
        yield name, entity, bool(labelled[entity])


def _relation_phrases(graph: KnowledgeGraph) -> set[str]:
    """Every run of words inside a relation's id or label: said to mean the relation."""
    names = {relation for relation in graph.relation_ids if not relation.startswith("~")}
    for language in graph.languages:
        names |= {graph.relation_label(code, language) for code in range(graph.relation_count)}
    phrases = set()
    for name in names:
        parts = plain(name).split(" ")
        for begin in range(len(parts)):
            phrases |= {" ".join(parts[begin:end]) for end in range(begin + 1, len(parts) + 1)}
    return phrases
