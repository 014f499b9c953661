"""The relation-prefix tree of a topic entity: the one object that runs through everything.

The root is the topic. A node is a relation prefix with its *frontier*, the set of entities that the
prefix reaches. Its children are the relations that leave any entity of the frontier, and STOP. A
path to STOP is a relation path, and the frontier there is its answer set. The teacher scores this
tree, labels are its masses, the student speaks it, decoding is confined to it, the screen draws it.

    Joe Biden -+- born_in -+- city_of
               |           `- ...
               `- graduate_from --- located_in

The root has no STOP child (a path has at least one hop); a node at the depth limit has no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from core.graph.edge_rows import Directions
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.records import RelationPath

ROOT = 0


@dataclass(frozen=True)
class TreeShape:
    """How far a tree grows.

    Attributes:
        hops: Depth limit.
        directions: `forward`, or `both` to walk relations backward too.
        widest: A frontier with more entities than this grows no children.
        most: A tree grown at once has at most so many nodes; see `grow_tree`.
    """

    hops: int
    directions: Directions = "both"
    widest: int = 20_000
    most: int = 1024


@dataclass(frozen=True, eq=False)
class PathTree:
    """A tree in arrays, a parent before its children, siblings side by side by relation code.

    Attributes:
        topic: Entity number of the root.
        parents: `(nodes,)` int32, -1 at the root.
        relations: `(nodes,)` int32 relation code of the hop into the node, -1 at the root.
        depths: `(nodes,)` int32 hops from the root.
        starts: `(nodes + 1,)` int64; node u's frontier is `entities[starts[u]:starts[u + 1]]`.
        entities: int32 entity numbers, sorted within a frontier, never empty.
        open: `(nodes,)` bool, nodes that grow on but whose children are not to be chosen from yet:
            what lies below them is unknown. None in a tree that was grown at once.
        cut: Number of nodes that were left out, or not grown from because their frontier is too
            wide.
        truncated: Whether nodes were left out because the tree was too large.
    """

    topic: int
    parents: Ints
    relations: Ints
    depths: Ints
    starts: Ints
    entities: Ints
    open: np.ndarray
    cut: int = 0
    truncated: bool = False

    def __len__(self) -> int:
        return len(self.parents)

    def frontier(self, node: int) -> Ints:
        """Entities that the node's prefix reaches: sorted."""
        return self.entities[self.starts[node] : self.starts[node + 1]]

    def without_frontiers(self) -> PathTree:
        """The same tree, of whose frontiers only the sizes are left; most of the memory is theirs.

        Entities are then not to be asked for.
        """
        return replace(self, entities=np.zeros(0, np.int32))

    def prefix(self, node: int) -> tuple[int, ...]:
        """Relation codes from the root to the node."""
        codes: list[int] = []
        while node != ROOT:
            codes.append(int(self.relations[node]))
            node = int(self.parents[node])
        return tuple(reversed(codes))

    def children(self, node: int) -> Ints:
        """Child nodes, STOP not among them."""
        return np.flatnonzero(self.parents == node)

    def find(self, codes: tuple[int, ...]) -> int | None:
        """The node of a prefix, or None if the graph has no such path from the topic."""
        node = ROOT
        for code in codes:
            below = self.children(node)
            match = below[self.relations[below] == code]
            if not len(match):
                return None
            node = int(match[0])
        return node


class Growth:
    """A tree while it grows, node by node.

    A hop that undoes the hop before it (`r` then `~r`) does not step back onto the topic: "films by
    the same director" are other films.

    Memory and time follow the edges of the frontiers met, not the graph.
    """

    def __init__(self, graph: KnowledgeGraph, topic: int, shape: TreeShape) -> None:
        self.graph, self.topic, self.shape = graph, topic, shape
        self.parents, self.relations, self.depths = [-1], [-1], [0]
        self.frontiers: list[Ints] = [np.array([topic], np.int32)]
        self.cut = 0
        self.truncated = False
        self._children: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self.parents)

    def grows(self, node: int) -> bool:
        """Whether a node may have children: above the depth limit and not too wide."""
        wide = len(self.frontiers[node]) > self.shape.widest
        return self.depths[node] < self.shape.hops and not wide

    def children(self, node: int) -> list[int]:
        """The children of a node, grown when first asked for."""
        if node not in self._children:
            self._children[node] = [self.add(node, *child) for child in self.expansions(node)]
        return self._children[node]

    def expansions(self, node: int) -> list[tuple[int, Ints]]:
        """Relations that lead on from a node, by code, each with the frontier it reaches."""
        if self.depths[node] == self.shape.hops:
            return []
        frontier, arrived = self.frontiers[node], self.relations[node]
        if len(frontier) > self.shape.widest:
            self.cut += 1
            return []
        back = self.graph.inverse(arrived) if arrived >= 0 else -1
        found = [
            (code, reached[reached != self.topic] if code == back else reached)
            for code, reached in _expand(self.graph, frontier, self.shape.directions)
        ]
        return [(code, reached) for code, reached in found if len(reached)]

    def add(self, parent: int, code: int, frontier: Ints) -> int:
        """Add a node; its number."""
        self.parents.append(parent)
        self.relations.append(code)
        self.depths.append(self.depths[parent] + 1)
        self.frontiers.append(frontier)
        return len(self.parents) - 1

    def tree(self, closed: Iterable[int] | None = None) -> PathTree:
        """The tree as it stands.

        Args:
            closed: Nodes whose children may be chosen from; every other one that grows is open.
                None where all of the tree is grown.
        """
        is_open = np.zeros(len(self), bool)
        if closed is not None:
            is_open = np.array([self.grows(node) for node in range(len(self))], bool)
            is_open[list(closed)] = False
        starts = np.zeros(len(self) + 1, np.int64)
        np.cumsum([len(frontier) for frontier in self.frontiers], out=starts[1:])
        return PathTree(
            topic=self.topic,
            parents=np.array(self.parents, np.int32),
            relations=np.array(self.relations, np.int32),
            depths=np.array(self.depths, np.int32),
            starts=starts,
            entities=np.concatenate(self.frontiers).astype(np.int32),
            open=is_open,
            cut=self.cut,
            truncated=self.truncated,
        )


