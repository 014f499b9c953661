"""What alpha and T do: a map of students that differ in nothing else."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from core.errors import CallerError
from core.runs.run import ACTIVE
from pages.compare.contenders import Scored
from pages.compare.scores_view import column_name
from pages.parts.empty_state import empty_state
from pages.parts.state import asked, card, names, remember, store
from pages.parts.table import table
from pages.parts.text import clipped, t, t_plain

MOVED: Final = ("alpha", "temperature")
OF_NO_ACCOUNT: Final = {*MOVED, "name", "replace", "device"}
"""Settings in which students of one map may differ."""
SCORES: Final = ("hits", "path", "ece")

Cell = tuple[float, float]
"""Alpha and T."""


def sweep_view(rows: Sequence[Scored], graph: str) -> None:
    """Choose a sweep and a score; the map, and the same as a table."""
    sweeps = _sweeps(graph)
    if not sweeps:
        empty_state("compare.no_sweep", ("pages/distil/distil.py", "compare.to_distil"))
        return
    chosen, score = st.columns(2)
    with chosen:
        firsts = {min(students.values()): students for students in sweeps}
        wanted = asked("sweep", list(firsts))
        first = st.selectbox(
            t("compare.sweep"),
            list(firsts),
            index=list(firsts).index(wanted) if wanted else 0,
            format_func=lambda name: clipped(
                t_plain("compare.sweep_of", name=name, n=len(firsts[name]))
            ),
            key="compare.sweep",
        )
    with score:
        shown = st.segmented_control(
            t("compare.score_shown"),
            SCORES,
            default=asked("score", list(SCORES)) or SCORES[0],
            required=True,
            format_func=lambda name: t(f"compare.column.{name}"),
            key="compare.sweep.score",
        )
    remember(sweep=str(first), score=str(shown))
    cells = _cells(firsts[first], rows, str(shown))
    _map(cells, str(shown))
    st.caption(t("compare.sweep_note"))
    table([{column_name(name): value for name, value in cell.items()} for cell in cells])


def _sweeps(graph: str) -> list[dict[Cell, str]]:
    """Students of a graph, and those that learn, by alpha and T; the largest sweeps first."""
    found: dict[str, dict[Cell, str]] = defaultdict(dict)
    for name in names("students"):
        try:
            made = card("students", name)
        except CallerError:  # the table of scores says what is wrong with it
            continue
        if made.graph == graph:
            _enter(found, made.settings, name)
    students = {name for sweep in found.values() for name in sweep.values()}
    teachers = {card("students", name).teacher for name in students}
    for run in store().runs(500, "distill_student", ACTIVE):
        if run.settings.get("teacher") in teachers:
            _enter(found, run.settings, str(run.settings.get("name")))
    sweeps = [sweep for sweep in found.values() if len(sweep) > 1]
    return sorted(sweeps, key=lambda sweep: (-len(sweep), min(sweep.values())))


def _enter(found: dict[str, dict[Cell, str]], settings: Mapping[str, Any], name: str) -> None:
    """Put a student where it belongs; of several at one place the first stays."""
    rest = {key: value for key, value in settings.items() if key not in OF_NO_ACCOUNT}
    alpha, temperature = (settings.get(key) for key in MOVED)
    if isinstance(alpha, int | float) and isinstance(temperature, int | float):
        place = (float(alpha), float(temperature))
        found[json.dumps(rest, sort_keys=True)].setdefault(place, name)


def _cells(sweep: Mapping[Cell, str], rows: Sequence[Scored], score: str) -> list[dict[str, Any]]:
    """A row for each student of a sweep, with its score where it has one."""
    known = {
        one.contender.name: one.found
        for one in rows
        if one.contender.kind == "student" and one.is_usual
    }
    fields = {"hits": "hits_at_1", "path": "path_exact_match", "ece": "ece"}
    return [
        {
            "model": name,
            "alpha": alpha,
            "temperature": temperature,
            score: getattr(known.get(name), fields[score], None),
        }
        for (alpha, temperature), name in sorted(sweep.items())
    ]


def _map(cells: Sequence[Mapping[str, Any]], score: str) -> None:
    frame = pd.DataFrame(
        [
            {
                "alpha": f"{cell['alpha']:g}",
                "temperature": f"{cell['temperature']:g}",
                "value": cell[score],
                "model": clipped(cell["model"]),
                "shown": "…" if cell[score] is None else f"{cell[score]:.1%}",
            }
            for cell in cells
        ]
    )
    orders = {
        key: [f"{value:g}" for value in sorted({cell[key] for cell in cells})] for key in MOVED
    }
    place = alt.Chart(frame).encode(
        x=alt.X(
            "temperature:O",
            sort=orders["temperature"],
            title=column_name("temperature"),
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("alpha:O", sort=orders["alpha"][::-1], title=column_name("alpha")),
        tooltip=["model:N", "alpha:N", "temperature:N", "shown:N"],
    )
    low = "descending" if score == "ece" else "ascending"
    colour = alt.Color("value:Q", scale=alt.Scale(scheme="blues"), sort=low, legend=None)
    squares = place.mark_rect(stroke="#8a8f98", strokeWidth=1).encode(color=colour)
    middle = (frame["value"].max() + frame["value"].min()) / 2 if len(frame) else 0.0
    above = f"datum.value {'<' if score == 'ece' else '>'} {middle}"
    words = place.mark_text(fontSize=13).encode(
        text="shown:N",
        color=alt.condition(
            f"isValid(datum.value) && {above}", alt.value("#ffffff"), alt.value("#18212b")
        ),
    )
    chart = alt.layer(squares, words).properties(height=70 + 46 * len(orders["alpha"]))
    with st.container(width=max(320, 150 + 110 * len(orders["temperature"]))):
        st.altair_chart(chart, key="compare.sweep.map", alt=t("compare.sweep"))
