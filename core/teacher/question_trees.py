"""Questions as trees in arrays, ready to be scored.

A tree and what stands at its frontiers depend on the topic alone and are grown once per topic; what
belongs to a question is its words, how well each node's frontier matches its answers, and which
nodes are gold. A question with several topics has one tree for each; an answer stands where their
frontiers meet (see `meetings`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import ROOT, PathTree, TreeShape, grow_tree, relation_codes
from core.records import TOPIC_MARK, Question, RelationPath, looked_for
from core.teacher.absence import NONE, NOTHING_ABSENT, Absent, absent_alternatives
from core.teacher.meetings import best_meetings
from core.teacher.question_encoder import LONGEST, OTHER, RelationWords, split_words
from core.teacher.spoken_paths import SpokenPaths

POOLED = 64
"""Entities of a frontier that tell its kind: all of a small one, evenly spaced of a big one."""

TOPICS = 16
"""Topics whose trees are at hand however large their frontiers are."""

AT_HAND = 2_000_000
"""So long as all of them together have no more nodes, entities and absences, those of more are."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """What kind of entities stand at each node: the relations at their edges, in both directions.

    Attributes:
        starts: `(nodes + 1,)`; node u has `codes[starts[u]:starts[u + 1]]`.
        codes: Relation codes, sorted and distinct within a node.
        shares: Share of the frontier's entities with such an edge, scaled to sum to one by node.
    """

    starts: Ints
    codes: Ints
    shares: np.ndarray


@dataclass(frozen=True, eq=False)
class QuestionTree:
    """One question on the tree of one of its topics.

    Attributes:
        question: The question.
        words: Its words, at most `LONGEST`; the topic's mention is `TOPIC_MARK`, another's `OTHER`.
        tree: The topic's relation-prefix tree.
        kinds: What stands at its nodes.
        answers: Known answers by entity number, sorted; those that the graph lacks left out.
        match: `(nodes,)` F1 of each node's frontier with the known answers; where there are other
            topics, of the best meeting with their frontiers that the node can be part of.
        gold: `(nodes,)` bool, nodes whose prefix is a gold path.
        masked: The question's text with `TOPIC_MARK` for the mention of the topic.
        spoken: `(nodes,)` how much the question sounds like asking for each node's prefix, see
            `spoken_paths`; 0 at the root, and everywhere where nobody listens.
        absent: What the graph does not have at the nodes, and what of it is sought; empty for a
            teacher that knows nothing of absence.
    """

    question: Question
    words: tuple[str, ...]
    tree: PathTree
    kinds: Kinds
    answers: Ints
    match: np.ndarray
    gold: np.ndarray
    masked: str
    spoken: np.ndarray
    absent: Absent = NOTHING_ABSENT

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question masked, in its own words and then in its others."""
        return (self.masked, *self.question.masked_wordings(f" {TOPIC_MARK} "))

    def without_frontiers(self) -> QuestionTree:
        """The same to learn from; what only its frontiers tell, as its answers, it cannot say."""
        return replace(self, tree=self.tree.without_frontiers())


@dataclass
class QuestionCounts:
    """What became of a list of questions; shown in the training report.

    Attributes:
        used: Questions turned into trees.
        several_topics: Of these, how many start from more than one entity.
        unknown_topic: Left out: the graph lacks one of the topics.
        nothing_around: Left out: no relation leaves one of the topics.
        unreachable: Kept out of learning from answers: no path reaches any answer.
        gold: Gold paths of the questions used, those that end in what the graph lacks left out.
        gold_missing: Of these, how many do not exist in the trees (ignored).
        unanswerable: Questions that the graph is known not to answer.
        cut_words: Questions longer than the encoder reads.
        cut_trees: Trees that were not grown to their end: a frontier too wide, or too many nodes.
    """

    used: int = 0
    several_topics: int = 0
    unknown_topic: int = 0
    nothing_around: int = 0
    unreachable: int = 0
    gold: int = 0
    gold_missing: int = 0
    unanswerable: int = 0
    cut_words: int = 0
    cut_trees: int = 0


