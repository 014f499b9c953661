"""A claimed path is executed on the graph, hop by hop, and judged.

    Joe Biden -born_in-> Scranton -city_of-> USA        in graph, in graph: supported
    Joe Biden -birth_of-> ...        wrong relation, nearest: Joe Biden -born_in-> Scranton
    Joe Biden -born_in-> Scranton, which lacks mayor         in graph, verified absent: supported

How the path was made does not matter: this file knows the graph and nothing of any model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import islice

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import WalkedPath, follow_path, walk_path
from core.records import RelationPath, inverse, looked_for

Triple = tuple[str, str, str]
"""Ids of head, relation (`~` in front where walked backward) and tail."""

Chain = tuple[tuple[int, int, int], ...]
"""Hops from entity to entity: head number, relation code, tail number."""


class HopStatus(StrEnum):
    """What the graph says to one hop."""

    IN_GRAPH = "in_graph"
    ONLY_INVERSE = "only_inverse"
    WRONG_RELATION = "wrong_relation"
    ENTITY_MISSING = "entity_missing"
    DEAD_END = "dead_end"
    VERIFIED_ABSENT = "verified_absent"


@dataclass(frozen=True, slots=True)
class HopVerdict:
    """One hop of a claim.

    Attributes:
        relation: As claimed.
        status: `in_graph`: the hop exists; `only_inverse`: it exists the other way round only;
            `wrong_relation`: something leaves from here, but not that; `entity_missing`: the graph
            lacks the entity; `dead_end`: nothing leaves from here, or only a step back onto the
            topic, or an earlier hop has failed; `verified_absent`: a relation is claimed not to
            leave from here, and does not.
        nearest: The edge that the graph has instead, leaving the same place; None if there is none.
        reached: Entities that the hop reaches.
    """

    relation: str
    status: HopStatus
    nearest: Triple | None
    reached: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A whole claim.

    Attributes:
        hops: One verdict per claimed hop.
        supported: Every hop is in the graph and the claimed answer is among what they reach; or all
            but the last are, and that was claimed to be absent, and is.
        share: Verified hops over claimed hops, in [0, 1]; 0 where nothing is claimed.
    """

    hops: tuple[HopVerdict, ...]
    supported: bool
    share: float


def check_path(
    graph: KnowledgeGraph, topic: int | None, path: RelationPath, answer: int | None = None
) -> Verdict:
    """Execute a relation path from a topic, by the rules of the tree, and judge each hop.

    Args:
        graph: The graph that decides.
        topic: Entity number; None if the claim begins at something that the graph lacks.
        path: Relation names, known to the graph or not.
        answer: Entity number that the path should reach; None if none is claimed.
    """
    if topic is None:
        missing = [HopStatus.ENTITY_MISSING, *[HopStatus.DEAD_END] * len(path)]
        hops = [HopVerdict(name, why, None, 0) for name, why in zip(path, missing, strict=False)]
        return _verdict(hops, False)
    return check_walk(graph, walk_path(graph, topic, path), answer)


def check_walk(graph: KnowledgeGraph, walk: WalkedPath, answer: int | None = None) -> Verdict:
    """The same of a path that was walked already."""
    good = len(walk.frontiers) - 1
    hops = [
        HopVerdict(relation, HopStatus.IN_GRAPH, None, len(frontier))
        for relation, frontier in zip(walk.relations, walk.frontiers[1:], strict=False)
    ]
    if good == len(walk.relations):
        return _verdict(hops, answer is None or answer in walk.frontiers[-1])
    failed, *others = walk.relations[good:]
    if is_absent(graph, walk):
        hops.append(HopVerdict(failed, HopStatus.VERIFIED_ABSENT, None, 0))
        return _verdict(hops, answer is None)
    hops.append(_failed_hop(graph, walk.frontiers[-1], failed))
    hops += [HopVerdict(relation, HopStatus.DEAD_END, None, 0) for relation in others]
    return _verdict(hops, False)


def is_absent(graph: KnowledgeGraph, walk: WalkedPath) -> bool:
    """Whether the graph lacks what a path claims that it does; see `MISSING`.

    The hops before must be there, and lead to nothing that has the relation. That what is looked
    for is none of the graph's relations cannot be checked against the graph.
    """
    relation = looked_for(walk.relations)
    if not relation or len(walk.frontiers) < len(walk.relations):
        return False
    code = graph.find_relation(relation)
    if code is None:
        return True
    reached = graph.follow(walk.frontiers[-1], code)
    if walk.codes and code == graph.inverse(walk.codes[-1]):  # no step back onto the topic
        reached = reached[reached != walk.frontiers[0][0]]
    return not len(reached)


