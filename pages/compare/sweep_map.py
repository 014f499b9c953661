"""The alpha x T map as a picture whose cells can be clicked, and what may be said of its best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.evaluation.share_interval import share_interval
from pages.compare.scores_view import column_name
from pages.parts.state import remember
from pages.parts.text import Words, clipped, t

KEY = "compare.sweep.map"
PICKED = "cell"


class Cell(NamedTuple):
    """One student of a map.

    Attributes:
        score: None while it learns, or is not scored.
        answerable: Of how many questions with an answer its Hits@1 is the share.
    """

    student: str
    alpha: float
    temperature: float
    score: float | None
    answerable: int


def best_of(known: Sequence[Cell], score: str) -> Cell | None:
    """The best of the cells that have a score; of equals the first."""
    sign = -1 if score == "ece" else 1
    return max(known, key=lambda cell: sign * (cell.score or 0.0), default=None)


def how_sure(best: Cell, known: Sequence[Cell], score: str) -> Words:
    """Which cell is best, and how many others cannot be told from it."""
    at = {"alpha": f"{best.alpha:g}", "temperature": f"{best.temperature:g}"}
    said = {"name": best.student, **at}
    share = best.score or 0.0
    if score != "hits":
        return t("compare.sweep_best", **said, score=f"{share:.1%}")
    low, high = share_interval(share, best.answerable)
    rivals = sum((cell.score or 0.0) >= low for cell in known) - 1
    return t(
        "compare.sweep_best_hits",
        **said,
        score=f"{share:.1%}",
        questions=best.answerable,
        low=f"{low:.1%}",
        high=f"{high:.1%}",
        n=rivals,
    )


def sweep_map(cells: Sequence[Cell], score: str) -> None:
    """Draw the map; a click on a cell puts its student into the address."""
    frame = pd.DataFrame(
        [
            {
                "alpha": f"{cell.alpha:g}",
                "temperature": f"{cell.temperature:g}",
                "value": cell.score,
                "model": clipped(cell.student),
                "shown": "…" if cell.score is None else f"{cell.score:.1%}",
            }
            for cell in cells
        ]
    )
    alphas = [f"{value:g}" for value in sorted({cell.alpha for cell in cells}, reverse=True)]
    temperatures = [f"{value:g}" for value in sorted({cell.temperature for cell in cells})]
    place = alt.Chart(frame).encode(
        x=alt.X(
            "temperature:O",
            sort=temperatures,
            title=column_name("temperature"),
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y("alpha:O", sort=alphas, title=column_name("alpha")),
    )
    low = "descending" if score == "ece" else "ascending"
    colour = alt.Color("value:Q", scale=alt.Scale(scheme="blues"), sort=low, legend=None)
    picked = alt.selection_point(name=PICKED, fields=["model"], on="click")
    squares = place.mark_rect(stroke="#8a8f98", strokeWidth=1, cursor="pointer")
    # The words have no tooltip: with one they would take the clicks that go to their square.
    tooltip = ["model:N", "alpha:N", "temperature:N", "shown:N"]
    squares = squares.encode(color=colour, tooltip=tooltip).add_params(picked)
    middle = (frame["value"].max() + frame["value"].min()) / 2 if len(frame) else 0.0
    above = f"datum.value {'<' if score == 'ece' else '>'} {middle}"
    words = place.mark_text(fontSize=13).encode(
        text="shown:N",
        color=alt.condition(
            f"isValid(datum.value) && {above}", alt.value("#ffffff"), alt.value("#18212b")
        ),
    )
    chart = alt.layer(squares, words).properties(height=70 + 46 * len(alphas))
    with st.container(width=max(320, 150 + 110 * len(temperatures))):
        st.altair_chart(
            chart,
            key=KEY,
            alt=t("compare.sweep"),
            on_select=lambda: _pick({clipped(cell.student): cell.student for cell in cells}),
            selection_mode=PICKED,
        )


def _pick(students: dict[str, str]) -> None:
    """Put the student of the clicked cell into the address."""
    found = st.session_state[KEY]["selection"].get(PICKED) or [{}]
    if (name := students.get(str(found[0].get("model")))) is not None:
        remember(cell=name)
