"""What is known of a teacher: how it learned, how far to believe it, what became of its questions.

All of it comes from its card, its run and its evaluations; nothing is computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

import streamlit as st

from core.results.evaluation import Evaluation
from core.results.summaries import TeacherSummary
from core.results.teacher import (
    Calibrated,
    TrainedTeacher,
    TransferredTeacher,
    TreeCounts,
    UntrainedTeacher,
)
from core.runs.store.store import Run, RunState
from core.settings import EvaluateSettings
from pages.parts.answers.honesty_view import honesty_view
from pages.parts.changes import is_owner, start
from pages.parts.pictures.curves import curves, history
from pages.parts.runs.run_progress import duration
from pages.parts.state import card, names, store
from pages.parts.table import table
from pages.parts.text import clipped, field_name, literal, t
from pages.teach.reliability_plot import reliability_plot

RUNS_LOOKED_AT: Final = 500
WIDTH: Final = 440
"""Of what stands beside each other, in pixels."""


def teacher_report(made: TeacherSummary) -> None:
    """Show the report of a teacher."""
    if isinstance(made.result, TransferredTeacher):
        _transferred(made.result)
    else:
        _numbers(made.result)
        with st.container(horizontal=True, gap="medium"):  # one below the other where it is narrow
            with st.container(width=WIDTH):
                _calibration(made.result.calibration)
            with st.container(width=WIDTH):
                _counts(made.result.counts)
    if isinstance(made.result, TrainedTeacher):
        _learning(made.result)
    _evaluations(made.name)
    _settings(made)


def _transferred(result: TransferredTeacher) -> None:
    """What a teacher from another graph has proved on this one; some of before have not."""
    calibration = result.calibration
    if calibration is None:
        st.info(t("report.uncalibrated"), icon=":material/info:")
        return
    scores = {
        "alone": result.alone_hits_at_1,
        "lexical": result.lexical_hits_at_1,
        "both": result.dev_hits_at_1,
        "share": result.lexical_share,
    }
    st.markdown(t("report.transferred", **{name: _share(one) for name, one in scores.items()}))
    with st.container(width=WIDTH):
        _calibration(calibration)


def _numbers(result: TrainedTeacher | UntrainedTeacher) -> None:
    """The few figures that matter most."""
    told = {
        "hits": _share(result.dev_hits_at_1),
        "ceiling": _share(result.retrieval_ceiling),
        "ece": _share(result.calibration.ece),
        "coverage": _share(result.calibration.coverage),
    }
    with st.container(horizontal=True, gap="xlarge"):
        for name, value in told.items():
            words = t(f"report.{name}_help")
            st.metric(t(f"report.{name}"), literal(value), help=words, width="content")


def _calibration(calibration: Calibrated) -> None:
    st.markdown(f"#### {t('report.calibration')}", help=t("report.calibration_help"))
    wanted, threshold = calibration.precision, calibration.threshold
    st.markdown(
        t(
            "report.temperature",
            temperature=f"{calibration.temperature:.2f}",
            ece_before=f"{calibration.ece_before:.1%}",
            ece=f"{calibration.ece:.1%}",
        )
    )
    if threshold is None:
        st.markdown(t("report.no_threshold", precision=f"{wanted:.0%}"))
    else:
        words = {"precision": wanted, "threshold": threshold, "coverage": calibration.coverage}
        st.markdown(t("report.threshold", **{name: f"{part:.0%}" for name, part in words.items()}))
    reliability_plot(calibration.reliability, "report.reliability", threshold)
    st.caption(t("report.judged_on", n=calibration.questions))


def _counts(counts: TreeCounts) -> None:
    """What became of the questions, in plain words."""
    st.markdown(f"#### {t('report.questions')}")
    rows = [
        {
            t("report.what"): t(f"report.count.{field.name}"),
            t("report.how_many"): getattr(counts, field.name),
        }
        for field in fields(counts)
    ]
    table(rows, height="content", column_config=_counts_columns())


def _counts_columns() -> dict[str, Any]:
    return {
        t("report.what"): st.column_config.TextColumn(width=330),
        t("report.how_many"): st.column_config.NumberColumn(width="small"),
    }


def _learning(result: TrainedTeacher) -> None:
    """How training went: in figures, and as curves while its run is known."""
    st.markdown(f"#### {t('report.learning')}")
    st.markdown(
        t(
            "report.learned",
            n=result.steps,
            epochs=f"{result.epochs:.1f}",
            best_step=f"{result.best_step:,}",
            took=duration(result.seconds),
        )
    )
    run = training_run(result.name)
    if run is None:
        st.caption(t("report.no_run"))
    else:
        points = history(run.id)["points"]  # a demonstration's run has a student's as well
        own = {name: points[name] for name in points if name.startswith("teacher/")}
        curves(own, (), "report.curve")


def training_run(teacher: str) -> Run | None:
    """The run that made a teacher, if it is known: the newest of its name that ended well."""
    for recipe in ("train_teacher", "run_demo"):
        for run in store().runs(RUNS_LOOKED_AT, recipe, (RunState.SUCCEEDED,)):
            result = run.result or {}
            name = result.get("name") or result.get("names", {}).get("teacher")
            if name == teacher:
                return run
    return None


def _evaluations(teacher: str) -> None:
    """How the teacher did on other parts of its questions, and a way to score it."""
    st.markdown(f"#### {t('report.evaluations')}")
    known = {name: card("evaluations", name) for name in names("evaluations")}
    own = {n: e for n, e in known.items() if e.kind == "teacher" and e.model == teacher}
    if own:
        table(
            [_scores(evaluation) for evaluation in own.values()],
            column_config={
                t(f"report.{name}"): st.column_config.NumberColumn(
                    format="percent", help=t(f"report.{name}_help")
                )
                for name in ("hits", "exact", "ece")
            },
        )
        honesty_view(list(own.values()))
        _evaluation_plot({n: e for n, e in own.items() if e.reliability})
    else:
        st.caption(t("report.no_evaluation"))
    if st.button(t("report.evaluate"), icon=":material/fact_check:", disabled=not is_owner()):
        run = start("evaluate", EvaluateSettings(model=teacher, role="teacher"))
        st.switch_page("pages/runs/runs.py", query_params={"run": run})


def _evaluation_plot(evaluations: Mapping[str, Evaluation]) -> None:
    if not evaluations:
        return
    chosen = st.selectbox(
        t("report.plot_of"),
        list(evaluations),
        format_func=lambda name: clipped(
            f"{evaluations[name].question_set} · {evaluations[name].split}"
        ),
        key="report.evaluation",
        width=360,
    )
    with st.container(width=640):
        reliability_plot(evaluations[chosen].reliability, f"report.reliability.{chosen}")


def _scores(evaluation: Evaluation) -> dict[str, Any]:
    return {
        field_name("questions"): evaluation.question_set,
        field_name("split"): evaluation.split,
        t("report.hits"): evaluation.hits_at_1,
        t("report.exact"): evaluation.path_exact_match,
        t("report.ece"): evaluation.ece,
        t("report.how_many"): evaluation.questions,
    }


def _settings(made: TeacherSummary) -> None:
    with st.expander(t("report.settings"), icon=":material/tune:"):
        rows = [
            {t("report.setting"): field_name(name), t("report.value"): _plain(value)}
            for name, value in made.settings.items()
        ]
        table(rows, height="content")
        st.caption(t("report.graph_hash", hash=made.graph_hash[:16]))


def _plain(value: Any) -> str:
    return "–" if value in (None, "") else str(value)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
