"""How a relation path is put into words: natural phrases from a table, or the relation's label.

A phrase speaks of one relation, or of several walked in a row, with `{x}` for where they start:

    path               language   phrase                        plural
    directed_by        en         the director of {x}           the directors of {x}
    directed_by        en         Who directed {x}?
    born_in city_of    en         What is {x}'s nationality?

A phrase that ends in a question mark is a whole question, any other a noun phrase. Noun phrases
nest, so `directed_by born_in` becomes "Where was the director of Titanic born?". A noun phrase
takes its plural where it stands for several entities, a question where its `{x}` does.

A question that stands under several paths of several relations holds them for equal ways to its
answer: it is asked only where all of them lead to the same.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from core.errors import FormatError
from core.foreign_files import open_foreign
from core.graph.knowledge_graph import KnowledgeGraph
from core.records import RelationPath, inverse

COLUMNS = ("path", "language", "phrase")

LARGEST_PHRASES = 64 << 20
"""Bytes of a table of phrases, which is read as a whole."""

_WHOLE = 0.75  # share of questions asked by a whole question where there is one
_LONGEST = 0.7  # share of paths spoken by their longest phrase where there is one

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
_LABELLED = {
    ("en", False): ("the {label} of {x}", "What is the {label} of {x}?"),
    ("en", True): ("what has {x} as its {label}", "What has {x} as its {label}?"),
    ("zh", False): ("{x}的{label}", "{x}的{label}是什么？"),
    ("zh", True): ("以{x}为{label}的对象", "什么以{x}为{label}？"),
}


@dataclass(frozen=True)
class Phrase:
    """Words for a path, with `{x}` for its start, in singular and plural."""

    one: str
    many: str

    @property
    def is_question(self) -> bool:
        """Whether it is a whole question rather than a noun phrase."""
        return self.one.endswith(("?", "？"))

    def say(self, x: str, several: bool) -> str:
        """The phrase about `x`."""
        words = (self.many if several else self.one).replace("{x}", x)
        return words.replace("the the ", "the ")


@dataclass(frozen=True)
class PhraseBook:
    """Phrases by language and path.

    Attributes:
        phrases: In the order of the table; the first is the plainest.
        examples: `(entity, path)` pairs that are always asked about, with that path's first phrase.
    """

    phrases: dict[tuple[str, RelationPath], list[Phrase]] = field(default_factory=dict)
    examples: tuple[tuple[str, RelationPath], ...] = ()

    def knows(self, language: str, path: RelationPath) -> bool:
        """Whether a path has a noun phrase of its own in a language."""
        return any(not phrase.is_question for phrase in self.phrases.get((language, path), ()))

    @cached_property
    def equals(self) -> dict[RelationPath, tuple[RelationPath, ...]]:
        """For each path that shares a question with others, all of them, sorted."""
        paths = defaultdict(set)
        for (_, path), phrases in self.phrases.items():
            for phrase in phrases:
                if phrase.is_question and len(path) > 1:
                    paths[phrase.one].add(path)
        return {
            path: tuple(sorted(same)) for same in paths.values() if len(same) > 1 for path in same
        }

    def shared(self, language: str, path: RelationPath) -> list[Phrase]:
        """Questions that speak for a path and all its equals alike."""
        same = [self.phrases.get((language, other), []) for other in self.equals.get(path, ())]
        return [p for p in same[0] if p.is_question and all(p in s for s in same)] if same else []

    @classmethod
    def read(cls, path: Path, graph: KnowledgeGraph) -> PhraseBook:
        """Read a table of phrases: tab-separated, with columns path, language, phrase.

        Columns `plural` and `example` (an entity that the question is always asked of) may be
        there. In a path relations stand with spaces between, `~` marks the inverse.

        Raises:
            FormatError: If the file cannot be read, or a row names a relation or entity that the
                graph lacks, or its phrase has no `{x}`.
        """
        phrases: dict[tuple[str, RelationPath], list[Phrase]] = defaultdict(list)
        examples: dict[tuple[str, RelationPath], None] = {}
        for line, row in _rows(path):
            steps = tuple((row["path"] or "").split())
            words = (row["phrase"] or "").strip()
            example = row.get("example") or ""
            why = _trouble(graph, steps, words, example)
            if why:
                raise FormatError(
                    "{name}, line {line}: {why}; mend the row or leave it out.",
                    name=path.name,
                    line=line,
                    why=why,
                )
            phrases[row["language"], steps].append(Phrase(words, row.get("plural") or words))
            if example:
                examples[example, steps] = None
        return cls(dict(phrases), tuple(examples))


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with open_foreign(path, LARGEST_PHRASES) as file:
            text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            reader = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
            rows = [(reader.line_num, row) for row in reader]
            found = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormatError(
            "The table of phrases {path} cannot be read: {error}.", path=path, error=error
        ) from error
    if missing := [name for name in COLUMNS if name not in found]:
        raise FormatError(
            "{name} has no column {missing!r}; it needs {columns}.",
            name=path.name,
            missing=missing[0],
            columns=", ".join(COLUMNS),
        )
    return rows


def _trouble(graph: KnowledgeGraph, steps: RelationPath, words: str, example: str) -> str:
    unknown = [step for step in steps if graph.find_relation(step) is None]
    if not steps or unknown:
        return f"the graph has no relation {unknown[0] if unknown else ''!r}"
    if "{x}" not in words:
        return f"the phrase {words!r} has no {{x}}"
    if example and graph.find_entity(example) is None:
        return f"the graph has no entity {example!r}"
    return ""


class Speaker:
    """Puts paths into words in one language, a different way each time."""

    def __init__(self, graph: KnowledgeGraph, book: PhraseBook, language: str) -> None:
        self._graph = graph
        self._book = book
        self._language = language

    def noun(self, path: RelationPath, x: str, sizes: Sequence[int], rng: random.Random) -> str:
        """A noun phrase for what a path reaches from `x`.

        Args:
            path: The relations.
            x: The name of the entity that they start from.
            sizes: Entities in each frontier, `x` first: one more than relations.
            rng: Chooses among the ways to say it.
        """
        begin = 0
        for end in self._cuts(path, rng):
            phrases = [p for p in self.words(path[begin:end]) if not p.is_question]
            x = rng.choice(_apt(phrases, bare=begin == 0)).say(x, sizes[end] > 1)
            begin = end
        return x

    def question(self, path: RelationPath, x: str, sizes: Sequence[int], rng: random.Random) -> str:
        """A question for what a path reaches from `x`; the arguments are those of `noun`."""
        cuts = self._cuts(path, rng)
        begin = cuts[-2] if len(cuts) > 1 else 0
        inner = self.noun(path[:begin], x, sizes[: begin + 1], rng) if begin else x
        last = path[begin:]
        shared = self._book.shared(self._language, last)
        whole = [p for p in self.words(last) if p.is_question and p not in shared]
        if whole and rng.random() < _WHOLE:
            return _sentence(rng.choice(_apt(whole, bare=begin == 0)).say(inner, sizes[begin] > 1))
        nouns = [p for p in self.words(last) if not p.is_question]
        outer = rng.choice(_apt(nouns, bare=begin == 0)).say(inner, sizes[-1] > 1)
        frames = _FRAMES.get(self._language, _FRAMES["en"])
        return _sentence(rng.choice(frames).replace("{x}", outer))

    def words(self, path: RelationPath) -> list[Phrase]:
        """The phrases for a path that is spoken in one piece."""
        found = self._book.phrases.get((self._language, path))
        return found or self._labelled(path[0])

    def _labelled(self, relation: str) -> list[Phrase]:
        code = self._graph.relation(relation)
        language = self._language if self._language in _FRAMES else "en"
        label = self._graph.relation_label(code, self._language).removeprefix("~")
        patterns = _LABELLED[language, relation.startswith("~")]
        words = [pattern.replace("{label}", label) for pattern in patterns]
        return [Phrase(word, word) for word in words]

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