@dataclass(eq=False)
class TreeGrower:
    """Grows question trees over one graph; questions about one topic that follow share its tree.

    A topic whose tree would be too large is grown anew for each question, along the relations whose
    labels resemble the question most.

    Attributes:
        absence: Whether the trees say what the graph does not have.
        spoken: Paths in words, to be compared with what is asked; None where a teacher does not.
        at_hand: The trees that need not be grown again.
    """

    graph: KnowledgeGraph
    linker: Linker
    shape: TreeShape
    relation_words: RelationWords
    absence: bool = False
    spoken: SpokenPaths | None = None
    counts: QuestionCounts = field(default_factory=QuestionCounts)
    at_hand: TreesAtHand = field(default_factory=lambda: TreesAtHand(), init=False)
    _truncated: set[int] = field(default_factory=set, init=False)

    def hearing(self, spoken: SpokenPaths) -> TreeGrower:
        """A grower that compares the same trees, at hand for both, with paths in words."""
        other = replace(self, spoken=spoken, counts=QuestionCounts())
        other.at_hand = self.at_hand
        return other

    def grow(self, question: Question) -> tuple[QuestionTree, ...]:
        """A question's trees, one for each topic; none (counted in the counts) if it has none."""
        topics = [self.graph.find_entity(topic) for topic in question.topics]
        if not topics or None in topics:
            self.counts.unknown_topic += 1
            return ()
        masked = [masked_text(self.linker, question.text, topic, topics) for topic in topics]  # type: ignore[arg-type]
        texts = [split_words(text) for text in masked]
        grown = [self.around(t, words) for t, words in zip(topics, texts, strict=True)]  # type: ignore[arg-type]
        trees = [one.tree for one in grown]
        if any(len(tree) == 1 for tree in trees):
            self.counts.nothing_around += 1
            return ()
        answers = np.unique(self.graph.find_entities(question.answers))
        answers = answers[answers >= 0]
        matches = (
            [match_answers(trees[0], answers)] if len(trees) == 1 else best_meetings(trees, answers)
        )
        self.counts.used += 1
        self.counts.several_topics += len(trees) > 1
        self.counts.cut_words += any(len(words) > LONGEST for words in texts)
        self.counts.cut_trees += any(tree.cut > 0 for tree in trees)
        self.counts.unreachable += bool(question.answers) and not matches[0].any()
        self.counts.unanswerable += not question.answerable
        return tuple(
            QuestionTree(
                question,
                tuple(words[:LONGEST]) or ("?",),
                one.tree,
                one.kinds,
                answers,
                match,
                self._gold(one.tree, question.paths[nth :: len(trees)]),
                masked[nth],
                *self._heard(
                    masked[nth],
                    one,
                    self._sought(one, question.paths[nth :: len(trees)]),
                    question.id,
                ),
            )
            for nth, (words, one, match) in enumerate(zip(texts, grown, matches, strict=True))
        )

    def listen(self, questions: Sequence[Question]) -> None:
        """Hear many questions at once before they are grown, and what their trees can say.

        So many texts at once are encoded in much less time than one tree after the other.
        """
        if self.spoken is None:
            return
        texts: list[str] = []
        paths: set[tuple[int, ...]] = set()
        for question in questions:
            topics = [self.graph.find_entity(topic) for topic in question.topics]
            known = [topic for topic in topics if topic is not None]
            texts += [masked_text(self.linker, question.text, one, known) for one in known]
            for topic in known:
                paths.update(self.around(topic, split_words(question.text)).paths)
        self.spoken.listen(texts)
        self.spoken.speak(sorted(paths))

    def grow_each(self, questions: Sequence[Question]) -> Iterator[tuple[QuestionTree, ...]]:
        """The trees of many questions, in order; see `grow`.

        They are heard together, no more at a time than there are trees at hand, so that none is
        grown twice.
        """
        for begin in range(0, len(questions), TOPICS):
            chosen = questions[begin : begin + TOPICS]
            self.listen(chosen)
            for question in chosen:
                yield self.grow(question)

    def reworded(self, tree: QuestionTree, masked: str, own: str = "") -> QuestionTree:
        """The same question in other words; what is looked for stays.

        Args:
            tree: The question.
            masked: The words, with `TOPIC_MARK` for the mention of the topic.
            own: Id of the question that they are taken from, if it is another.
        """
        words = tuple(split_words(masked)[:LONGEST]) or ("?",)
        if self.spoken is None or tree.tree.truncated:
            return replace(tree, words=words, masked=masked)
        around = self.around(tree.tree.topic, words)
        spoken, absent = self._heard(masked, around, tree.absent, own or tree.question.id)
        return replace(tree, words=words, masked=masked, spoken=spoken, absent=absent)

    def _heard(
        self, masked: str, grown: GrownTree, absent: Absent, own: str
    ) -> tuple[np.ndarray, Absent]:
        """How much a question sounds like the paths of a tree, and like what is absent there.

        A tree that is too large to be grown at once is not compared: it would take a text for each
        of its nodes.
        """
        spoken = np.zeros(len(grown.tree), np.float32)
        if self.spoken is None or grown.tree.truncated:
            return spoken, absent
        named = np.flatnonzero(absent.codes != NONE)
        there = len(spoken) - 1
        alike = self.spoken.similarities(
            masked, grown.paths[:there], own, lacking=grown.paths[there:]
        )
        spoken[1:] = alike[:there]
        heard = np.zeros(len(absent), np.float32)
        heard[named] = alike[there:]
        return spoken, replace(absent, spoken=heard)

    def around(self, topic: int, words: Sequence[str]) -> GrownTree:
        """What is around a topic; `words` decide what is left out of a tree that is too large."""
        if topic not in self.at_hand.trees and topic not in self._truncated:
            tree = grow_tree(self.graph, topic, self.shape)
            if tree.truncated:
                self._truncated.add(topic)
            else:
                self.at_hand.keep(topic, self._described(tree))
        if topic in self.at_hand.trees:
            return self.at_hand.trees[topic]
        relevance = self.relation_words.relevance(words)
        return self._described(grow_tree(self.graph, topic, self.shape, relevance))

    def _described(self, tree: PathTree) -> GrownTree:
        absent = NOTHING_ABSENT
        if self.absence:
            absent = absent_alternatives(self.graph, tree, self.shape)
        return GrownTree(tree, frontier_kinds(self.graph, tree), absent)

    def _gold(self, tree: PathTree, paths: Sequence[RelationPath]) -> np.ndarray:
        gold = np.zeros(len(tree), bool)
        for path in paths:
            if looked_for(path) is not None:
                continue
            self.counts.gold += 1
            codes = relation_codes(self.graph, path)
            node = tree.find(codes) if codes else None
            if node is None:
                self.counts.gold_missing += 1
            else:
                gold[node] = True
        return gold

    def _sought(self, grown: GrownTree, paths: Sequence[RelationPath]) -> Absent:
        """The tree's absent alternatives, those that gold paths look for marked.

        A relation that the graph's schema does not hold, or not there, is *none of these*.
        """
        absent = grown.absent
        sought = np.zeros(len(absent), bool)
        for path in paths:
            relation = looked_for(path)
            codes = relation_codes(self.graph, path[:-1])
            if relation is None or codes is None:
                continue
            node = grown.tree.find(codes)
            code = self.graph.find_relation(relation)
            here = absent.nodes == node
            found = here & (absent.codes == (NONE if code is None else code))
            sought |= found if found.any() else here & (absent.codes == NONE)
        return replace(absent, sought=sought) if sought.any() else absent


