"""What alpha and temperature do, as a formula and two small pictures."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from core.labels.choices import soften
from pages.parts.answers.soft_label_view import COLOURS
from pages.parts.text import t

EXAMPLE = (0.58, 0.31, 0.11)
"""The teacher's probabilities in the worked example: two paths, and everything else."""


def loss_picture(alpha: float, temperature: float) -> None:
    """The loss, how alpha shares it out, and how the temperature softens an example."""
    with st.container(border=True, gap="medium", key="loss_picture"):
        st.markdown(f"**{t('distil.loss')}**")
        st.latex(r"L = \alpha \, L_{\text{hard}} + (1 - \alpha) \, L_{\text{soft}}")
        st.markdown(t("distil.loss_hard"))
        st.markdown(t("distil.loss_soft"))
        st.caption(t("distil.loss_alpha", alpha=f"{alpha:g}"))
        _shares(alpha)
        st.caption(t("distil.softening", temperature=f"{temperature:g}"))
        _softening(temperature)


def _shares(alpha: float) -> None:
    names = [t("distil.share_hard"), t("distil.share_soft")]
    frame = pd.DataFrame({"part": names, "share": [alpha, 1 - alpha], "order": [0, 1]})
    colour = alt.Scale(domain=names, range=[COLOURS["student"], COLOURS["teacher"]])
    chart = (
        alt.Chart(frame)
        .mark_bar(height=16)
        .encode(
            x=alt.X("share:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("part:N", scale=colour, title=None, legend=alt.Legend(orient="bottom")),
            order="order:Q",
            tooltip=["part:N", alt.Tooltip("share:Q", format=".0%")],
        )
        .properties(height=70)
    )
    st.altair_chart(chart, key="loss_picture.shares", alt=t("distil.loss_alpha", alpha=alpha))


def _softening(temperature: float) -> None:
    after = soften(EXAMPLE, temperature) if temperature > 0 else EXAMPLE
    names = [t("distil.path", number=1), t("distil.path", number=2), t("trace.rest")]
    frame = pd.DataFrame({"path": names, "p": list(after)})
    place = alt.Chart(frame).encode(
        y=alt.Y("path:N", sort=names, title=None),
        x=alt.X("p:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 1])),
    )
    bars = place.mark_bar(color=COLOURS["teacher"], cornerRadiusEnd=3)
    words = place.mark_text(align="left", dx=5, color="#8a8f98").encode(
        text=alt.Text("p:Q", format=".2f")
    )
    st.altair_chart(
        (bars + words).properties(height=110),
        key="loss_picture.softening",
        alt=t("distil.softening", temperature=temperature),
    )