def grow_tree(
    graph: KnowledgeGraph, topic: int, shape: TreeShape, relevance: np.ndarray | None = None
) -> PathTree:
    """Grow the relation-prefix tree of a topic entity, level by level.

    Args:
        graph: The graph.
        topic: The entity at the root.
        shape: How far to grow.
        relevance: `(2 R,)` how much each relation code concerns the question. With it, a level may
            take its share of the room that is left of `shape.most` nodes, so that deep paths find
            room too; the prefixes with the largest sum of relevance stay. Without it, those that
            come first stay, and a tree that fits is never cut.
    """
    growth = Growth(graph, topic, shape)
    shared = relevance is not None
    if relevance is None:
        relevance = np.zeros(2 * graph.relation_count)
    worth, level = [0.0], [ROOT]
    for levels_left in range(shape.hops, 0, -1):
        found = [(node, *offer) for node in level for offer in growth.expansions(node)]
        room = max(shape.most - len(growth), 0) // (levels_left if shared else 1)
        if len(found) > room:
            value = [worth[node] + relevance[code] for node, code, _ in found]
            kept = sorted(np.argsort(-np.array(value), kind="stable")[:room].tolist())
            growth.cut += len(found) - room
            growth.truncated = True
            found = [found[place] for place in kept]
        level = [growth.add(*child) for child in found]
        worth += [worth[node] + float(relevance[code]) for node, code, _ in found]
    return growth.tree()


def follow_path(graph: KnowledgeGraph, topic: int, codes: tuple[int, ...]) -> list[Ints]:
    """Frontiers along a relation path, topic first, by the same rule as the tree.

    The list ends early, without an empty frontier, where the path leaves the graph.
    """
    frontiers: list[Ints] = [np.array([topic], np.int32)]
    for hop, code in enumerate(codes):
        reached = graph.follow(frontiers[-1], code)
        if hop and code == graph.inverse(codes[hop - 1]):
            reached = reached[reached != topic]
        if not len(reached):
            break
        frontiers.append(reached)
    return frontiers


@dataclass(frozen=True, eq=False)
class WalkedPath:
    """A relation path walked from a topic, as far as the graph follows it.

    Attributes:
        relations: By name; what is no relation of the graph stays text.
        codes: Of the relations before the first that the graph does not know.
        frontiers: Entities along them, topic first; one more than the hops that the graph follows.
    """

    relations: RelationPath
    codes: tuple[int, ...]
    frontiers: list[Ints]

    @property
    def ends(self) -> Ints:
        """Entities that the whole path reaches; none where it leaves the graph or has no hop."""
        whole = len(self.frontiers) == len(self.relations) + 1 and self.relations
        return self.frontiers[-1] if whole else np.zeros(0, np.int32)


def walk_path(graph: KnowledgeGraph, topic: int, relations: RelationPath) -> WalkedPath:
    """Walk a path by the names of its relations; see `follow_path`."""
    codes: list[int] = []
    for name in relations:
        code = graph.find_relation(name)
        if code is None:
            break
        codes.append(code)
    return WalkedPath(relations, tuple(codes), follow_path(graph, topic, tuple(codes)))


def relation_codes(graph: KnowledgeGraph, path: RelationPath) -> tuple[int, ...] | None:
    """A relation path in codes, or None if the graph lacks one of its relations."""
    codes = [graph.find_relation(name) for name in path]
    return None if None in codes else tuple(int(c) for c in codes if c is not None)


def _expand(
    graph: KnowledgeGraph, frontier: Ints, directions: Directions
) -> list[tuple[int, Ints]]:
    """Relations that leave a frontier, by code, each with what it reaches (sorted, distinct)."""
    _, codes, tails = graph.edges(frontier, directions)
    if not len(codes):
        return []
    # Sorting is several times faster here than numpy's `unique`, which hashes first.
    keys = np.sort(codes.astype(np.int64) * graph.entity_count + tails)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    codes, tails = np.divmod(keys, graph.entity_count)
    cuts = np.flatnonzero(np.diff(codes)) + 1
    first = np.concatenate([[0], cuts])
    parts = np.split(tails.astype(np.int32), cuts)
    return [(int(codes[begin]), part) for begin, part in zip(first, parts, strict=True)]
