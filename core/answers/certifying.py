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

from core.answers.asked_again import Asked, Said
from core.answers.naming import Naming
from core.errors import SettingsError
from core.report import Report
from core.results.certificate import Certificate, FactRemoval
from core.results.named import LikelyEntity

MOST = 4096
"""Facts that are tried for one answer."""

AT_ONCE = 256
"""Facts between two looks at whether the run shall stop."""

SLIGHT = 1e-4
"""Less than this that an answer loses may be rounding."""


def certify(asked: Asked, naming: Naming, report: Report) -> Certificate:
    """Take away, one at a time, every fact that can change what was said.

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
    ranked = sorted(
        ((said.first == now.first, said.kept, fact, said) for fact, said in zip(facts, then,
                                                                               strict=True)),
        key=lambda one: one[:3],
    )  # fmt: skip
    hangs_on = None
    if ranked and (not ranked[0][0] or ranked[0][1] < now.kept - SLIGHT):
        kept, _, fact, said = ranked[0]
        hangs_on = FactRemoval(
            fact=naming.chain((fact,))[0],
            probability=min(said.kept, 1.0),
            first=_named(naming, said),
            kept=kept,
        )
    decisive = sum(not kept for kept, *_ in ranked)
    return Certificate(
        answer=_named(naming, now),
        probability=min(now.chance, 1.0),
        kept=decisive == 0,
        facts=len(walked),
        tried=len(facts),
        decisive=decisive,
        hangs_on=hangs_on,
        seconds=time.monotonic() - began,
    )


def _named(naming: Naming, said: Said) -> LikelyEntity | None:
    return None if said.first is None else naming.likely(said.first, said.chance)
