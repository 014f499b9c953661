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
any (`prototypes`): a path is as near to a question as the mean of what its label says and of how it
was asked for.

The topic is a placeholder of no meaning, in questions and paths alike, and both are compared in the
one normal form of text (`core.plain_text`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import joined
from core.pretrained.embedders import Vectors
from core.questions.answer_kinds import answer_kinds
from core.questions.label_phrases import label_phrases
from core.records import TOPIC_MARK
from core.teacher.prototypes import AskedQuestion, Codes, Prototypes
from core.teacher.text_vectors import TextVectors

PLACEHOLDERS = {"en": "him", "zh": "甲"}
"""What stands for the topic, by language: of several words measured, those told the paths apart
best."""


UNASKED = 0.1
"""A path that no training question asked for is held to be so much less near to how it would have
been asked for than to its label; so is any whose questions say less."""

MOST_HEARD = 32_768
"""Questions whose vectors are at hand."""


class SpokenPaths:
    """The paths of one graph, put into words when first asked for.

    Attributes:
        graph: Whose paths they are.
        languages: In which paths are spoken: those of the graph's labels, else English.
        prototypes: How paths were asked for; None where nobody did.
    """

    def __init__(
        self, graph: KnowledgeGraph, vectors: TextVectors, prototypes: Prototypes | None = None
    ) -> None:
        """Read the labels; `vectors` are the sentence encoder's, kept where they are kept."""
        self.prototypes = prototypes
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
        self._spoken: dict[tuple[str, Codes], Vectors] = {}
        self._heard: dict[str, Vectors] = {}

    def questions(self, path: Codes, language: str) -> list[str]:
        """The ways to ask for a path.

        Args:
            path: Relation codes, at least one; no entity needs to have such a path.
            language: One of `languages`.
        """
        *before, last = (self._phrases[language][code] for code in path)
        about = PLACEHOLDERS[language]
        for phrases in before:
            about = next(one for one in phrases if not one.is_question).say(about, several=False)
        return [joined(one.say(about, several=False)) for one in last if one.is_question]

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

    def save(self) -> None:
        """Keep the vectors of the paths, so that the next to open them encodes none anew."""
        self._vectors.save()

    def learn(self, questions: Iterable[tuple[str, Sequence[str], Sequence[Codes]]]) -> None:
        """Keep how paths are asked for.

        Args:
            questions: Id, wordings with `TOPIC_MARK` for the mention of the topic, and right paths.
        """
        known = list(questions)
        self.listen([text for _, texts, _ in known for text in texts])
        self.prototypes = Prototypes.of(
            AskedQuestion(name, paths, np.stack([self._heard[text] for text in texts], axis=1))
            for name, texts, paths in known
        )

    def similarities(self, question: str, paths: Sequence[Codes], own: str = "") -> np.ndarray:
        """How near a question is to paths, 1 at most: `(paths,)` float32.

        Args:
            question: Its text, with `TOPIC_MARK` for the mention of its topic.
            paths: See `questions`.
            own: Id of a training question, which shall not hear itself.
        """
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
