"""Where models are right: by hops, by language, by how new the path is, and how far to believe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from pages.compare.contenders import Scored
from pages.parts.pictures.colours import GREY
from pages.parts.table import table
from pages.parts.text import Words, clipped, t, t_plain

PARTS = ("levels", "hops", "languages")


def parts(one: Scored, kind: str) -> dict[str, tuple[int, float]]:
    """Questions and Hits@1 of an evaluation by the parts of a kind: one of `PARTS`."""
    if kind == "levels":
        return {level.level: (level.questions, level.hits_at_1) for level in one.found.levels}
    found = one.found.hops if kind == "hops" else one.found.languages
    return {part.part: (part.questions, part.hits_at_1) for part in found}


def part_name(kind: str, part: str) -> str:
    """What a part is called, in plain text."""
    if kind == "levels":
        return t_plain(f"compare.level.{part}")
    if kind == "hops" and part.isdecimal():
        return t_plain("compare.hops", n=int(part))
    return clipped(part)


def parts_view(rows: Sequence[Scored]) -> None:
    """A table for each kind of part that any evaluation holds, and the reliability of all."""
    shown = [kind for kind in PARTS if any(parts(one, kind) for one in rows)]
    if not shown:
        st.info(t("compare.no_parts"), icon=":material/info:")
    for kind in shown:
        st.markdown(f"**{t(f'compare.by.{kind}')}**", help=t(f"compare.by.{kind}_help"))
        part_table(rows, kind)
    if any(one.found.reliability for one in rows):
        st.markdown(f"**{t('compare.reliability')}**", help=t("compare.reliability_help"))
        with st.container(width=720):
            reliability(rows)


def part_table(rows: Sequence[Scored], kind: str) -> None:
    """Hits@1 of each model by part; the column says how many questions the part has."""
    told = part_rows(rows, kind)
    percent = st.column_config.NumberColumn(format="percent")
    columns = {name: percent for row in told for name in row if name != "model"}
    table(told, height="content", column_config={"model": t("compare.column.model"), **columns})


def part_rows(rows: Sequence[Scored], kind: str) -> list[dict[str, Any]]:
    """A row a model, a column a part, whose name says the most questions that it has."""
    of = [parts(one, kind) for one in rows]
    counts: dict[str, int] = {}
    for found in of:
        for part, (count, _) in found.items():
            counts[part] = max(count, counts.get(part, 0))
    heads = {part: f"{part_name(kind, part)} ({count:,})" for part, count in counts.items()}
    return [
        {"model": one.words(), **{heads[part]: found.get(part, (0, None))[1] for part in heads}}
        for one, found in zip(rows, of, strict=True)
    ]


def reliability(rows: Sequence[Scored]) -> None:
    """How often each was right against how sure it was: a line a model, a point a bin."""
    frame = pd.DataFrame(reliability_rows(rows))
    share: Mapping[str, Any] = {
        "scale": alt.Scale(domain=[0, 1]),
        "axis": alt.Axis(format="%", tickCount=5),
    }
    lines = (
        alt.Chart(frame)
        .mark_line(point=alt.OverlayMarkDef(size=45), strokeWidth=2)
        .encode(
            x=alt.X("confidence:Q", title=t("reliability.confidence"), **share),
            y=alt.Y("accuracy:Q", title=t("reliability.accuracy"), **share),
            color=_by_model(),
            tooltip=[
                "model:N",
                alt.Tooltip("confidence:Q", format=".1%"),
                alt.Tooltip("accuracy:Q", format=".1%"),
                alt.Tooltip("count:Q", format=","),
            ],
        )
    )
    ideal = alt.Chart(pd.DataFrame({"confidence": [0.0, 1.0], "accuracy": [0.0, 1.0]}))
    diagonal = ideal.mark_line(strokeDash=[5, 4], color=GREY).encode(
        x="confidence:Q", y="accuracy:Q"
    )
    chart = alt.layer(diagonal, lines).properties(height=340 + 12 * len(rows))  # with the legend
    st.altair_chart(chart, key="compare.reliability", alt=t("compare.reliability"))
    with st.expander(t("reliability.table"), icon=":material/table_rows:"):
        table(_reliability_table(frame))


def _by_model() -> alt.Color:
    return alt.Color(
        "model:N",
        sort=None,
        title=None,
        legend=alt.Legend(orient="bottom", columns=2, labelLimit=320),
    )


def reliability_rows(rows: Sequence[Scored]) -> list[dict[str, Any]]:
    """A row for each bin of each evaluation, bins in their order."""
    return [
        {
            "model": clipped(one.words()),
            "confidence": one_bin.confidence,
            "accuracy": one_bin.accuracy,
            "count": one_bin.count,
        }
        for one in rows
        for one_bin in one.found.reliability
    ]


def _reliability_table(frame: pd.DataFrame) -> list[dict[Words, Any]]:
    return [
        {
            t("compare.column.model"): row["model"],
            t("reliability.confidence"): f"{row['confidence']:.1%}",
            t("reliability.accuracy"): f"{row['accuracy']:.1%}",
            t("reliability.count"): row["count"],
        }
        for row in frame.to_dict("records")
    ]
