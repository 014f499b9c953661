"""A teacher's reasoning as an answer, to stand beside a student's."""

from __future__ import annotations

from collections.abc import Sequence

from core.records import MISSING, RelationPath, looked_for
from core.results.answer import Answer, AnsweredPath, Decision, JudgedHop, LookedFor
from core.results.named import Fact, Named
from core.results.trace import TopicTrace, Trace, TracedPath


def teacher_answer(trace: Trace) -> Answer:
    """What a teacher says; it walks the graph, so every hop of its paths is there."""
    thoughts: list[TopicTrace] = [trace, *trace.beside]
    firsts = [thought.paths[0] for thought in thoughts if thought.paths]
    others = list(trace.paths[1:]) if len(thoughts) == 1 else []
    no = trace.decision is Decision.NOT_IN_GRAPH
    return Answer(
        question=trace.question,
        language=trace.language,
        student=trace.teacher,
        decoding="exact",
        seconds=trace.seconds,
        topics=trace.topics,
        candidates=trace.candidates,
        answers=() if no else trace.answers,
        paths=tuple(map(_path, [*firsts, *others])),
        supported=bool(trace.answers) and not no,
        decision=trace.decision,
        confidence=trace.confidence,
        missing=trace.unsaid,
        looked_for=_lacking(trace),
    )


def _path(path: TracedPath) -> AnsweredPath:
    return AnsweredPath(
        relations=path.relations,
        probability=path.probability,
        answers=path.answers,
        reached=path.reached,
        supported=True,
        hops=_hops(path.chains[0] if path.chains else ()),
    )


def _hops(facts: Sequence[Fact]) -> tuple[JudgedHop, ...]:
    return tuple(JudgedHop(**vars(fact), verdict="in_graph", nearest=None) for fact in facts)


def _lacking(trace: Trace) -> LookedFor | None:
    """What the first topic's tree most probably lacks.

    The teacher takes a relation for missing only where the graph does not have it.
    """
    if not trace.missing:
        return None
    lacking = trace.missing[0]
    before, wanted = lacking.relations[:-1], looked_for(lacking.relations)
    label = lacking.labels[-1].removeprefix(MISSING)
    relation = Named(id=wanted, label=label) if wanted else None
    hops = _hops(_walked(trace, before))
    return LookedFor(
        topic=trace.topics[0],
        hops=hops,
        at=hops[-1].tail if hops else trace.topics[0],
        relation=relation,
        probability=lacking.probability,
        verified=relation is not None,
    )


def _walked(trace: TopicTrace, path: RelationPath) -> list[Fact]:
    """A chain of facts along a path, from what the trace draws; as far as that goes."""
    walked: list[Fact] = []
    for hop, relation in enumerate(path, start=1):
        at = walked[-1].tail.id if walked else None
        edge = next(
            (
                edge
                for edge in trace.edges
                if (edge.hop, edge.relation.id) == (hop, relation) and at in (None, edge.source.id)
            ),
            None,
        )
        if edge is None:
            break
        walked.append(Fact(head=edge.source, relation=edge.relation, tail=edge.target))
    return walked
