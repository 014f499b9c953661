"""Settings of looking for what a student does not know."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.settings.base import PATH
from core.settings.shared import LONGEST_PATH, OnDevice, Replacing, Seeded


class HardSettings(Seeded, OnDevice, Replacing):
    """Find where a student differs most from its teacher, and keep questions about it."""

    name: str = Field(description="What the set of chosen questions will be called.")
    student: str = Field(description="The student; it is held against the teacher it learned from.")
    count: int = Field(
        600, ge=10, le=100_000, description="Questions to generate per language and to choose from."
    )
    hops: int | None = Field(
        None,
        ge=1,
        le=LONGEST_PATH,
        description="The longest path to ask about; empty: as long as the teacher's trees reach.",
    )
    keep: int = Field(
        200, ge=1, le=100_000, description="How many questions to choose for the set, at most."
    )
    pick: Literal["hard", "random"] = Field(
        "hard",
        description="hard: the relation paths with the largest divergence first; random: as many "
        "questions by chance, of the same ones, to hold the first against.",
    )
    phrases: Annotated[str | None, PATH] = Field(
        None,
        description="A table of natural phrases for relation paths (path, language, phrase); "
        "empty: relations are spoken by their labels.",
    )
