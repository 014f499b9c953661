"""What becomes of a teacher's answer when a fact more is there, or something is not."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, Named, TopicMatch
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Removed(Record):
    """What was taken away."""

    edges: tuple[Fact, ...]
    entities: tuple[Named, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PathChange(Record):
    """A path with its probability on both sides; `gone` if the graph has it no longer."""

    relations: tuple[str, ...]
    labels: tuple[str, ...]
    before: float
    after: float
    gone: bool


@dataclass(frozen=True, kw_only=True)
class AnswerChange(Named):
    """An entity with the probability of being an answer on both sides."""

    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class WhatIf(Record):
    """A teacher's paths and answers as things are, and as they are supposed to be.

    Attributes:
        words: Of the question; what names the topic by its label.
        paths: Those first that are probable on either side.
        answers: Likewise.
        added: Facts that are supposed.
        moved: Total variation between the two path distributions, 0 to 1.
    """

    question: str
    language: str
    teacher: str
    topics: tuple[TopicMatch, ...]
    words: tuple[str, ...]
    removed: Removed
    paths: tuple[PathChange, ...]
    answers: tuple[AnswerChange, ...]
    moved: float
    seconds: float
    added: tuple[Fact, ...] = ()