@dataclass(frozen=True, eq=False)
class GrownTree:
    """A topic's tree, what stands at its nodes, and what is absent there."""

    tree: PathTree
    kinds: Kinds
    absent: Absent

    @property
    def size(self) -> int:
        """Nodes, members of their frontiers, and absences: what it takes to keep it."""
        return len(self.tree) + len(self.tree.entities) + len(self.absent)

    @cached_property
    def paths(self) -> tuple[tuple[int, ...], ...]:
        """What can be put into words: the nodes' prefixes but the root's, then what is absent.

        None of a tree that is too large to be grown at once: it would take a text for each node.
        """
        if self.tree.truncated:
            return ()
        every = [self.tree.prefix(node) for node in range(len(self.tree))]
        lacking = zip(self.absent.nodes.tolist(), self.absent.codes.tolist(), strict=True)
        lost = ((*every[node], code) for node, code in lacking if code != NONE)
        return (*every[1:], *lost)


@dataclass(eq=False)
class TreesAtHand:
    """Trees by topic, those that were grown first in front; see `TOPICS` and `AT_HAND`.

    Attributes:
        trees: The trees.
        held: The sum of their sizes.
    """

    trees: dict[int, GrownTree] = field(default_factory=dict)
    held: int = 0

    def keep(self, topic: int, grown: GrownTree) -> None:
        """Keep a tree, in the place of those that were grown first where need be."""
        self.trees[topic] = grown
        self.held += grown.size
        while len(self.trees) > TOPICS and self.held > AT_HAND:
            self.held -= self.trees.pop(next(iter(self.trees))).size


