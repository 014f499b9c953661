"""At which hop models go wrong, and the questions where they do, each a way to the stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.results.evaluation import WrongHop
from pages.compare.contenders import Scored
from pages.parts.forms.examples import question_text
from pages.parts.table import table
from pages.parts.text import literal, t, t_plain


def wrong_hops_view(rows: Sequence[Scored]) -> None:
    """A table of how often each model first goes wrong at each hop, and examples of one."""
    told = [one for one in rows if one.found.wrong_hops is not None]
    if not told:
        return
    st.markdown(f"**{t('compare.wrong_hops')}**", help=t("compare.wrong_hops_help"))
    columns = {"model": t("compare.column.model")}
    table(wrong_hop_rows(told), height="content", column_config=columns)
    shown = {one.contender.id: one for one in told if one.contender.kind in STAGES}
    wrong = {name: one for name, one in shown.items() if one.found.wrong_hops}
    if not wrong:
        return
    name = st.selectbox(
        t("compare.wrong_hops_of"),
        list(wrong),
        format_func=lambda one: wrong[one].words(),
        key="compare.wrong_hops",
        width=360,
    )
    for hop in wrong[name].found.wrong_hops or ():
        _examples(wrong[name], hop)


def wrong_hop_rows(rows: Sequence[Scored]) -> list[dict[str, Any]]:
    """A row a model, a column a hop: how many questions go wrong there."""
    counts = [{one.hop: one.questions for one in row.found.wrong_hops or ()} for row in rows]
    hops = sorted({hop for found in counts for hop in found})
    return [
        {
            "model": row.words(),
            **{t_plain("compare.wrong_hop", hop=hop): found.get(hop, 0) for hop in hops},
        }
        for row, found in zip(rows, counts, strict=True)
    ]


STAGES = {
    "student": ("pages/distil/soft_labels.py", "student"),
    "teacher": ("pages/teach/teacher.py", "teacher"),
}
"""Where a question of a model is drawn, and what names the model there."""


def _examples(one: Scored, hop: WrongHop) -> None:
    """The first questions that go wrong at a hop."""
    page, parameter = STAGES[one.contender.kind]
    st.caption(t("compare.wrong_hop_examples", hop=hop.hop, n=hop.questions))
    for question in hop.examples:
        text = question_text(one.found.question_set, question)
        if text is not None:  # else the set was made anew since
            st.page_link(
                page,
                label=literal(text),
                icon=":material/visibility:",
                query_params={parameter: one.contender.name, "q": question},
            )
