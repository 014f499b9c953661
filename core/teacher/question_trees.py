"""Questions as trees in arrays, ready to be scored in batches.

Trees and the graph around them depend on the topic alone and are grown once per topic; what
belongs to a question is its words, how well each node's frontier matches its answers, and which
nodes are gold. A batch lays many trees side by side, nodes sorted by depth, so that a policy walks
all of them hop by hop together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import ROOT, PathTree, TreeShape, grow_tree, relation_codes
from core.records import Question
from core.teacher.question_encoder import LONGEST, TOPIC, RelationWords, split_words

POOLED = 64
"""Entities of a frontier pooled into its state: all of a small one, evenly spaced of a big one."""

FANOUT = 32
"""Edges that message passing follows per entity and relation: enough to know the kind of a hub."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """A topic's tree and the graph around it, in local numbers.

    Attributes:
        tree: The relation-prefix tree.
        entities: `(local,)` entity numbers, sorted; local number = position here.
        edges: `(2, edges)` local source and target, both directions.
        codes: `(edges,)` relation codes.
        pooled_node, pooled_entity: Pairs of tree node and local entity of its (pooled) frontier.
    """

    tree: PathTree
    entities: Ints
    edges: Ints
    codes: Ints
    pooled_node: Ints
    pooled_entity: Ints


@dataclass(frozen=True, eq=False)
class QuestionTree:
    """One question on its tree.

    Attributes:
        question: The question.
        words: Its words, at most `LONGEST`.
        around: Tree and graph of its topic.
        answers: Known answers by entity number, sorted; those that the graph lacks left out.
        match: `(nodes,)` F1 of each node's frontier with the known answers; all zero without any.
        gold: `(nodes,)` bool, nodes whose prefix is a gold path.
    """

    question: Question
    words: tuple[str, ...]
    around: Surroundings
    answers: Ints
    match: np.ndarray
    gold: np.ndarray


@dataclass
class Census:
    """What became of a list of questions; shown in the training report.

    Attributes:
        used: Questions turned into trees.
        several_topics: Left out: they start from more than one entity.
        unknown_topic: Left out: the graph has no such entity.
        nothing_around: Left out: no relation leaves the topic.
        unreachable: Kept out of learning from answers: no path reaches any answer.
        gold_missing: Gold paths that do not exist in the graph (ignored).
        cut_words: Questions longer than the encoder reads.
        cut_trees: Trees with a frontier too wide to grow from.
    """

    used: int = 0
    several_topics: int = 0
    unknown_topic: int = 0
    nothing_around: int = 0
    unreachable: int = 0
    gold_missing: int = 0
    cut_words: int = 0
    cut_trees: int = 0


@dataclass(eq=False)
class TreeGrower:
    """Grows question trees over one graph, each topic once."""

    graph: KnowledgeGraph
    linker: Linker
    shape: TreeShape
    census: Census = field(default_factory=Census)
    _around: dict[int, Surroundings] = field(default_factory=dict)

    def grow(self, question: Question) -> QuestionTree | None:
        """A question's tree, or None (counted in the census) where it has none."""
        if len(question.topics) != 1:
            self.census.several_topics += 1
            return None
        topic = self.graph.find_entity(question.topics[0])
        if topic is None:
            self.census.unknown_topic += 1
            return None
        around = self._surroundings(topic)
        if len(around.tree) == 1:
            self.census.nothing_around += 1
            return None
        words = split_words(mask(self.linker, question.text, topic, f" {TOPIC} "))
        self.census.cut_words += len(words) > LONGEST
        self.census.cut_trees += around.tree.cut > 0
        answers = np.unique(self.graph.find_entities(question.answers))
        answers = answers[answers >= 0]
        match = match_answers(around.tree, answers)
        self.census.unreachable += bool(question.answers) and not match.any()
        self.census.used += 1
        gold = self._gold(question, around.tree)
        return QuestionTree(
            question, tuple(words[:LONGEST]) or ("?",), around, answers, match, gold
        )

    def _gold(self, question: Question, tree: PathTree) -> np.ndarray:
        gold = np.zeros(len(tree), bool)
        for path in question.paths:
            codes = relation_codes(self.graph, path)
            node = tree.find(codes) if codes else None
            if node is None:
                self.census.gold_missing += 1
            else:
                gold[node] = True
        return gold

    def _surroundings(self, topic: int) -> Surroundings:
        if topic not in self._around:
            self._around[topic] = surroundings(self.graph, grow_tree(self.graph, topic, self.shape))
        return self._around[topic]


