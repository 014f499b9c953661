"""What alpha and T do: a map of students that differ in nothing else, which fills as they learn."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from core.errors import CallerError
from core.runs.run import ACTIVE, Run, RunState
from core.runs.supervisor import presence
from pages.compare.contenders import contenders, evaluations, scored
from pages.compare.scores_view import column_name
from pages.compare.sweep_map import Cell, best_of, how_sure, sweep_map
from pages.compare.sweep_start import sweep_start
from pages.parts.empty_state import empty_state, link
from pages.parts.runs.run_progress import state_badge
from pages.parts.state import asked, card, names, remember, store
from pages.parts.table import table
from pages.parts.text import clipped, literal, t, t_plain

MOVED: Final = ("alpha", "temperature")
OF_NO_ACCOUNT: Final = {*MOVED, "name", "replace", "device"}
"""Settings in which students of one map may differ."""
SCORES: Final = {"hits": "hits_at_1", "path": "path_exact_match", "ece": "ece"}
"""What a map can show, and where an evaluation has it."""
TICK_SECONDS: Final = 2.0

Place = tuple[float, float]
"""Alpha and T."""


def sweep_view(graph: str, questions: str, split: str) -> None:
    """Choose a sweep and a score; the map, and the same as a table; a way to begin a sweep."""
    sweeps = _sweeps(graph)
    if sweeps:
        chosen, score = st.columns(2)
        firsts = {min(students.values()): students for students in sweeps}
        with chosen:
            first = _choose_sweep(firsts)
        with score:
            shown = _choose_score()
        remember(sweep=first, score=shown)
        is_live = bool(store().runs(1, states=ACTIVE))
        if is_live:
            presence.ensure(store())
        drawn = st.fragment(_map_as_it_is, run_every=TICK_SECONDS if is_live else None)
        drawn(graph, questions, split, first, shown)
    else:
        empty_state("compare.no_sweep", ("pages/distil/distil.py", "compare.to_distil"))
    sweep_start(graph)


def _choose_sweep(firsts: Mapping[str, Mapping[Place, str]]) -> str:
    wanted = asked("sweep", list(firsts))
    return str(
        st.selectbox(
            t("compare.sweep"),
            list(firsts),
            index=list(firsts).index(wanted) if wanted else 0,
            format_func=lambda name: clipped(
                t_plain("compare.sweep_of", name=name, n=len(firsts[name]))
            ),
            key="compare.sweep",
        )
    )


def _choose_score() -> str:
    return str(
        st.segmented_control(
            t("compare.score_shown"),
            list(SCORES),
            default=asked("score", list(SCORES)) or "hits",
            required=True,
            format_func=lambda name: t(f"compare.column.{name}"),
            key="compare.sweep.score",
        )
    )


def _map_as_it_is(graph: str, questions: str, split: str, first: str, score: str) -> None:
    """The map as the workspace has it now, the chosen cell, and what may be concluded."""
    sweep = next((one for one in _sweeps(graph) if first in one.values()), None)
    if sweep is None:  # deleted since the page was drawn
        return
    cells = _cells(sweep, graph, questions, split, score)
    known = [cell for cell in cells if cell.score is not None]
    sweep_map(cells, score)
    if best := best_of(known, score):
        st.markdown(how_sure(best, known, score))
    if len(known) < len(cells):
        st.caption(t("compare.sweep_waiting", known=len(known), of=len(cells)))
    st.caption(t("compare.sweep_note"))
    _chosen_cell(cells, score)
    columns = ("model", *MOVED, score)
    rows = [(cell.student, cell.alpha, cell.temperature, cell.score) for cell in cells]
    percent = {column_name(score): st.column_config.NumberColumn(format="percent")}
    told = [dict(zip(map(column_name, columns), row, strict=True)) for row in rows]
    table(told, column_config=percent)


def _chosen_cell(cells: Sequence[Cell], score: str) -> None:
    """The cell that was clicked, and the way to its run."""
    by_name = {cell.student: cell for cell in cells}
    name = asked("cell", list(by_name))
    if name is None:
        st.caption(t("compare.sweep_click"))
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        cell = by_name[name]
        at = {"alpha": f"{cell.alpha:g}", "temperature": f"{cell.temperature:g}"}
        st.markdown(t("compare.sweep_cell", name=name, **at), width="content")
        run = _run_of(name)
        if run is not None:
            state_badge(run.state)
            link("pages/runs/runs.py", "compare.to_run", {"run": run.id})
        else:
            st.caption(literal(t_plain("compare.sweep_no_run")), width="content")


def _run_of(student: str) -> Run | None:
    """The run that makes or has made a student; None where it was deleted."""
    runs = store().runs(500, "distill_student", (*ACTIVE, RunState.SUCCEEDED))
    return next((run for run in runs if run.settings.get("name") == student), None)


def _sweeps(graph: str) -> list[dict[Place, str]]:
    """Students of a graph, and those that learn, by alpha and T; the largest sweeps first."""
    found: dict[str, dict[Place, str]] = defaultdict(dict)
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


def _enter(found: dict[str, dict[Place, str]], settings: Mapping[str, Any], name: str) -> None:
    """Put a student where it belongs; of several at one place the first stays."""
    rest = {key: value for key, value in settings.items() if key not in OF_NO_ACCOUNT}
    alpha, temperature = (settings.get(key) for key in MOVED)
    if isinstance(alpha, int | float) and isinstance(temperature, int | float):
        place = (float(alpha), float(temperature))
        found[json.dumps(rest, sort_keys=True)].setdefault(place, name)


def _cells(
    sweep: Mapping[Place, str], graph: str, questions: str, split: str, score: str
) -> list[Cell]:
    """A cell for each student of a sweep, with its score where it has one."""
    there = [one for one in contenders(graph)[0] if one.kind == "student"]
    rows = scored(evaluations()[0], there, questions, split)
    known = {one.contender.name: one.found for one in rows if one.is_usual}
    cells = []
    for (alpha, temperature), name in sorted(sweep.items()):
        found = known.get(name)
        value = None if found is None else getattr(found, SCORES[score])
        lacking = found.honesty.unanswerable if found is not None and found.honesty else 0
        answerable = 0 if found is None else found.questions - lacking
        cells.append(Cell(name, alpha, temperature, value, answerable))
    return cells
