"""Questions from a graph alone, for the owner of a graph who has no questions.

Every relation path that makes sense is asked about before one is asked about another topic
(`things`); each is put into words in several ways and languages (`speaking`), and the ways of
saying one thing stay together when the questions are split. A question's answers are all that its
gold path reaches. A share of the questions is such that the graph cannot answer them
(`unanswerable`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Literal

from core.errors import SettingsError
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.plain_text import language_of
from core.questions.label_phrases import Phrase
from core.questions.levels import split_levels
from core.questions.phrasing import PhraseBook
from core.questions.speaking import Speaker
from core.questions.splits import split_grouped
from core.questions.things import MOST_ANSWERS, Thing, Things
from core.questions.topic_names import AMBIGUOUS, TopicNames
from core.questions.unanswerable import Gaps, attributes, graph_words, remarks
from core.records import MISSING, Question, RelationPath

ROUNDS = 2
"""So often a thing is asked in a language, in other words, where there are too few things."""

OTHERS = 3
"""Further wordings in each language that a training question carries with it, see
`Question.wordings`. A path that is asked about in one language is so learned in all."""

MOST_HELD_OUT = 200
"""Questions kept for dev, and for test: what they tell is then sure to 0.035, and a graph's owner
waits for no more."""

_UNANSWERABLE = {"fact": 0.42, "type": 0.13, "schema": 0.27, "remark": 0.18}  # of those, by sort
_PREFIXED = 0.3  # share of attributes asked of what a path leads to, not of the topic itself
_SHARED = 0.5  # share of questions that use a question common to several paths, where one is

_PATIENCE = 20  # times as many tries as questions are wanted, since some texts come twice

_Unanswered = tuple[str, int, RelationPath, str]
"""Text, topic, gold path and group of a question that the graph cannot answer."""


def generate_questions(
    graph: KnowledgeGraph,
    *,
    count: int,
    hops: int,
    languages: Sequence[str],
    withheld: float,
    seed: int,
    unanswerable: float = 0.0,
    split: Literal["grouped", "levels"] = "grouped",
    book: PhraseBook | None = None,
) -> tuple[Question, ...]:
    """Make questions and split them; the same arguments give the same questions.

    Args:
        graph: What to ask about.
        count: Questions per language, where the graph has enough to ask.
        hops: The longest path to ask about.
        languages: Languages to ask in; the graph should have labels in them.
        withheld: Share of questions that keep their answers and lose their gold path.
        seed: Seed of choice, phrasing and split.
        unanswerable: Share of the questions that the graph cannot answer: 0..1.
        split: By groups (8:1:1), or by levels (see `core.questions.levels`).
        book: Natural phrases; without, relations are spoken by their labels.

    Raises:
        SettingsError: If the graph has too little to ask about.
    """
    rng = random.Random(seed)
    maker = _Maker(graph, book or PhraseBook(), tuple(languages), hops)
    answerable = round(count * (1 - unanswerable))
    things = maker.things.chosen(answerable * len(languages), rng)
    by_language: list[list[Question]] = []
    for nth, language in enumerate(languages):
        mine = maker.things.share(things, nth)
        asked = maker.questions(mine, language, answerable, withheld, rng)
        texts = {question.text for question in asked}
        lacking = maker.unanswerable(language, count - answerable, texts, rng)
        by_language.append(_numbered(_mixed(asked, lacking)))
    questions = _mixed(*by_language)  # the first so many are in every language
    if len(questions) < 3:
        raise SettingsError(
            "The graph {name!r} gives {count} questions of up to {hops} hops with "
            "at most {most_answers} answers; give a larger graph or more hops.",
            name=graph.name,
            count=len(questions),
            hops=hops,
            most_answers=MOST_ANSWERS,
        )
    parts = (
        split_levels(questions, seed)
        if split == "levels"
        else split_grouped(questions, seed, MOST_HELD_OUT)
    )
    worded = [maker.with_wordings(question, seed) for question in parts]
    untold = maker.untold
    told = [replace(q, paths=()) if (q.language, q.text) in untold else q for q in worded]
    return tuple(maker.in_kept_phrases(told))


def _mixed(*lists: Sequence[Question]) -> list[Question]:
    """Several lists, each spread evenly over the whole: any stretch has its share of all."""
    placed = [((n + 0.5) / len(one), question) for one in lists for n, question in enumerate(one)]
    return [question for _, question in sorted(placed, key=lambda pair: pair[0])]


def _numbered(questions: Sequence[Question]) -> list[Question]:
    return [replace(q, id=f"{q.language}-{n + 1:05d}") for n, q in enumerate(questions)]


def labelled_languages(graph: KnowledgeGraph, wanted: Sequence[str]) -> tuple[str, ...]:
    """The languages among `wanted` that the graph has labels in.

    A graph without any labels speaks the language that its ids are written in.

    Raises:
        SettingsError: If there is none.
    """
    sample = " ".join(graph.entity_id(e) for e in range(min(graph.entity_count, 200)))
    there = graph.languages or (language_of(sample),)
    found = tuple(language for language in wanted if language in there)
    if not found:
        raise SettingsError(
            "The graph {name!r} has no labels in {wanted} (it has: "
            "{there}); ask for one of these or import labels.",
            name=graph.name,
            wanted=" or ".join(wanted),
            there=", ".join(there),
        )
    return found


class _Maker:
    """Asks about the things of a graph, and what it cannot answer."""

    def __init__(
        self, graph: KnowledgeGraph, book: PhraseBook, languages: tuple[str, ...], hops: int
    ) -> None:
        self.graph = graph
        self.book, kept = book.parted()
        self._kept_speakers = {one: Speaker(graph, kept, one) for one in languages if kept.phrases}
        self._kept: dict[tuple[str, str], str] = {}
        self.languages = languages
        self.hops = hops
        self.names = TopicNames(graph, languages)
        self.things = Things(graph, self.book, self.names, languages, hops)
        self.untold: set[tuple[str, str]] = set()
        self._speakers: dict[str, Speaker] = {}

    # --- how to ask it ----------------------------------------------------------------------

    def questions(
        self,
        things: Sequence[Thing],
        language: str,
        count: int,
        withheld: float,
        rng: random.Random,
    ) -> list[Question]:
        """Up to `count` questions in a language, no two with the same text.

        A share `withheld` of them is noted in `untold`: their gold path is not to be told.
        """
        examples = {self.things.key(thing) for thing in self.things.examples()}
        texts: set[str] = set()
        questions: list[Question] = []
        for nth, thing in product(range(ROUNDS), things):
            if len(questions) >= count:
                break
            plain = nth == 0 and self.things.key(thing) in examples
            text, paths = self._worded(thing, language, plain, rng)
            if text in texts:
                continue
            texts.add(text)
            questions.append(self._question(thing, language, text, paths))
            if rng.random() < withheld:
                self.untold.add((language, text))
        return questions

    def _worded(
        self, thing: Thing, language: str, plain: bool, rng: random.Random
    ) -> tuple[str, tuple[RelationPath, ...]]:
        """A thing in words, drawn unless they are to be plain, with its gold paths."""
        if plain:
            label = self.names.label(thing.topic, language)
            first = self.book.phrases[language, thing.path][0]
            return first.say(label, False), self._equal_paths(thing) or (thing.path,)
        name = self.names.name(thing.topic, language, rng)
        shared = self.book.shared(language, thing.path)
        if shared and (same := self._equal_paths(thing)) and rng.random() < _SHARED:
            return rng.choice(shared).say(name, False), same
        return self._said(language, thing.path, name, thing.sizes, rng), (thing.path,)

    def _said(
        self,
        language: str,
        path: RelationPath,
        name: str,
        sizes: Sequence[int],
        rng: random.Random,
        ending: Sequence[Phrase] = (),
    ) -> str:
        """A path in words; how it is said in phrases that are kept for tests is noted."""
        text = self._speaker(language).question(path, name, sizes, rng, ending)
        if (speaker := self._kept_speakers.get(language)) is not None:
            other = random.Random(f"{text} kept")
            said = speaker.question(path, name, sizes, other, ending)
            self._kept.setdefault((language, text), said)
        return text

    def in_kept_phrases(self, questions: Sequence[Question]) -> Iterator[Question]:
        """Those of dev and test in phrases that no training question is asked in, where there are.

        What is learned from few wordings is only believed where it holds in others.
        """
        texts = {question.text for question in questions}
        for question in questions:
            text = self._kept.get((question.language, question.text), "")
            if question.split == "train" or not text or text in texts:
                yield question
                continue
            texts.add(text)
            yield replace(question, text=text)

    def with_wordings(self, question: Question, seed: int) -> Question:
        """A training question with further wordings of it; any other as it is.

        One that the graph cannot answer, or that is a remark, has no others.
        """
        if question.split != "train" or not question.answers:
            return question
        path, *equal = question.paths
        thing = self.things.thing(self.graph.entity(question.topics[0]), path)
        assert thing is not None, "it was asked about"
        rng = random.Random(f"{seed} {question.id}")
        said: list[str] = []
        # Those in other languages first: few are met beside the question itself.
        for language in sorted(self.languages, key=question.language.__eq__):
            shared = [one.one for one in self.book.shared(language, path)] if equal else []
            speaker = self._speaker(language)
            said += (
                rng.choice(shared) if shared else speaker.question(path, "{x}", thing.sizes, rng)
                for _ in range(OTHERS)
            )
        return replace(question, wordings=tuple(dict.fromkeys(said)))

    def _equal_paths(self, thing: Thing) -> tuple[RelationPath, ...]:
        """The paths that a shared question holds for equal, if all lead to the same; else none."""
        paths = self.book.equals.get(thing.path, ())
        ends = {self._answers(thing.topic, path) for path in paths}
        return paths if len(ends) == 1 and () not in ends else ()

    def _answers(self, topic: int, path: RelationPath) -> tuple[str, ...]:
        walk = follow_path(self.graph, topic, relation_codes(self.graph, path) or ())
        if len(walk) <= len(path):
            return ()
        return tuple(self.graph.entity_id(entity) for entity in walk[-1])

    def _question(
        self,
        thing: Thing,
        language: str,
        text: str,
        paths: tuple[RelationPath, ...],
    ) -> Question:
        return Question(
            id="",
            text=text,
            language=language,
            topics=(self.graph.entity_id(thing.topic),),
            answers=self._answers(thing.topic, thing.path),
            paths=paths,
            group=self.things.key(thing),
        )

    def _speaker(self, language: str) -> Speaker:
        if language not in self._speakers:
            self._speakers[language] = Speaker(self.graph, self.book, language)
        return self._speakers[language]

    # --- what it cannot answer --------------------------------------------------------------

    def unanswerable(
        self, language: str, count: int, texts: set[str], rng: random.Random
    ) -> list[Question]:
        """Up to `count` questions that the graph cannot answer, none with a text in `texts`.

        Args:
            language: To ask in.
            count: How many.
            texts: Of the questions so far; grows.
            rng: Chooses.
        """
        said = {
            "fact": self._gaps(language, rng, typed=False),
            "type": self._gaps(language, rng, typed=True),
            "schema": self._beyond(language, rng),
            "remark": self._remarks(language, rng),
        }
        questions: list[Question] = []
        for sort, share in _UNANSWERABLE.items():
            wanted = count - len(questions) if sort == "remark" else round(share * count)
            for text, topic, gold, group in islice(said[sort], _PATIENCE * wanted):
                if not wanted:
                    break
                if text in texts:
                    continue
                texts.add(text)
                wanted -= 1
                questions.append(
                    Question(
                        id="",
                        text=text,
                        language=language,
                        topics=(self.graph.entity_id(topic),),
                        answers=(),
                        paths=(gold,),
                        group=group,
                    )
                )
        rng.shuffle(questions)
        return questions

    def _gaps(self, language: str, rng: random.Random, *, typed: bool) -> Iterator[_Unanswered]:
        """Questions about what is missing where a path breaks off."""
        gaps = Gaps(self.graph, self.book, self.things.topics, self.languages)
        for gap in gaps.gaps(self.things.answered, rng, typed=typed):
            if self.names.is_ambiguous(gap.topic):
                continue
            name = self.names.name(gap.topic, language, rng)
            group = " ".join((self.graph.entity_id(gap.topic), *gap.gold))
            text = self._said(language, gap.path, name, gap.sizes, rng)
            yield text, gap.topic, gap.gold, group

    def _beyond(self, language: str, rng: random.Random) -> Iterator[_Unanswered]:
        """Questions about what is none of the graph's relations."""
        beyond = attributes(graph_words(self.graph, self.book, self.languages))
        paths = sorted(path for path in self.things.answered if len(path) < self.hops)
        while beyond and len(self.things.topics):
            rng.shuffle(beyond)
            for one in beyond:
                topic = self._topic(rng)
                path: RelationPath = ()
                if paths and rng.random() < _PREFIXED:
                    path = rng.choice(paths)
                    topic = rng.choice(self.things.answered[path])
                sizes = [len(frontier) for frontier in self._walk(topic, path)]
                name = self.names.name(topic, language, rng)
                text = self._said(language, path, name, sizes, rng, one.phrases[language])
                yield text, topic, (*path, MISSING), f"{MISSING} {one.name}"

    def _remarks(self, language: str, rng: random.Random) -> Iterator[_Unanswered]:
        """What asks for no relation at all; where nothing is named, any topic is as good."""
        known = remarks(graph_words(self.graph, self.book, self.languages), language)
        while known and len(self.things.topics):
            rng.shuffle(known)
            for one in known:
                topic, other = self._topic(rng), self._topic(rng)
                text = one.text.replace("{y}", self.names.name(other, language, rng))
                text = text.replace("{x}", self.names.name(topic, language, rng))
                yield text, topic, (MISSING,), f"{MISSING} {one.text}"

    def _topic(self, rng: random.Random) -> int:
        while True:
            topic = int(self.things.topics[rng.randrange(len(self.things.topics))])
            if not self.names.is_ambiguous(topic) or rng.random() < AMBIGUOUS:
                return topic

    def _walk(self, topic: int, path: RelationPath) -> list[Ints]:
        return follow_path(self.graph, topic, relation_codes(self.graph, path) or ())

    # --- names ------------------------------------------------------------------------------
