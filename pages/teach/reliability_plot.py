"""Whether a model's confidence can be believed, drawn: how often it was right against how sure.

Bars that end at the diagonal are what a calibrated model has; a bar below it says that the model
was surer than it should have been.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.results.evaluation import ReliabilityBin
from pages.parts.pictures.colours import BLUE, GREY, ORANGE
from pages.parts.table import table
from pages.parts.text import t


def reliability_plot(
    bins: Sequence[ReliabilityBin], key: str, threshold: float | None = None, height: int = 280
) -> None:
    """Draw the plot, and the same as a table.

    Args:
        bins: As `core.evaluation.calibration.reliability` makes them.
        key: Of the chart.
        threshold: The confidence from which on answers count as confident, marked if given.
        height: In pixels.
    """
    frame = pd.DataFrame([asdict(one) for one in bins])
    share: dict[str, Any] = {
        "scale": alt.Scale(domain=[0, 1]),
        "axis": alt.Axis(format="%", tickCount=5),
    }
    confidence = {"title": t("reliability.confidence"), **share}
    accuracy = {"title": t("reliability.accuracy"), **share}
    tooltip = [
        alt.Tooltip(f"{name}:Q", title=t(f"reliability.{name}"), format=form)
        for name, form in (("confidence", ".1%"), ("accuracy", ".1%"), ("count", ","))
    ]
    bars = (
        alt.Chart(frame)
        .mark_rect(color=BLUE, opacity=0.75)
        .encode(
            x=alt.X("left:Q", **confidence),
            x2="right:Q",
            y=alt.Y("floor:Q", **accuracy),
            y2="accuracy:Q",
            tooltip=tooltip,
        )
        .transform_calculate(left="datum.low + 0.006", right="datum.high - 0.006", floor="0")
    )
    counts = (
        alt.Chart(frame)
        .mark_text(baseline="bottom", dy=-4, color=GREY)
        .encode(x=alt.X("middle:Q", **confidence), y=alt.Y("accuracy:Q"), text="count:Q")
        .transform_calculate(middle="(datum.low + datum.high) / 2")
    )
    ideal = pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]})
    diagonal = (
        alt.Chart(ideal)
        .mark_line(strokeDash=[5, 4], color=GREY)
        .encode(x=alt.X("confidence:Q"), y=alt.Y("accuracy:Q"))
    )
    layers = [bars, diagonal, counts]
    if threshold is not None:
        mark = alt.Chart(pd.DataFrame({"confidence": [threshold]}))
        layers.append(mark.mark_rule(color=ORANGE, strokeWidth=2).encode(x="confidence:Q"))
    chart = alt.layer(*layers).properties(height=height)
    st.altair_chart(chart, key=key, alt=t("reliability.alt"))
    st.caption(t("reliability.legend" if threshold is None else "reliability.legend_threshold"))
    with st.expander(t("reliability.table"), icon=":material/table_rows:"):
        table([_row(one) for one in bins])


def _row(one: ReliabilityBin) -> dict[str, Any]:
    return {
        t("reliability.between"): f"{one.low:.0%} – {one.high:.0%}",
        t("reliability.count"): one.count,
        t("reliability.confidence"): f"{one.confidence:.1%}",
        t("reliability.accuracy"): f"{one.accuracy:.1%}",
    }