def match_answers(tree: PathTree, answers: Ints) -> np.ndarray:
    """F1 between each node's frontier and a set of answers: `(nodes,)`, 0 at the root.

    F1 = 2 |frontier & answers| / (|frontier| + |answers|)
    """
    sizes = np.diff(tree.starts)
    hit = np.add.reduceat(np.isin(tree.entities, answers), tree.starts[:-1], dtype=np.int64)
    match = 2.0 * hit / (sizes + max(len(answers), 1))
    match[ROOT] = 0.0
    return match


def surroundings(graph: KnowledgeGraph, tree: PathTree) -> Surroundings:
    """The part of the graph that a tree runs over, for message passing.

    Entities are those of all frontiers (pooled ones where a frontier is large); edges are the
    graph's own between them, both directions, at most `FANOUT` per entity and relation.
    """
    nodes, members = _pooled(tree)
    entities = np.unique(members)
    positions, codes, tails = graph.edges(entities)
    rank = _rank_within(positions * (2 * graph.relation_count) + codes)
    targets = np.searchsorted(entities, tails)
    inside = (targets < len(entities)) & (rank < FANOUT)
    inside &= entities[np.minimum(targets, len(entities) - 1)] == tails
    return Surroundings(
        tree=tree,
        entities=entities,
        edges=np.stack([positions[inside], targets[inside]]),
        codes=codes[inside],
        pooled_node=nodes,
        pooled_entity=np.searchsorted(entities, members),
    )


def _pooled(tree: PathTree) -> tuple[Ints, Ints]:
    sizes = np.diff(tree.starts)
    taken = np.minimum(sizes, POOLED)
    nodes = np.repeat(np.arange(len(tree)), taken)
    nth = np.arange(len(nodes)) - np.repeat(np.cumsum(taken) - taken, taken)
    where = tree.starts[nodes] + nth * sizes[nodes] // taken[nodes]
    return nodes, tree.entities[where]


def _rank_within(keys: Ints) -> Ints:
    """Position of each element in its run of equal keys (keys come sorted)."""
    if not len(keys):
        return keys
    first = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
    return np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))


