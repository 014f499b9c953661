"""Does an answer stay first whichever one fact of the graph is taken away?

Every fact that can matter is taken away, one at a time, and it is found exactly what the model then
says (`asked_again`); which facts can matter follows from what the trees rest on
(`core.graph.supports`) and from what else the model looks at. So the certificate is no estimate: it
equals asking again without each fact of the graph.

It also tells what a single false fact can do that has slipped in already. If the answer is kept
without any one fact, then it is kept without that one, and is what the model would have said had
nobody added it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TypedDict

from core.answers.asked_again import Asked, Said
from core.answers.naming import Naming
from core.errors import SettingsError
from core.graph.removal import Edge
from core.report import Report
from core.results.certificate import Certificate, FactRemoval, SourceRemoval
from core.results.named import LikelyEntity

MOST = 4096
"""Facts that are tried for one answer."""

MOST_SOURCES = 64
"""Sources that are tried, those with most facts first; for each the model is asked again."""

AT_ONCE = 256
"""Facts between two looks at whether the run shall stop."""

SLIGHT = 1e-4
"""Less than this that an answer loses may be rounding."""


def certify(
    asked: Asked, naming: Naming, report: Report, sources: Mapping[str, Sequence[Edge]]
) -> Certificate:
    """Take away, one at a time, every fact that can change what was said, and every source.

    Args:
        asked: The question and the model.
        naming: Of the same graph.
        report: Can stop it.
        sources: The facts that came from each; see `core.graph.history.facts_by_source`.

    Raises:
        SettingsError: If these are too many.
    """
    began = time.monotonic()
    walked = set().union(*(one.facts for one in asked.supports))
    sole = set().union(*(one.sole for one in asked.supports))
    facts = sorted(sole | asked.elsewhere())
    if len(facts) > MOST:
        raise SettingsError(
            "This answer cannot be certified: {count:,} facts may change it, and at most {most:,} "
            "are tried. Ask without a certificate.",
            count=len(facts),
            most=MOST,
        )
    then: list[Said] = []
    for begin in range(0, len(facts), AT_ONCE):
        report.check_stop()
        then += asked.without(facts[begin : begin + AT_ONCE])
    now = asked.now
    on = _weakest(now, then)
    hangs_on = None
    if on is not None:
        fact = naming.chain((facts[on],))[0]
        hangs_on = FactRemoval(fact=fact, **_removal(naming, now, then[on]))
    largest = sorted(sources.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST_SOURCES]
    by_source = dict(largest)
    without = [asked.without_all(added) for added in by_source.values()]
    on = _weakest(now, without)
    source = None
    if on is not None:
        name, added = list(by_source.items())[on]
        left = _removal(naming, now, without[on])
        source = SourceRemoval(source=name, facts=len(added), **left)
    decisive = sum(said.first != now.first for said in then)
    return Certificate(
        answer=_named(naming, now),
        probability=min(now.chance, 1.0),
        kept=decisive == 0,
        facts=len(walked),
        tried=len(facts),
        decisive=decisive,
        hangs_on=hangs_on,
        seconds=time.monotonic() - began,
        sources=len(by_source),
        source=source,
    )


def _weakest(now: Said, then: Sequence[Said]) -> int | None:
    """Where least is left of what was first, and it is first no longer before others."""
    places = range(len(then))
    at = min(places, key=lambda at: (then[at].first == now.first, then[at].kept), default=None)
    if at is None or (then[at].first == now.first and then[at].kept >= now.kept - SLIGHT):
        return None
    return at


class _Left(TypedDict):
    probability: float
    first: LikelyEntity | None
    kept: bool


def _removal(naming: Naming, now: Said, said: Said) -> _Left:
    first = _named(naming, said)
    return _Left(probability=min(said.kept, 1.0), first=first, kept=said.first == now.first)


def _named(naming: Naming, said: Said) -> LikelyEntity | None:
    return None if said.first is None else naming.likely(said.first, said.chance)
