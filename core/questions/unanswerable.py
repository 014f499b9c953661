"""What a graph cannot answer: where a known way breaks off, and what is no relation of the graph.

Three sorts of gaps, each a topic with relations that it has and then one that is looked for in
vain:

    fact     the topic could have the relation and has not: `∄spouse` of a director
    type     nothing of the topic's kind has it: `∄directed_by` of a city
    schema   it is none of the graph's relations: `∄` for a height

and what no path works out or nobody asks of a graph (greetings, orders, comparisons), which is `∄`
as well. Kinds are told by relations alone: two entities are of a kind as far as they have relations
in common.

A gap is left out where the question might be understood as one that the graph does answer: where a
relation with a word of the same label, or a question in the same words, leads on from there.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.plain_text import joined, language_of, plain
from core.questions.label_phrases import Phrase, plain_nouns
from core.questions.phrasing import PhraseBook
from core.records import MISSING, RelationPath

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "unanswerable"

_SHORT = 0.45  # gaps of a path with one hop more are fewer by this factor
_TRIED = 40  # topics that are tried for a path before another path is
_SMALL_WORD = re.compile(
    "a|an|the|of|in|on|at|by|to|for|from|with|is|was|are|were|be|has|have|had|do|does|did|"
    "who|whom|whose|what|which|where|when|how|x|y|it|its|i|s|that|this|and|or|me|you"
)


@dataclass(frozen=True)
class Gap:
    """A topic and a path that breaks off.

    Attributes:
        topic: Entity number.
        path: As it would be walked elsewhere.
        at: The hop that is missing.
        sizes: Entities in each frontier of the path, the topic first; one each from `at` on.
    """

    topic: int
    path: RelationPath
    at: int
    sizes: tuple[int, ...]

    @property
    def gold(self) -> RelationPath:
        """The hops that are there, and the one that is not."""
        return (*self.path[: self.at], MISSING + self.path[self.at])


@dataclass(frozen=True)
class Attribute:
    """Something that people ask about and graphs seldom hold.

    Attributes:
        name: In English; the same in all languages.
        phrases: Nouns and questions by language.
        like: Words that mean something near.
    """

    name: str
    phrases: Mapping[str, tuple[Phrase, ...]]
    like: frozenset[str]


@dataclass(frozen=True)
class Remark:
    """Something said that asks for no relation; `text` may hold `{x}` and `{y}`."""

    kind: str
    language: str
    text: str
    like: frozenset[str]


class Gaps:
    """Finds paths of a graph that break off at some of its topics."""

    def __init__(
        self, graph: KnowledgeGraph, book: PhraseBook, topics: Ints, languages: Sequence[str]
    ) -> None:
        """Ready to look for gaps.

        Args:
            graph: Where facts are missing.
            book: Its phrases.
            topics: Entities to ask about; they also tell which relations are met together.
            languages: That are asked in.
        """
        self._graph = graph
        self._book = book
        self._topics = topics
        self._languages = languages

    def gaps(
        self, paths: Mapping[RelationPath, Sequence[int]], rng: random.Random, *, typed: bool
    ) -> Iterator[Gap]:
        """Gaps, of short paths more than of long ones, as long as some path gives any.

        Args:
            paths: Paths that the graph answers, with topics of each.
            rng: Chooses.
            typed: Whether nothing of the topic's kind has the relation, rather than it could.
        """
        by_hops: dict[int, list[RelationPath]] = defaultdict(list)
        for path in sorted(paths):
            by_hops[len(path)].append(path)
        fruitless = 0
        while by_hops and fruitless < sum(map(len, by_hops.values())):
            hops = rng.choices([*by_hops], [_SHORT**hop for hop in by_hops])[0]
            if gap := self._gap(rng.choice(by_hops[hops]), paths, rng, typed=typed):
                yield gap
            fruitless = 0 if gap else fruitless + 1

    def _gap(
        self,
        path: RelationPath,
        paths: Mapping[RelationPath, Sequence[int]],
        rng: random.Random,
        *,
        typed: bool,
    ) -> Gap | None:
        at = 0 if typed else rng.randrange(len(path))
        topics = self._topics if at == 0 else paths.get(path[:at], ())
        for _ in range(min(_TRIED, 4 * len(topics))):
            topic = int(topics[rng.randrange(len(topics))])
            frontiers = self._walk(topic, path[:at])
            if frontiers and self._is_gap(frontiers, path, at, typed=typed):
                sizes = [len(one) for one in frontiers] + [1] * (len(path) - at)
                return Gap(topic, path, at, tuple(sizes))
        return None

    def _walk(self, topic: int, path: RelationPath) -> list[Ints]:
        """The frontiers of a path, the topic first; none where it breaks off."""
        walk = follow_path(self._graph, topic, relation_codes(self._graph, path) or ())
        return walk if len(walk) == len(path) + 1 else []

    def _is_gap(
        self, frontiers: Sequence[Ints], path: RelationPath, at: int, *, typed: bool
    ) -> bool:
        wanted = self._graph.relation(path[at])
        there = set(np.unique(self._graph.relations_of(frontiers[at])[1]).tolist())
        if wanted in there or any(self._alike[code] & self._alike[wanted] for code in there):
            return False
        fits = [wanted in self._together[code] for code in there]
        if (any(fits) if typed else not all(fits)) or not fits:
            return False
        return not any(
            self._runs(frontiers[begin], other)
            for begin in range(at + 1)
            for end in range(at + 1, len(path) + 1)
            for other in self._same_words[path[begin:end]]
        )

    def _runs(self, entities: Ints, path: RelationPath) -> bool:
        for relation in path:
            entities = self._graph.follow(entities, self._graph.relation(relation))
        return len(entities) > 0

    @cached_property
    def _together(self) -> dict[int, set[int]]:
        """For each relation code, those that some topic has along with it."""
        together: dict[int, set[int]] = defaultdict(set)
        owners, codes, _ = self._graph.relations_of(self._topics)
        for one in np.split(codes, np.flatnonzero(np.diff(owners)) + 1):
            mine = one.tolist()
            for code in mine:
                together[code].update(mine)
        return together

    @cached_property
    def _alike(self) -> list[frozenset[str]]:
        """The telling words of each relation code's labels, of either direction by themselves."""
        count = self._graph.relation_count
        forward = [
            frozenset().union(
                *(telling(self._graph.relation_label(code, one)) for one in self._languages)
            )
            for code in range(count)
        ]
        return [*forward, *(frozenset("~" + word for word in words) for words in forward)]

    @cached_property
    def _same_words(self) -> dict[RelationPath, set[RelationPath]]:
        """Other paths that the table of phrases speaks of in the same words."""
        paths = defaultdict(set)
        for (language, path), phrases in self._book.phrases.items():
            for phrase in phrases:
                paths[language, phrase.one].add(path)
                paths[language, phrase.many].add(path)
        same: dict[RelationPath, set[RelationPath]] = defaultdict(set)
        for alike in paths.values():
            for path in alike:
                same[path] |= alike - {path}
        return same