class EntityKinds:
    """What kind of thing an entity is, told by the relations at its edges.

    Nothing is kept but the graph: the rows of a batch's entities are counted when asked for.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph

    def rows(self, entities: Ints) -> tuple[Tensor, Tensor, Tensor]:
        """Relations at the edges of each entity, as a bag.

        Args:
            entities: `(n,)` entity numbers.

        Returns:
            `(offsets, codes, weights)` for `embedding_bag`; the weights of an entity sum to one,
            each distinct relation alike: a hub is the same kind of thing as a small entity.
        """
        distinct, back = np.unique(entities, return_inverse=True)
        positions, codes, _ = self.graph.edges(distinct)
        keys = positions * (2 * self.graph.relation_count) + codes
        keys = keys[np.diff(keys, prepend=-1) > 0]
        owners, kinds = np.divmod(keys, 2 * self.graph.relation_count)
        counts = np.bincount(owners, minlength=len(distinct))
        ends = np.cumsum(counts)
        sizes = counts[back]
        nth = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        where = np.repeat((ends - counts)[back], sizes) + nth
        weights = np.repeat(1.0 / np.maximum(sizes, 1), sizes)
        offsets = np.cumsum(sizes) - sizes
        return torch.as_tensor(offsets), torch.as_tensor(kinds[where]), torch.as_tensor(weights)


@dataclass(frozen=True, eq=False)
class TreeBatch:
    """Trees side by side. Nodes of all trees are sorted by depth; `order` maps back.

    Attributes:
        questions: Number of questions.
        words: Distinct words of the batch.
        word_index: `(questions, words)` into `words`, padded with 0.
        lengths: `(questions,)` words per question, on the CPU.
        overlap: `(words, label words)` lexical overlap of `words` with the relations' label words.
        question: `(nodes,)` question of each node.
        parent: `(nodes,)` node number of the parent, -1 at roots.
        relation: `(nodes,)` relation code, -1 at roots.
        levels: Node ranges by depth: level d is nodes `levels[d]:levels[d + 1]`.
        match, gold: `(nodes,)` as in `QuestionTree`.
        entity, is_topic: `(entities,)` entity numbers and the topic mark.
        edge_index, edge_relation, edge_question: See `message_passing`.
        pooled_node, pooled_entity: Pairs for pooling frontiers.
        order: `(nodes,)` position of each sorted node in the concatenation of the trees.
    """

    questions: int
    words: list[str]
    word_index: Tensor
    lengths: Tensor
    overlap: Tensor
    question: Tensor
    parent: Tensor
    relation: Tensor
    levels: list[int]
    match: Tensor
    gold: Tensor
    entity: np.ndarray
    is_topic: Tensor
    edge_index: Tensor
    edge_relation: Tensor
    edge_question: Tensor
    pooled_node: Tensor
    pooled_entity: Tensor
    order: np.ndarray


def batch_trees(
    trees: Sequence[QuestionTree], relation_words: RelationWords, device: torch.device | str = "cpu"
) -> TreeBatch:
    """Lay question trees side by side."""
    arounds = [tree.around for tree in trees]
    sizes = np.array([len(around.tree) for around in arounds])
    begins = np.cumsum(sizes) - sizes
    depth = np.concatenate([around.tree.depths for around in arounds])
    order = np.argsort(depth, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    parent = np.concatenate([a.tree.parents + b for a, b in zip(arounds, begins, strict=True)])
    parent = np.where(depth == 0, -1, place[parent])[order]
    entities = np.array([len(around.entities) for around in arounds])
    shift = np.cumsum(entities) - entities
    edges = [a.edges + s for a, s in zip(arounds, shift, strict=True)]
    words = sorted({word for tree in trees for word in tree.words})
    number = {word: i for i, word in enumerate(words)}
    lengths = [len(tree.words) for tree in trees]
    word_index = np.zeros((len(trees), max(lengths)), np.int64)
    for row, tree in enumerate(trees):
        word_index[row, : lengths[row]] = [number[word] for word in tree.words]

    def move(values: np.ndarray, kind: torch.dtype | None = None) -> Tensor:
        return torch.as_tensor(values, dtype=kind).to(device)

    def join(parts: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts)

    entity = join([a.entities for a in arounds])
    topics = np.repeat([a.tree.topic for a in arounds], entities)
    pooled = [place[a.pooled_node + b] for a, b in zip(arounds, begins, strict=True)]
    return TreeBatch(
        questions=len(trees),
        words=words,
        word_index=move(word_index),
        lengths=torch.tensor(lengths),
        overlap=move(relation_words.overlap(words)),
        question=move(np.repeat(np.arange(len(trees)), sizes)[order]),
        parent=move(parent, torch.long),
        relation=move(join([a.tree.relations for a in arounds])[order], torch.long),
        levels=[0, *np.cumsum(np.bincount(depth)).tolist()],
        match=move(join([tree.match for tree in trees])[order], torch.float64),
        gold=move(join([tree.gold for tree in trees])[order]),
        entity=entity,
        is_topic=move(entity == topics),
        edge_index=move(np.concatenate(edges, axis=1), torch.long),
        edge_relation=move(join([a.codes for a in arounds]), torch.long),
        edge_question=move(np.repeat(np.arange(len(trees)), [a.edges.shape[1] for a in arounds])),
        pooled_node=move(join(pooled), torch.long),
        pooled_entity=move(
            join([a.pooled_entity + s for a, s in zip(arounds, shift, strict=True)]), torch.long
        ),
        order=order,
    )
