"""What an evaluation says beside its scores: by level, whether a no is known, and the likely sets.

One row for each evaluation that has something to say; nothing where none has, as those of before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.results.evaluation import LEVELS, Evaluation, Honesty
from pages.parts.table import table
from pages.parts.text import t


def honesty_view(evaluations: Sequence[Evaluation]) -> None:
    """Show up to three tables, each under its heading."""
    _shown("levels", [{**_about(one), **_levels(one)} for one in evaluations if one.levels])
    _shown(
        "honesty", [{**_about(one), **_honesty(one.honesty)} for one in evaluations if one.honesty]
    )
    _shown("sets", [row for one in evaluations for row in _sets(one)])


def _shown(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    st.markdown(f"**{t(f'honesty.{name}')}**", help=t(f"honesty.{name}_help"))
    percent = st.column_config.NumberColumn(format="percent")
    shares = {key: percent for row in rows for key, value in row.items() if _is_share(key, value)}
    table(rows, column_config=shares)


def _is_share(key: str, value: object) -> bool:
    plain = {t("honesty.size"), t("honesty.auroc")}
    return isinstance(value, float) and key not in plain


def _about(evaluation: Evaluation) -> dict[str, Any]:
    """Which evaluation a row is of."""
    return {
        t("honesty.of"): f"{evaluation.question_set} · {evaluation.split}",
        t("honesty.decoding"): evaluation.decoding,
    }


def _levels(evaluation: Evaluation) -> dict[str, Any]:
    """Hits@1 by level."""
    known = {one.level: one.hits_at_1 for one in evaluation.levels}
    return {t(f"honesty.level.{level}"): known.get(level) for level in LEVELS}


def _honesty(found: Honesty) -> dict[str, Any]:
    return {
        t("honesty.unanswerable_answered"): found.unanswerable_answered,
        t("honesty.answerable_refused"): found.answerable_refused,
        t("honesty.wrong_and_sure"): found.wrong_and_sure,
        t("honesty.auroc"): None if found.auroc is None else round(found.auroc, 3),
        t("honesty.unanswerable"): found.unanswerable,
    }


def _sets(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            **_about(evaluation),
            t("honesty.promised"): sets.level,
            t("honesty.coverage"): sets.coverage,
            t("honesty.size"): round(sets.size, 2),
        }
        for sets in evaluation.likely_sets
    ]
