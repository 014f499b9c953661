"""Live curves of a run: what was read so far, kept between ticks, and drawn.

The points that a browser session has seen stay in `st.session_state`; a tick reads only what came
after its cursor. Changes that a person made are drawn as vertical marks at their step.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.runs.store import curves as stored
from pages.parts.state import store
from pages.parts.text import t

MOST_POINTS = 1000
CHARTS: dict[str, tuple[str, ...]] = {
    "teacher_loss": ("teacher/loss",),
    "teacher_hits": ("teacher/dev_hits_at_1",),
    "distil_loss": (
        "distil/loss",
        "distil/hard",
        "distil/soft",
        "distil/choice",
        "distil/validity",
        "distil/answers",
    ),
    "distil_kl": ("distil/dev_kl_path",),
    "distil_match": ("distil/dev_path_exact_match",),
}

Points = Mapping[str, Sequence[tuple[int, float]]]


def history(run_id: str) -> dict[str, Any]:
    """Everything that the run has said, read by cursor and kept for this browser session.

    A long run is read thinned at first; what comes after is read whole.

    Returns:
        `points`: per curve a list of `(step, value)`; `events`: all events, oldest first.
    """
    kept = st.session_state.get(f"history:{run_id}")
    if kept is None:
        kept = st.session_state[f"history:{run_id}"] = _opened(run_id)
    while rows := store().metrics(run_id, after=kept["metric"]):
        for row in rows:
            if math.isfinite(row.value):
                _place(kept["points"].setdefault(row.name, []), row.step, row.value)
        kept["metric"] = rows[-1].id
    while events := store().events(run_id, after=kept["event"]):
        kept["events"].extend(events)
        kept["event"] = events[-1].id
    return kept


def _opened(run_id: str) -> dict[str, Any]:
    database = store().database
    cursor = stored.cursor(database, run_id)  # first: what comes meanwhile is read twice, not never
    names = stored.names(database, run_id)
    points = {name: stored.thinned(database, run_id, name) for name in names}
    return {"metric": cursor, "event": 0, "points": points, "events": []}


def _place(points: list[tuple[int, float]], step: int, value: float) -> None:
    """Put a point where its step belongs; of a step said twice the later value holds."""
    if not points or points[-1][0] < step:
        points.append((step, value))
        return
    place = bisect.bisect_left(points, (step, -math.inf))
    if points[place][0] == step:
        points[place] = (step, value)
    else:
        points.insert(place, (step, value))


def thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most `MOST_POINTS` of the points, evenly chosen, with the first and the last."""
    if len(points) <= MOST_POINTS:
        return list(points)
    chosen = np.linspace(0, len(points) - 1, MOST_POINTS).round().astype(int)
    return [points[index] for index in chosen]


def curves(points: Points, marks: Sequence[tuple[int, str]], key: str) -> None:
    """Draw every chart that has points, two beside each other.

    Args:
        points: Per curve its `(step, value)` pairs.
        marks: `(step, words)` of changes made by a person, drawn on the distillation charts.
        key: Prefix of the charts' keys.
    """
    drawn = [name for name, names in CHARTS.items() if any(points.get(n) for n in names)]
    if not drawn:
        return
    columns = st.columns(min(2, len(drawn)), gap="large")
    for index, name in enumerate(drawn):
        with columns[index % len(columns)]:
            st.caption(t(f"curves.{name}"))
            st.altair_chart(
                _chart(points, CHARTS[name], marks if name.startswith("distil") else ()),
                key=f"{key}.{name}",
                alt=t(f"curves.{name}"),
            )


def _chart(
    points: Points, names: Sequence[str], marks: Sequence[tuple[int, str]]
) -> alt.LayerChart | alt.FacetChart:
    rows = [
        {"step": step, "value": value, "curve": t(f"curve.{name}")}
        for name in names
        for step, value in thinned(points.get(name, ()))
    ]
    few = len(rows) <= 40
    order = [t(f"curve.{name}") for name in names if points.get(name)]
    colour = alt.Color(
        "curve:N", sort=order, title=None, legend=alt.Legend(orient="bottom", columns=3)
    )
    line = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(point=few, strokeWidth=2, clip=True)
        .encode(
            x=alt.X(
                "step:Q",
                title=None,
                axis=alt.Axis(tickMinStep=1, grid=False, format=",.9~r"),
                scale=alt.Scale(zero=False, nice=False, padding=8),
            ),
            y=alt.Y(
                "value:Q",
                title=None,
                axis=alt.Axis(format=".5~g"),
                scale=alt.Scale(zero=False, padding=8),
            ),
            color=colour if len(order) > 1 else alt.Undefined,
            tooltip=["curve:N", "step:Q", alt.Tooltip("value:Q", format=".4g")],
        )
    )
    return alt.layer(line, *_marks(marks)).properties(height=200 if len(order) == 1 else 260)


def _marks(marks: Sequence[tuple[int, str]]) -> list[alt.Chart]:
    if not marks:
        return []
    frame = pd.DataFrame([{"step": step, "change": words} for step, words in marks])
    place = alt.Chart(frame).encode(x=alt.X("step:Q"), tooltip=["change:N", "step:Q"])
    words = place.mark_text(align="left", baseline="top", dx=4, fontSize=11, color="#8a8f98")
    return [
        place.mark_rule(strokeDash=[4, 3], color="#8a8f98", strokeWidth=1.5),
        words.encode(text="change:N", y=alt.value(2)),
    ]
