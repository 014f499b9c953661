"""Settings of what is done with question sets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

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
        description="grouped: the ways of asking one thing stay together; levels: so too, and some "
        "relations and relation paths are in no training question (GrailQA); random: question by "
        "question; given: as the file says.",
    )
    split_file: Annotated[str | None, PATH, only_with("split", "given")] = Field(
        None, description="A JSON file that maps question ids to train, dev or test: split=given."
    )

    @model_validator(mode="before")
    @classmethod
    def _split_of_the_file(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A file of splits is given to be followed."""
        return {**values, "split": "given"} if values.get("split_file") else values


class QuestionGenerationSettings(Seeded, Replacing):
    """Make questions from a graph alone."""

    name: str = Field(description="What the question set will be called.")
    graph: str = Field(description="The graph to ask about.")
    count: int = Field(600, ge=10, le=1_000_000, description="Questions per language.")
    hops: int = Field(3, ge=1, le=4, description="The longest path to ask about.")
    languages: tuple[Language, ...] = Field(
        ("en", "zh"), min_length=1, max_length=2, description="Languages."
    )
    split: Literal["grouped", "levels"] = Field(
        "grouped",
        description="grouped: the ways of asking one thing stay together; levels: so too, and some "
        "relations and relation paths are in no training question (GrailQA).",
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
