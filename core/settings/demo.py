"""Settings of the demo."""

from __future__ import annotations

from pydantic import Field

from core.settings.distill import Knobs
from core.settings.shared import OnDevice, Seeded


class DemoSettings(Knobs, Seeded, OnDevice):
    """The whole loop on the sample graph."""

    name: str = Field(
        "demo", description="What the graph, questions, teacher and student are called."
    )
