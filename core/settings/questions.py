"""Settings of what is done with question sets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.settings.base import MOST_TEXTS, PATH, Language, SplitKind, only_with
from core.settings.shared import Replacing, Seeded


class QuestionImportSettings(Seeded, Replacing):
    """Read a file of questions and tie them to a graph."""

    name: str = Field(description="What the question set will be called.")
    graph: str = Field(description="The graph that the questions are about.")
    files: Annotated[tuple[str, ...], PATH] = Field(
        min_length=1, max_length=MOST_TEXTS, description="One or more files of one format."
    )
    format: Literal["jsonl", "pathquestion", "metaqa", "nlpcc-mh", "wc2014"] = Field(
        "jsonl", description="The format of the files."
    )
    split: SplitKind = Field(
        "grouped",
        description="grouped: paraphrases of one path stay together, so nothing of a test question "
        "is seen in training; random: question by question; given: as the file says.",
    )
    split_file: Annotated[str | None, PATH, only_with("split", "given")] = Field(
        None, description="A JSON file that maps question ids to train, dev or test."
    )


class QuestionGenerationSettings(Seeded, Replacing):
    """Make questions from a graph alone."""

    name: str = Field(description="What the question set will be called.")
    graph: str = Field(description="The graph to ask about.")
    count: int = Field(600, ge=10, le=1_000_000, description="Questions per language.")
    hops: int = Field(3, ge=1, le=4, description="The longest path to ask about.")
    languages: tuple[Language, ...] = Field(
        ("en", "zh"), min_length=1, max_length=2, description="Languages."
    )
    withheld_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of questions whose gold path is withheld (answers only).",
    )
    unanswerable_share: float = Field(
        0.15,
        ge=0,
        le=0.9,
        description="Share of questions that the graph cannot answer, from which models learn to "
        "say so.",
    )
    phrases: Annotated[str | None, PATH] = Field(
        None,
        description="A table of natural phrases for relation paths (path, language, phrase); "
        "empty: relations are spoken by their labels.",
    )
