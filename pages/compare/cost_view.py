"""What a score costs: how big a model is, how long it takes to answer, how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from pages.compare.contenders import Scored
from pages.compare.scores_view import column_name, score_row
from pages.parts.text import clipped, t


def cost_view(rows: Sequence[Scored]) -> None:
    """A point a model: right against time, as large as it takes room; nothing for one alone."""
    points = cost_rows(rows)
    if len(points) < 2:
        return
    st.markdown(f"**{t('compare.cost')}**", help=t("compare.cost_help"))
    frame = pd.DataFrame(points)
    drawn = (
        alt.Chart(frame)
        .mark_circle(opacity=0.75)
        .encode(
            x=alt.X("time:Q", title=column_name("time"),
                    scale=alt.Scale(type="log", nice=False, padding=40)),
            y=alt.Y("hits:Q", title=column_name("hits"), axis=alt.Axis(format="%"),
                    scale=alt.Scale(zero=False, padding=24)),
            size=alt.Size("size:Q", title=column_name("size"),
                          scale=alt.Scale(type="sqrt", range=[60, 1600], zero=True)),
            color=alt.Color("model:N", sort=None, title=None,
                            legend=alt.Legend(orient="bottom", columns=2, labelLimit=320)),
            tooltip=["model:N", alt.Tooltip("hits:Q", format=".1%"),
                     alt.Tooltip("time:Q", format=".1f"), alt.Tooltip("size:Q", format=".1f")],
        )
        .properties(height=320 + 12 * len(points))
    )  # fmt: skip
    with st.container(width=720):
        st.altair_chart(drawn, key="compare.cost", alt=t("compare.cost"))


def cost_rows(rows: Sequence[Scored]) -> list[dict[str, Any]]:
    """Those of which size and time are known, the time in milliseconds, the size in megabytes."""
    told = [score_row(one) for one in rows]
    return [
        {
            "model": clipped(row["model"]),
            "hits": row["hits"],
            "time": row["time"],
            "size": row["size"],
        }
        for row in told
        if row["time"] and row["size"] is not None
    ]
