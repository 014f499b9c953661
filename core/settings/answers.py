"""Settings of questions put to teachers and students, one by one or a whole set."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.pretrained.names import ModelName
from core.settings.base import MODEL, MOST_TEXTS, Settings
from core.settings.shared import Confidence, OnDevice, OneQuestion, Searching, SeveralTopics


class PartOfQuestions(Settings):
    """Which questions of a set are scored."""

    split: Literal["train", "dev", "test"] = Field("test", description="Which part to score.")
    limit: int | None = Field(
        None, ge=1, le=10_000_000, description="Score only the first so many questions."
    )


class EvaluateSettings(PartOfQuestions, Searching, OnDevice, Confidence):
    """Score a teacher or student on a split."""

    model: str = Field(description="A student or teacher by name.")
    role: Literal["student", "teacher"] | None = Field(
        None, description="Which of the two the name means; empty: the student, if there is one."
    )
    questions: str | None = Field(None, description="Question set; empty: the one it learned from.")


class BaselineSettings(PartOfQuestions):
    """Score answers that are given without reading the question, to hold models against."""

    baseline: Literal["frequent-paths", "any-path"] = Field(
        description="frequent-paths: every path that training questions ask about and that leads "
        "somewhere, as probable as it is frequent; any-path: all of them alike."
    )
    questions: str = Field(description="Question set; its training part is all that is known.")


class TopicSearch(Settings):
    """How a topic is found in a question."""

    group: ClassVar[str] = "search"

    embedder: Annotated[ModelName, MODEL] = Field(
        "character-ngrams",
        description="Finds a topic that the question spells otherwise than the graph. "
        "character-ngrams compares spelling and needs no download; universal-sentence-encoder "
        "(16 languages, 32 MB) and all-MiniLM-L6-v2 (English, 84 MB) compare meaning and come "
        "from the package index; else the Hugging Face id, in the terminal also the folder, of a "
        "sentence-transformers model.",
    )


class Supposed(Settings):
    """What is supposed to be otherwise: what is there, and what is not."""

    without_edges: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Facts to remove, each as head|relation|tail by id."
    )
    without_entities: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Entities to remove with all of their facts, by id."
    )
    without_words: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Words of the question to leave out."
    )
    with_edges: tuple[str, ...] = Field(
        (),
        max_length=MOST_TEXTS,
        description="Facts to suppose that the graph does not have, each as head|relation|tail by "
        "id, of its own entities and relations.",
    )


class Certified(Settings):
    """Whether it is said what an answer hangs on."""

    certify: bool = Field(
        False,
        description="Find out whether the answer stays first whichever one fact of the graph is "
        "taken away, and on which fact it hangs most. Of the exact search only; it takes seconds.",
    )


class AskSettings(SeveralTopics, Searching, TopicSearch, Confidence, Supposed, Certified):
    """Ask a student one question."""

    student: str = Field(description="The student to ask.")
    graph: str | None = Field(None, description="Another graph than the one it learned from.")


class ExplainSettings(SeveralTopics, Confidence, Supposed, Certified):
    """Watch a teacher reason about one question."""

    teacher: str = Field(description="The teacher to watch.")


class WhatIfSettings(OneQuestion, Supposed):
    """Ask a teacher again with a fact more, or without one, an entity or a word."""

    teacher: str = Field(description="The teacher to ask.")


class CompareSettings(OneQuestion):
    """Lay a teacher's and a student's soft labels for one question side by side."""

    student: str = Field(
        description="The student; it is compared with the teacher it learned from."
    )
