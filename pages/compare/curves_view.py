"""Runs side by side: settings that differ, latest numbers, and any curve of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.catalogue import BY_RECIPE
from core.runs.run import Run
from core.runs.store import curves
from core.settings import field_names
from pages.parts.empty_state import empty_state
from pages.parts.runs.run_progress import run_name
from pages.parts.state import asked, remember, store
from pages.parts.table import table
from pages.parts.text import clipped, t

RUNS = 500


def curves_view() -> None:
    """Choose runs, which stand in the address, and see them beside each other."""
    runs = {run.id: run for run in store().runs(RUNS)}
    if not runs:
        empty_state("compare.no_runs", ("pages/start/tour.py", "runs.to_tour"))
        return
    wanted = [name for name in st.query_params.get("runs", "").split(",") if name in runs]
    chosen = st.multiselect(
        t("compare.runs"),
        list(runs),
        default=wanted,
        format_func=lambda name: clipped(f"{run_name(runs[name])} ({name})"),
        placeholder=t("compare.placeholder"),
        key="compare.runs",
    )
    remember(runs=",".join(chosen) or None)
    if len(chosen) > 1:
        _side_by_side([runs[name] for name in chosen])
    else:
        st.caption(t("compare.choose_runs"))


def _side_by_side(runs: Sequence[Run]) -> None:
    names = [clipped(f"{run_name(run)} ({run.id[-3:]})") for run in runs]
    entries = [BY_RECIPE[run.recipe] for run in runs if run.recipe in BY_RECIPE]
    known = (name for entry in entries for name in field_names(entry.settings))
    keys = dict.fromkeys([*known, *(key for run in runs for key in run.settings)])
    rows = {key: [run.settings.get(key) for run in runs] for key in keys}
    differ = {key: row for key, row in rows.items() if any(one != row[0] for one in row)}
    if differ:
        st.caption(t("compare.settings"))
        _table(names, differ)
    else:
        st.caption(t("compare.same"))
    latest = [curves.latest(store().database, run.id) for run in runs]
    curve_names = sorted({name for one in latest for name in one})
    if not curve_names:
        return
    st.caption(t("compare.latest"))
    _table(names, {name: [one.get(name) for one in latest] for name in curve_names})
    asked_for = asked("curve", curve_names)
    shown = st.selectbox(
        t("compare.curve"),
        curve_names,
        index=curve_names.index(asked_for) if asked_for else 0,
        format_func=clipped,
        key="compare.curve",
    )
    remember(curve=shown)
    points = [
        {"step": step, "value": value, "run": name}
        for run, name in zip(runs, names, strict=True)
        for step, value in curves.thinned(store().database, run.id, shown)
    ]
    line = alt.Chart(pd.DataFrame(points)).mark_line(strokeWidth=2)
    encoded = line.encode(
        x=alt.X("step:Q", title=None),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        color=alt.Color("run:N", title=None, legend=alt.Legend(orient="bottom")),
        tooltip=["run:N", "step:Q", alt.Tooltip("value:Q", format=".4g")],
    )
    st.altair_chart(encoded.properties(height=260), key="compare.chart", alt=t("compare.curve"))


def _table(names: Sequence[str], rows: dict[str, list[Any]]) -> None:
    told = [
        {"name": key, **{f"{n}": _shown(v) for n, v in zip(names, values, strict=True)}}
        for key, values in rows.items()
    ]
    table(told, column_config={"name": t("compare.name")})


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
