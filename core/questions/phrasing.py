"""A table of natural phrases for relation paths, where a graph's owner has one.

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
import hashlib
import io
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from core.errors import FormatError
from core.foreign_files import open_foreign
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.label_phrases import Phrase
from core.records import RelationPath

COLUMNS = ("path", "language", "phrase")

KEPT = 7
"""One phrase in so many is kept for questions that test."""

LARGEST_PHRASES = 64 << 20
"""Bytes of a table of phrases, which is read as a whole."""


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

    def parted(self) -> tuple[PhraseBook, PhraseBook]:
        """What training questions are asked in, and what is kept for those that test.

        About one phrase in seven is kept, chosen by its words alone, so that one that stands under
        several paths is kept under all of them; never the plainest of a path, nor its first noun.
        Where no noun is kept, the learned ones serve.
        """
        learned, kept = {}, {}
        for (language, path), phrases in self.phrases.items():
            nouns = [phrase for phrase in phrases if not phrase.is_question]
            plain = {phrases[0], *nouns[:1]}
            held = [one for one in phrases if one not in plain and _is_kept(language, one)]
            rest = [one for one in phrases if one not in held]
            learned[language, path] = rest
            has_noun = any(not one.is_question for one in held)
            kept[language, path] = held if has_noun else held + [o for o in rest if o in nouns]
        return PhraseBook(learned, self.examples), PhraseBook(kept, self.examples)

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


def _is_kept(language: str, phrase: Phrase) -> bool:
    digest = hashlib.sha256(f"{language} {phrase.one}".encode()).digest()
    return digest[0] % KEPT == 0


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