def ground_path(
    graph: KnowledgeGraph, topic: int, codes: tuple[int, ...], answer: int, limit: int = 3
) -> list[Chain]:
    """Concrete chains of entities along a relation path that end in the answer.

    The frontiers are walked backward from the answer, so every step taken belongs to some chain and
    nothing is enumerated beyond the `limit`. Empty if the path does not reach the answer.
    """
    return chains_to(graph, follow_path(graph, topic, codes), codes, answer, limit)


def chains_to(
    graph: KnowledgeGraph,
    frontiers: list[Ints],
    codes: tuple[int, ...],
    end: int,
    limit: int,
) -> list[Chain]:
    """The same along frontiers that are known already; see `follow_path`."""
    if not codes or len(frontiers) != len(codes) + 1 or end not in frontiers[-1]:
        return []
    return list(islice(_chains(graph, frontiers, codes, end), limit))


def _chains(
    graph: KnowledgeGraph, frontiers: list[Ints], codes: tuple[int, ...], end: int
) -> Iterator[Chain]:
    if not codes:
        yield ()
        return
    *before, code = codes
    sources = graph.follow(np.array([end]), graph.inverse(code))
    for source in np.intersect1d(sources, frontiers[len(before)]).tolist():
        for chain in _chains(graph, frontiers, tuple(before), source):
            yield (*chain, (source, code, end))


def _verdict(hops: list[HopVerdict], holds: bool) -> Verdict:
    good = (HopStatus.IN_GRAPH, HopStatus.VERIFIED_ABSENT)
    verified = sum(hop.status in good for hop in hops)
    share = verified / len(hops) if hops else 0.0
    return Verdict(tuple(hops), holds and share == 1.0, share)


def _failed_hop(graph: KnowledgeGraph, frontier: Ints, relation: str) -> HopVerdict:
    """Why a relation does not lead on from a frontier, and what does."""
    positions, codes, tails = graph.edges(frontier)
    lacking = looked_for((relation,))
    claimed = graph.find_relation(relation if lacking is None else lacking)
    leaves = claimed is not None and bool(np.any(codes == claimed))
    if lacking is None and (leaves or not len(codes)):
        return HopVerdict(relation, HopStatus.DEAD_END, None, 0)
    if lacking is not None and not leaves:  # what is none of the relations cannot be checked
        return HopVerdict(relation, HopStatus.WRONG_RELATION, None, 0)
    turned = graph.find_relation(inverse(relation))
    if leaves and claimed is not None:  # it was claimed to be absent
        status, code = HopStatus.WRONG_RELATION, claimed
    elif turned is not None and np.any(codes == turned):
        status, code = HopStatus.ONLY_INVERSE, turned
    else:
        status, code = HopStatus.WRONG_RELATION, _most_similar(graph, relation, np.unique(codes))
    edge = int(np.flatnonzero(codes == code)[0])
    nearest = _in_ids(graph, int(frontier[positions[edge]]), code, int(tails[edge]))
    return HopVerdict(relation, status, nearest, 0)


def _most_similar(graph: KnowledgeGraph, relation: str, codes: Ints) -> int:
    """The code whose id or label is spelled most like a claim; the same direction on a tie."""
    wanted = {_spell(relation)}
    known = graph.find_relation(relation)
    if known is not None:
        wanted |= {_spell(graph.relation_label(known, language)) for language in graph.languages}

    def likeness(code: int) -> tuple[float, bool]:
        names = {_spell(graph.relation_id(code))}
        names |= {_spell(graph.relation_label(code, language)) for language in graph.languages}
        alike = max(SequenceMatcher(None, a, b).ratio() for a in wanted for b in names)
        return alike, relation.startswith("~") == graph.relation_id(code).startswith("~")

    return int(max(codes.tolist(), key=likeness))


def _spell(name: str) -> str:
    return name.removeprefix("~").replace("_", " ").casefold()


def _in_ids(graph: KnowledgeGraph, head: int, code: int, tail: int) -> Triple:
    return graph.entity_id(head), graph.relation_id(code), graph.entity_id(tail)
