"""A run's curves as a screen needs them: few points however many there are, and the latest values.

A run may hold millions of points. Here the database hops along its index from one point that is
wanted to the next and never touches those between, so a long curve opens as fast as a short one.
"""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.runs.store.database import Database
from core.runs.store.tables import metrics

MOST_POINTS = 400
"""Of a curve at first: a chart is some hundred pixels wide, and each point is looked up alone."""


def names(database: Database, run_id: str) -> list[str]:
    """The curves of a run, by name."""
    mine = metrics.c.run == run_id
    walk = select(func.min(metrics.c.name).label("name")).where(mine).cte("walk", recursive=True)
    following = select(func.min(metrics.c.name)).where(mine, metrics.c.name > walk.c.name)
    hop = following.correlate(walk).scalar_subquery()
    walk = walk.union_all(select(hop).where(walk.c.name.is_not(None)))
    with database.reading() as connection:
        return list(connection.scalars(select(walk.c.name).where(walk.c.name.is_not(None))))


def thinned(
    database: Database, run_id: str, name: str, most: int = MOST_POINTS
) -> list[tuple[int, float]]:
    """About `most` points of a curve as (step, value), evenly by step, the last one among them.

    Where a resumed run said a step twice, its later value holds; values that are no number are
    left out.
    """
    mine = (metrics.c.run == run_id) & (metrics.c.name == name)
    with database.reading() as connection:
        # One by one: asked for both at once, SQLite reads the whole curve.
        first = connection.scalar(select(func.min(metrics.c.step)).where(mine))
        last = connection.scalar(select(func.max(metrics.c.step)).where(mine))
        if first is None or last is None:
            return []
        gap = max(1, math.ceil((last - first) / most))
        start = select(func.min(metrics.c.step).label("step")).where(mine)
        walk = start.cte("walk", recursive=True)
        following = select(func.min(metrics.c.step)).where(
            mine, metrics.c.step >= walk.c.step + gap
        )
        hop = following.correlate(walk).scalar_subquery()
        walk = walk.union_all(select(hop).where(walk.c.step.is_not(None)))
        found = select(walk.c.step, _value(mine, walk.c.step)).where(walk.c.step.is_not(None))
        points = [(int(step), value) for step, value in connection.execute(found)]
        if points[-1][0] != last:
            points.append((int(last), connection.scalar(select(_value(mine, last)))))
    return [(step, value) for step, value in points if value is not None]


def latest(database: Database, run_id: str) -> dict[str, float | None]:
    """The last point of every curve; None where it is no number."""
    said = {}
    for name in names(database, run_id):
        mine = (metrics.c.run == run_id) & (metrics.c.name == name)
        last = select(metrics.c.value).where(mine)
        last = last.order_by(metrics.c.step.desc(), metrics.c.id.desc()).limit(1)
        with database.reading() as connection:
            said[name] = connection.scalar(last)
    return said


def cursor(database: Database, run_id: str) -> int:
    """The id of a run's latest point, to read on from; 0 where there is none."""
    with database.reading() as connection:
        last = connection.scalar(select(func.max(metrics.c.id)).where(metrics.c.run == run_id))
    return int(last or 0)


def _value(mine: ColumnElement[bool], step: Any) -> Any:
    """The value that holds at a step: the one said last."""
    chosen = select(metrics.c.value).where(mine, metrics.c.step == step)
    return chosen.order_by(metrics.c.id.desc()).limit(1).scalar_subquery()
