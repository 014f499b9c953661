"""Settings of a sweep over alpha and T."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.settings.base import Settings

Alpha = Annotated[float, Field(ge=0, le=1)]
Temperature = Annotated[float, Field(gt=0, le=20)]

MOST_VALUES = 32
"""Of alpha, or of T, in one sweep."""


class SweepSettings(Settings):
    """Distil a student anew at every alpha and T of a grid, and score each."""

    student: str = Field(
        description="The student whose other settings all students of the sweep share."
    )
    alphas: tuple[Alpha, ...] = Field(
        (0.0, 0.25, 0.5, 0.75, 1.0),
        min_length=1,
        max_length=MOST_VALUES,
        description="Alphas to try, each from 0 to 1.",
    )
    temperatures: tuple[Temperature, ...] = Field(
        (1.0, 2.0, 4.0),
        min_length=1,
        max_length=MOST_VALUES,
        description="Temperatures to try, each above 0 and at most 20. At alpha 1 there are no "
        "soft labels to soften, so there the first alone is tried.",
    )
    split: Literal["dev", "test"] = Field(
        "dev",
        description="Which part to score on. Whatever is chosen by its score on one part is to be "
        "judged by the other.",
    )
