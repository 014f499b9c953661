"""Fields that several kinds of settings share, a class for each group of them."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from core.records import LONGEST_QUESTION
from core.settings.base import LARGEST_SEED, Device, Settings

LONGEST_PATH = 4
"""Hops of the longest path that is looked for."""


class Replacing(Settings):
    """Whether what is made may take the place of something older."""

    group: ClassVar[str] = "result"

    replace: bool = Field(False, description="Overwrite what has the same name.")


class Seeded(Settings):
    """Where chance comes from."""

    group: ClassVar[str] = "compute"

    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of all that is left to chance.")


class OnDevice(Settings):
    """Where to compute."""

    group: ClassVar[str] = "compute"

    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )


class Trees(Settings):
    """The trees of paths that a teacher reasons over."""

    group: ClassVar[str] = "trees"

    hops: int | None = Field(
        None,
        ge=1,
        le=LONGEST_PATH,
        description="Longest path; empty: as many hops as the gold paths have, or the fewest that "
        "explain the answers.",
    )
    directions: Literal["auto", "forward", "both"] = Field(
        "auto",
        description="Whether relations may be walked backwards; auto: only where gold paths do, "
        "or forward relations alone do not explain the answers.",
    )
    max_paths: int = Field(
        1024,
        ge=16,
        le=100_000,
        description="Most paths of a question that are grown at once; of more, those whose "
        "relations resemble the question are kept.",
    )


class Confidence(Settings):
    """From which confidence on an answer counts as sure."""

    group: ClassVar[str] = "confidence"

    precision: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Share of confident answers that must be right; sets the confidence from which "
        "on an answer counts as confident, and how often the likely answers hold a right one.",
    )


class Searching(Settings):
    """How a student looks for paths."""

    group: ClassVar[str] = "search"

    decoding: Literal["constrained", "free"] = Field(
        "constrained",
        description="constrained: the student speaks only paths that exist; free: it speaks as it "
        "likes and is checked after.",
    )
    beams: int = Field(5, ge=1, le=64, description="Paths searched for per question; 1 is greedy.")
    search: Literal["exact", "beam", "diverse", "sample"] = Field(
        "exact",
        description="exact: all paths that exist with their exact probabilities, where a topic has "
        "few enough of them; beam: the most probable paths, in free decoding too; diverse: beams "
        "that avoid each other's words; "
        "sample: paths drawn at random, which vote for answers by their mass (self-consistency).",
    )
    listen: bool = Field(
        True,
        description="How much the question sounds like each path counts beside what the student "
        "has learned, by the text encoder of its teacher where that has one; off: the student "
        "alone. Of the exact search only.",
    )


class OneQuestion(Settings):
    """A question and its topic."""

    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In English or Chinese."
    )
    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )


class SeveralTopics(OneQuestion):
    """A question about one thing or several."""

    also: tuple[str, ...] = Field(
        (),
        max_length=3,
        description="Entity ids that it is about as well: answers are where paths from all meet.",
    )