def first_questions(trees: Sequence[QuestionTree], most: int) -> list[QuestionTree]:
    """The trees of the first `most` questions; those of one question are never parted."""
    chosen = set(list(dict.fromkeys(tree.question.id for tree in trees))[:most])
    return [tree for tree in trees if tree.question.id in chosen]


def masked_text(linker: Linker, text: str, topic: int, topics: Sequence[int]) -> str:
    """A question about one of its topics: what things are called is no evidence."""
    text = mask(linker, text, topic, f" {TOPIC_MARK} ")
    for other in topics:
        if other != topic:
            text = mask(linker, text, other, f" {OTHER} ")
    return text


def match_answers(tree: PathTree, answers: Ints) -> np.ndarray:
    """F1 between each node's frontier and a set of answers: `(nodes,)`, 0 at the root.

    F1 = 2 |frontier & answers| / (|frontier| + |answers|)
    """
    sizes = np.diff(tree.starts)
    hit = np.add.reduceat(np.isin(tree.entities, answers), tree.starts[:-1], dtype=np.int64)
    match: np.ndarray = 2.0 * hit / (sizes + max(len(answers), 1))
    match[ROOT] = 0.0
    return match


def frontier_kinds(graph: KnowledgeGraph, tree: PathTree) -> Kinds:
    """Relations at the edges of each node's frontier; see `Kinds`."""
    nodes, members = _pooled(tree)
    entities, member = np.unique(members, return_inverse=True)
    owner, codes, _ = graph.relations_of(entities)
    counts = np.bincount(owner, minlength=len(entities))
    first = np.cumsum(counts) - counts
    sizes = counts[member]
    nth = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    width = 2 * graph.relation_count
    keys = np.repeat(nodes, sizes) * width + codes[np.repeat(first[member], sizes) + nth]
    keys, seen = np.unique(keys, return_counts=True)
    at = keys // width
    whole = np.bincount(at, weights=seen, minlength=len(tree))
    starts = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(tree)))])
    return Kinds(starts, (keys % width).astype(np.int32), seen / whole[at])


def telling(tree: PathTree) -> Ints:
    """The entities that tell the kinds of a tree's nodes, each once."""
    return np.unique(_pooled(tree)[1])


def _pooled(tree: PathTree) -> tuple[Ints, Ints]:
    """Pairs of node and entity of its (pooled) frontier, in node order."""
    sizes = np.diff(tree.starts)
    taken = np.minimum(sizes, POOLED)
    nodes = np.repeat(np.arange(len(tree)), taken)
    nth = np.arange(len(nodes)) - np.repeat(np.cumsum(taken) - taken, taken)
    where = tree.starts[nodes] + nth * sizes[nodes] // taken[nodes]
    return nodes, tree.entities[where]
