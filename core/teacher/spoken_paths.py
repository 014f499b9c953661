"""How much a question sounds like a relation path that is put into words as questions.

A path is asked for in all the ways that its last relation's label allows, about what the relations
before it lead to:

    directed_by spouse      who is the spouse of the director of him
                            who is the director of him s spouse
                            what spouse does the director of him have

and a question, its topic masked, is compared with each by the vectors of a sentence encoder. The
best of the ways counts, for people ask in one way only; of a graph with labels in several languages
it is taken in each and the mean counts, for a label in another language is one more name for the
relation. Beside the labels count the questions that a teacher learned from, where it learned from
any: a path is as near to a question as the mean of what its label says and of how it was asked for
(`prototypes`), and nearer the more probable it is by what tells the paths apart (`log_linear`). No
question that was learned from hears what was learned from it.

The topic is a placeholder of no meaning, in questions and paths alike, and both are compared in the
one normal form of text (`core.plain_text`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import joined
from core.pretrained.embedders import Vectors
from core.questions.answer_kinds import answer_kinds
from core.questions.label_phrases import label_phrases
from core.records import TOPIC_MARK
from core.teacher import log_linear
from core.teacher.log_linear import LogLinearPaths
from core.teacher.prototypes import AskedQuestion, Codes, Prototypes
from core.teacher.text_vectors import TextVectors

PLACEHOLDERS = {"en": "him", "zh": "甲"}
"""What stands for the topic, by language: of several words measured, those told the paths apart
best."""


UNASKED = 0.1
"""A path that no training question asked for is held to be so much less near to how it would have
been asked for than to its label; so is any whose questions say less."""

CHOOSES = 0.005
"""So much nearer is a path whose probability by the log-linear model is e times another's. All
paths of a tree together stay as near as they were: what is absent weighs what it did."""

MOST_ODDS = 10.0
"""Of log-odds against a path no more than this counts: sure as it may be, it is one voice of
several."""

SHARPNESS = 25.0
"""About the scale of cosines that teachers learn."""

MOST_OTHERS = 4096
"""Paths that nobody asked for from which the log-linear model learns."""

MOST_HEARD = 32_768
"""Questions whose vectors are at hand."""


@dataclass(frozen=True)
class HeardQuestion:
    """A question to learn from.

    Attributes:
        id: Of the question.
        texts: In one wording or more, with `TOPIC_MARK` for the mention of its topic.
        right: Its paths, as relation codes; what the graph lacks is a path like any other.
        others: Further paths of its topic's tree; what is right is passed over.
    """

    id: str
    texts: tuple[str, ...]
    right: tuple[Codes, ...]
    others: Sequence[Codes]


class SpokenPaths:
    """The paths of one graph, put into words when first asked for.

    Attributes:
        graph: Whose paths they are.
        languages: In which paths are spoken: those of the graph's labels, else English.
        prototypes: How paths were asked for; None where nobody did.
        log_linear: What tells them apart; None where nothing was learned.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        vectors: TextVectors,
        prototypes: Prototypes | None = None,
        log_linear: LogLinearPaths | None = None,
    ) -> None:
        """Read the labels; `vectors` are the sentence encoder's, kept where they are kept."""
        self.prototypes, self.log_linear = prototypes, log_linear
        found = tuple(language for language in PLACEHOLDERS if language in graph.languages)
        self.languages = found or ("en",)
        self.graph, self._vectors = graph, vectors
        kinds, count = answer_kinds(graph), graph.relation_count
        self._phrases = {
            language: [
                label_phrases(
                    graph.relation_label(code % count, language),
                    language,
                    backward=code >= count,
                    asked=kind,
                )
                for code, kind in enumerate(kinds)
            ]
            for language in self.languages
        }
        self._questions: dict[tuple[str, Codes], list[str]] = {}
        self._spoken: dict[tuple[str, Codes], Vectors] = {}
        self._heard: dict[str, Vectors] = {}

    def questions(self, path: Codes, language: str) -> list[str]:
        """The ways to ask for a path.

        Args:
            path: Relation codes, at least one; no entity needs to have such a path.
            language: One of `languages`.
        """
        if (language, path) not in self._questions:
            *before, last = (self._phrases[language][code] for code in path)
            about = PLACEHOLDERS[language]
            for phrases in before:
                noun = next(one for one in phrases if not one.is_question)
                about = noun.say(about, several=False)
            self._questions[language, path] = [
                joined(one.say(about, several=False)) for one in last if one.is_question
            ]
        return self._questions[language, path]

    def asked(self, question: str, language: str) -> str:
        """A question as it is compared with what a language says.

        Args:
            question: Its text, with `TOPIC_MARK` for the mention of its topic.
            language: One of `languages`; the question may be in any.
        """
        return joined(question.replace(TOPIC_MARK, PLACEHOLDERS[language]))

    def listen(self, questions: Sequence[str]) -> None:
        """Encode many questions at once, which takes less time than one after the other.

        Args:
            questions: See `similarities`.
        """
        new = [one for one in dict.fromkeys(questions) if one not in self._heard]
        if len(self._heard) + len(new) > MOST_HEARD:
            self._heard.clear()
            new = list(dict.fromkeys(questions))
        if not new:
            return
        said = [[self.asked(one, language) for language in self.languages] for one in new]
        texts = list(dict.fromkeys(text for each in said for text in each))
        vectors = self._vectors.once(texts)
        place = {text: row for row, text in enumerate(texts)}
        for one, each in zip(new, said, strict=True):
            self._heard[one] = vectors[[place[text] for text in each]]

    def speak(self, paths: Sequence[Codes]) -> None:
        """Encode many paths at once, which takes less time than those of one tree after another."""
        for language in self.languages:
            self._ways(paths, language)

    def save(self) -> None:
        """Keep the vectors of the paths, so that the next to open them encodes none anew."""
        self._vectors.save()

    def learn(self, questions: Sequence[HeardQuestion], seed: int = 0) -> None:
        """Learn how paths are asked for, and what tells them apart.

        Args:
            questions: Whose right paths are known.
            seed: Of what is drawn while learning.
        """
        if not questions:
            return
        self.listen([text for one in questions for text in one.texts])
        vectors = [np.stack([self._heard[text] for text in one.texts], 1) for one in questions]
        self.prototypes = Prototypes.of(
            AskedQuestion(one.id, one.right, each)
            for one, each in zip(questions, vectors, strict=True)
        )
        others = list(dict.fromkeys(path for one in questions for path in one.others))
        self.log_linear = log_linear.learn(
            np.concatenate(
                [each.transpose(1, 0, 2).reshape(each.shape[1], -1) for each in vectors]
            ),
            [one.right[0] for one in questions for _ in one.texts],
            random.Random(seed).sample(others, min(len(others), MOST_OTHERS)),
            seed,
        )

    def similarities(
        self, question: str, paths: Sequence[Codes], own: str = "", lacking: Sequence[Codes] = ()
    ) -> np.ndarray:
        """How near a question is to paths, 1 at most: `(paths + lacking,)` float32.

        Args:
            question: Its text, with `TOPIC_MARK` for the mention of its topic.
            paths: Of its topic's tree, see `questions`.
            own: Id of a training question, which shall not hear itself.
            lacking: Paths that the graph does not have there. The log-linear model does not tell
                them apart: they are many more, and some would always be likelier.
        """
        there, paths = len(paths), [*paths, *lacking]
        self.listen([question])
        asked = self._heard[question]
        total = np.zeros(len(paths), np.float32)
        if not len(paths):
            return total
        for language, vector in zip(self.languages, asked, strict=True):
            ways = self._ways(paths, language)
            begins = np.cumsum([0, *map(len, ways)])[:-1]
            total += np.maximum.reduceat(np.concatenate(ways) @ vector, begins)
        total /= len(self.languages)
        if self.prototypes is None:
            return total
        near = self.prototypes.similarities(asked, paths, own)
        both: np.ndarray = (total + np.maximum(near, total - UNASKED)) / 2
        if self.log_linear is not None and there and own not in self.prototypes.parts:
            odds = self.log_linear.log_odds(asked, paths[:there])
            chosen = both[:there] + CHOOSES * np.maximum(odds, -MOST_ODDS)
            before, after = (_together(near) for near in (both[:there], chosen))
            both[:there] = chosen + before - after
        return both

    def _ways(self, paths: Sequence[Codes], language: str) -> list[Vectors]:
        """Vectors of the ways to ask for each path; each path is encoded once."""
        new = [path for path in dict.fromkeys(paths) if (language, path) not in self._spoken]
        texts = [self.questions(path, language) for path in new]
        vectors = self._vectors.of([text for ways in texts for text in ways])
        ends = np.cumsum([len(ways) for ways in texts])
        for path, end, ways in zip(new, ends, texts, strict=True):
            self._spoken[language, path] = vectors[end - len(ways) : end]
        return [self._spoken[language, path] for path in paths]


def _together(near: np.ndarray) -> float:
    """How near some paths are together, as a teacher's policy sums them up."""
    top = near.max()
    return float(top + np.log(np.exp(SHARPNESS * (near - top)).sum()) / SHARPNESS)
