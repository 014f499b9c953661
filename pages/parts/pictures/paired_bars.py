"""Two distributions beside each other: a pair of bars a row, from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from pages.parts.text import clipped

GREY: Final = "#8a8f98"
BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"

Row = tuple[str, float, float]
"""What the two bars belong to, and how long they are."""


def paired_bars(
    rows: Sequence[Row], sides: Mapping[str, str], key: str, alt_text: str, name_width: int = 260
) -> None:
    """Draw the rows in their order.

    Args:
        rows: Rows of the same name share their place, so names tell rows apart.
        sides: The two sides' names as the reader sees them, each with its colour.
        key: Of the chart.
        alt_text: What the chart says, for those who do not see it.
        name_width: Names are cut at so many pixels.
    """
    order = list(dict.fromkeys(clipped(name) for name, _, _ in rows))
    frame = pd.DataFrame(
        [
            {"name": clipped(name), "side": side, "p": value}
            for name, *pair in rows
            for side, value in zip(sides, pair, strict=True)
        ]
    )
    colour = alt.Scale(domain=list(sides), range=list(sides.values()))
    chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusEnd=3, height={"band": 0.85})
        .encode(
            y=alt.Y(
                "name:N",
                sort=order,
                title=None,
                axis=alt.Axis(labelLimit=name_width, labelOverlap=False),
            ),
            yOffset=alt.YOffset("side:N", sort=list(sides)),
            x=alt.X(
                "p:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", values=[0, 0.5, 1]),
            ),
            color=alt.Color("side:N", scale=colour, title=None, legend=alt.Legend(orient="top")),
            tooltip=["name:N", "side:N", alt.Tooltip("p:Q", format=".4f")],
        )
        .properties(height=alt.Step(44, **{"for": "position"}))
    )
    st.altair_chart(chart, key=key, alt=alt_text)