def telling(text: str) -> frozenset[str]:
    """The words of a text that say what it is about; of Chinese, its pairs of characters."""
    if language_of(text) == "zh":
        whole = joined(text)
        return frozenset(whole[at : at + 2] for at in range(len(whole) - 1)) or frozenset({whole})
    return frozenset(one for one in plain(text).split() if not _SMALL_WORD.fullmatch(one))


def graph_words(graph: KnowledgeGraph, book: PhraseBook, languages: Iterable[str]) -> str:
    """What a graph's relations are called, in plain words between blanks.

    These are their labels and, of the table's phrases, the nouns of one word: `wife` says that the
    graph knows of wives, "head office" does not say that it knows of heads.
    """
    codes = range(graph.relation_count)
    labels = [joined(graph.relation_label(code, one)) for one in languages for code in codes]
    nouns = [joined(noun) for found in book.phrases.values() for noun in plain_nouns(found)]
    names = [*labels, *(noun for noun in nouns if " " not in noun)]
    return " | ".join(f" {name} " for name in names)


def attributes(known: str) -> list[Attribute]:
    """The attributes that resemble nothing in the words of a graph; see `graph_words`."""
    found = []
    for row in _table("attributes.tsv"):
        phrases = {
            "en": (
                *_phrases(f"the {row['noun:en']} of {{x}}", f"{{x}}'s {row['noun:en']}"),
                *_phrases(row["question:en"]),
            ),
            "zh": _phrases(f"{{x}}的{row['noun:zh']}", row["question:zh"]),
        }
        nouns = frozenset(row[f"noun:{one}"].lower() for one in ("en", "zh"))
        one = Attribute(row["noun:en"], phrases, nouns | frozenset(row["like"].split()))
        if not _resembles(one.like, known):
            found.append(one)
    return found


def remarks(known: str, language: str) -> list[Remark]:
    """The remarks in a language that resemble nothing in the words of a graph."""
    rows = (
        Remark(row["kind"], row["language"], row["text"], frozenset(row["like"].split()))
        for row in _table("remarks.tsv")
    )
    return [row for row in rows if row.language == language and not _resembles(row.like, known)]


def _phrases(*texts: str) -> tuple[Phrase, ...]:
    return tuple(Phrase(text, text) for text in texts)


def _resembles(like: Iterable[str], known: str) -> bool:
    """Whether some word occurs in the words of a graph; an English one as a whole word.

    A single Chinese character tells too little.
    """
    return any(
        len(one) > 1 and (one if language_of(one) == "zh" else f" {one} ") in known for one in like
    )


def _table(name: str) -> list[dict[str, str]]:
    with (ASSETS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
