"""Watch a teacher reason about one question: exact masses, hop by hop, cut to what can be shown.

What is taken away is not there for it, what is supposed is: it reasons over that, on the words that
are left.

A question with several topics has a tree for each. The first one's reasoning is told as that of a
question with a single topic; `beside` has the others', and `meetings` where their paths meet.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.answers import model_cache
from core.answers.asked_again import AskedTeacher
from core.answers.certifying import certify
from core.answers.decision import believed, card_certainty, decide
from core.answers.naming import TOP_ENTITIES, Naming
from core.answers.supposing import in_fewer_words, supposed_graph, teacher_over
from core.answers.topics import Topic, find_all_topics, topic_trees
from core.graph.history import facts_by_source
from core.graph.knowledge_graph import Ints
from core.graph.path_tree import ROOT, PathTree, follow_path
from core.plain_text import language_of
from core.records import TOPIC_MARK, RelationPath
from core.report import Report
from core.results.named import LikelyEntity
from core.results.trace import (
    FirstDifference,
    LookedFor,
    MetPaths,
    MovedNode,
    TopicTrace,
    Trace,
    TracedPath,
    TreeHop,
    TreeNode,
    WalkedEdge,
)
from core.settings import ExplainSettings
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.reasoning import ScoredQuestion, ScoredTree, missing_paths
from core.teacher.teachers import Teacher
from core.verify.checking import Chain, chains_to
from core.workspace import Workspace

MOST_NODES = 40
"""Nodes of a hop that are shown, those with most mass first."""

MOST_EDGES = 120
MOST_PATHS = 8
"""Paths shown, and meetings of paths."""

MOST_ANSWERS = 10

MOST_CHAINS = 3
"""Chains of entities shown for a path, one to each of its best answers."""

LEAST = 1e-3
"""Later hops with less mass than this are not shown, nor edges with less of the best edge's."""


@dataclass(frozen=True, eq=False)
class Reasoning:
    """A scored tree, ready to be shown.

    Attributes:
        naming: How things are called.
        tree: The relation-prefix tree.
        path: `(nodes,)` probability of the path that ends at each node.
        mass: `(nodes,)` total probability of the paths through each node.
        missing: `(nodes,)` probability that what is looked for is missing at each node.
        looked_for: Paths that end in what the graph lacks, with their probability.
        attention: `(nodes, words)` the words that each node's prefix looks at next.
        reach: Entities that any path reaches: first the answers, the most probable first.
        without_message_passing: `(nodes,)` mass without it; None where that cannot be laid beside.
        words: The question's words, what names the topic by its label.
    """

    naming: Naming
    tree: PathTree
    path: np.ndarray
    mass: np.ndarray
    missing: np.ndarray
    looked_for: Mapping[RelationPath, float]
    attention: np.ndarray
    reach: Ints
    without_message_passing: np.ndarray | None
    words: tuple[str, ...]

    @classmethod
    def of(
        cls,
        naming: Naming,
        teacher: Teacher,
        topic: Topic,
        question_tree: QuestionTree,
        scored: ScoredTree,
        answers: Ints,
    ) -> Reasoning:
        """Sum up a question's tree; `answers` are the whole question's, best first."""
        reached, _ = scored.answers()
        reach = np.concatenate([answers[np.isin(answers, reached)], reached])
        _, first = np.unique(reach, return_index=True)
        return cls(
            naming,
            scored.tree,
            scored.path,
            scored.mass,
            np.bincount(
                scored.missing.nodes,
                weights=scored.missing.probability,
                minlength=len(scored.tree),
            ),
            missing_paths(naming.graph, scored.tree, scored.missing),
            scored.attention,
            reach[np.sort(first)],
            mass_without_messages(teacher, question_tree),
            tuple(
                topic.match.label if word == TOPIC_MARK else word for word in question_tree.words
            ),
        )

    def reached(self, node: int) -> Ints:
        """What a path reaches, the most probable answers first."""
        return self.reach[np.isin(self.reach, self.tree.frontier(node))]


def run(settings: ExplainSettings, report: Report, workspace: Workspace) -> Trace:
    """The trace of a teacher's reasoning.

    Raises:
        NotFound: If there is no such teacher or topic, no topic is recognised, nothing leads on
            from one, or what is supposed names what is not there.
        SettingsError: If a topic is named twice, or the answer cannot be certified.
        Stale: If the teacher's graph has changed since it was trained.
    """
    report.stage("ask")
    began = time.monotonic()
    teacher = model_cache.teacher(workspace, settings.teacher)
    language = language_of(settings.question)
    topics = find_all_topics(
        workspace, Naming(teacher.graph, language), settings.question, settings.topic, settings.also
    )
    grower = teacher.grower(model_cache.linker(teacher.graph))
    teacher = teacher_over(teacher, supposed_graph(teacher.graph, topics, settings))
    grower = replace(grower, graph=teacher.graph)

    def grow(grower: TreeGrower) -> tuple[QuestionTree, ...]:
        trees = topic_trees(grower, topics)
        return tuple(in_fewer_words(grower, tree, settings.without_words) for tree in trees)

    trees = grow(grower)
    naming = Naming(teacher.graph, language)
    question = ScoredQuestion(trees, tuple(teacher.scorer.score(trees)))
    answers, probabilities = question.answers()
    thoughts = [
        Reasoning.of(naming, teacher, *one, answers)
        for one in zip(topics, trees, question.scored, strict=True)
    ]
    certainty = card_certainty(teacher.card)
    best = float(probabilities[0]) if len(probabilities) else 0.0
    seconds = time.monotonic() - began
    traced, *beside = map(topic_trace, thoughts)
    certificate = None
    if settings.certify:
        sources = facts_by_source(workspace.folder("graphs", teacher.graph.name), teacher.graph)
        asked = AskedTeacher(teacher, grower, question, grow)
        certificate = certify(asked, naming, report, sources)
    return Trace(
        question=settings.question,
        language=language,
        teacher=settings.teacher,
        seconds=seconds,
        topics=tuple(topic.match for topic in topics),
        candidates=topics[0].candidates,
        **vars(traced),
        answers=likely_answers(naming, answers, probabilities),
        beside=tuple(beside),
        meetings=met_paths(naming, question) if len(topics) > 1 else (),
        decision=decide(best, question.missing, certainty, settings.precision),
        confidence=min(believed(max(best, question.missing), certainty), 1.0),
        certificate=certificate,
    )


def topic_trace(thought: Reasoning) -> TopicTrace:
    """One topic's reasoning for a reader."""
    shown = shown_hops(thought)
    best = [int(u) for u in np.argsort(-thought.path, kind="stable")[:MOST_PATHS] if u != ROOT]
    chains = {node: ground(thought, node) for node in best}
    return TopicTrace(
        words=thought.words,
        hops=tuple(tree_hop(thought, hop, nodes) for hop, nodes in enumerate(shown, start=1)),
        edges=walked_edges(thought, shown, chains),
        paths=tuple(traced_path(thought, node, chains[node]) for node in best),
        parting=first_difference(thought, best),
        message_passing=moved_nodes(thought),
        missing=looked_for(thought),
        unsaid=min(float(thought.missing.sum()), 1.0),
        rest=max(0.0, 1.0 - float(thought.path[best].sum() + thought.missing.sum())),
    )


def looked_for(thought: Reasoning) -> tuple[LookedFor, ...]:
    """What the graph may lack, most probable first."""
    likely = sorted(thought.looked_for.items(), key=lambda item: -item[1])
    return tuple(
        LookedFor(
            relations=path,
            labels=tuple(thought.naming.claimed(relation).label for relation in path),
            probability=min(probability, 1.0),
        )
        for path, probability in likely[:MOST_PATHS]
        if probability >= LEAST
    )


def met_paths(naming: Naming, question: ScoredQuestion) -> tuple[MetPaths, ...]:
    """The most probable meetings: one path from each topic, and what they reach together."""
    meetings, probability = question.meetings
    order = np.argsort(-probability, kind="stable")[:MOST_PATHS].tolist()
    return tuple(
        MetPaths(
            probability=float(probability[nth]),
            paths=tuple(
                naming.labels(scored.tree.prefix(int(node)))
                for scored, node in zip(question.scored, meetings.nodes[nth], strict=True)
            ),
            answers=naming.top_entities(meetings.common[nth]),
            reached=len(meetings.common[nth]),
        )
        for nth in order
    )


def mass_without_messages(teacher: Teacher, question_tree: QuestionTree) -> np.ndarray | None:
    """Node masses of the same tree without message passing.

    None where the teacher has none, or the tree is grown anew by what it finds.
    """
    scorer = teacher.scorer
    if not isinstance(scorer, PolicyScorer) or not scorer.policy.rounds:
        return None
    if question_tree.tree.truncated:
        return None
    return scorer.whole([question_tree], without_message_passing=True)[0].mass


def moved_nodes(thought: Reasoning) -> tuple[MovedNode, ...] | None:
    """The nodes whose mass message passing moved most, with their mass without it and with it.

    None where there is nothing to compare; empty where it moved nothing that shows.
    """
    if thought.without_message_passing is None:
        return None
    moved = thought.mass - thought.without_message_passing
    order = np.argsort(-np.abs(moved), kind="stable")[:MOST_PATHS]
    return tuple(
        MovedNode(
            node=node,
            labels=thought.naming.labels(thought.tree.prefix(node)),
            without=min(float(thought.without_message_passing[node]), 1.0),
            with_=min(float(thought.mass[node]), 1.0),
        )
        for node in order.tolist()
        if abs(moved[node]) >= LEAST
    )


def first_difference(thought: Reasoning, best: Sequence[int]) -> FirstDifference | None:
    """Where the two best paths part: what they share, and how each goes on; None if there is one.

    A path that has ended there goes on with nothing.
    """
    if len(best) < 2:
        return None
    codes = [thought.tree.prefix(node) for node in best[:2]]
    shared = 0
    while shared < min(map(len, codes)) and codes[0][shared] == codes[1][shared]:
        shared += 1
    return FirstDifference(
        shared=thought.naming.labels(codes[0][:shared]),
        next=tuple(
            thought.naming.labels(path[shared : shared + 1])[0] if len(path) > shared else None
            for path in codes
        ),
        probabilities=tuple(min(float(thought.path[node]), 1.0) for node in best[:2]),
    )


def shown_hops(thought: Reasoning) -> list[list[int]]:
    """The nodes to show at each hop, most mass first; hops that hardly matter are left out."""
    hops = []
    for depth in range(1, int(thought.tree.depths.max()) + 1):
        level = np.flatnonzero(thought.tree.depths == depth)
        if depth > 1 and thought.mass[level].sum() < LEAST:
            break
        order = np.argsort(-thought.mass[level], kind="stable")[:MOST_NODES]
        hops.append(level[order].tolist())
    return hops


def tree_hop(thought: Reasoning, hop: int, nodes: Sequence[int]) -> TreeHop:
    """A hop for a reader: the words that it is chosen by, and the choices."""
    return TreeHop(
        hop=hop,
        attention=tuple(attention(thought, hop).tolist()),
        nodes=tuple(tree_node(thought, node) for node in nodes),
    )


def attention(thought: Reasoning, hop: int) -> np.ndarray:
    """The words that a hop is chosen by: `(words,)`, summing to one; zero if no teacher shows any.

    The mean over the nodes where the hop begins, weighted by the mass that goes on from each.
    """
    begins = np.flatnonzero(thought.tree.depths == hop - 1)
    going_on = (thought.mass - thought.path - thought.missing)[begins]
    mean = going_on @ thought.attention[begins].astype(np.float64)
    return np.asarray(mean / mean.sum() if mean.any() else mean)


def tree_node(thought: Reasoning, node: int) -> TreeNode:
    """A node of the tree for a reader."""
    tree, mass = thought.tree, thought.mass
    parent, frontier = int(tree.parents[node]), tree.frontier(node)
    return TreeNode(
        id=node,
        parent=parent,
        path=tuple(thought.naming.graph.relation_id(code) for code in tree.prefix(node)),
        relation=thought.naming.relation(int(tree.relations[node])),
        mass=min(float(mass[node]), 1.0),
        probability=_share(mass[node], mass[parent]),
        stop=_share(thought.path[node], mass[node]),
        missing=_share(thought.missing[node], mass[node]),
        frontier=thought.naming.top_entities(frontier),
        frontier_size=len(frontier),
    )


def ground(thought: Reasoning, node: int) -> list[Chain]:
    """Chains of entities along a path, one to each of its best answers."""
    graph, codes = thought.naming.graph, thought.tree.prefix(node)
    ends = thought.reached(node)[:MOST_CHAINS].tolist()
    frontiers = follow_path(graph, thought.tree.topic, codes)
    return [chains_to(graph, frontiers, codes, end, limit=1)[0] for end in ends]


def traced_path(thought: Reasoning, node: int, chains: Sequence[Chain]) -> TracedPath:
    """A path for a reader; `reached` counts what it leads to, of which `answers` names the best."""
    naming, codes, reached = thought.naming, thought.tree.prefix(node), thought.reached(node)
    return TracedPath(
        relations=tuple(naming.graph.relation_id(code) for code in codes),
        labels=naming.labels(codes),
        probability=min(float(thought.path[node]), 1.0),
        answers=tuple(naming.entity(answer) for answer in reached[:TOP_ENTITIES]),
        reached=len(reached),
        chains=tuple(naming.chain(chain) for chain in chains),
    )


def likely_answers(naming: Naming, answers: Ints, chance: np.ndarray) -> tuple[LikelyEntity, ...]:
    """The most probable answers for a reader."""
    best = zip(answers[:MOST_ANSWERS], chance, strict=False)
    return tuple(naming.likely(entity, probability) for entity, probability in best)


def walked_edges(
    thought: Reasoning, shown: Sequence[Sequence[int]], chains: Mapping[int, Sequence[Chain]]
) -> tuple[WalkedEdge, ...]:
    """Edges to draw, most probable first; each has the mass of the tree nodes that it leads to."""
    naming, reached = thought.naming, {ROOT: {thought.tree.topic}}
    all_chains = [chain for found in chains.values() for chain in found]
    shown_steps = {step for chain in all_chains for step in enumerate(chain)}
    masses: dict[tuple[int, tuple[int, int, int]], float] = defaultdict(float)
    for hop, nodes in enumerate(shown, start=1):
        for node in nodes:
            chosen = _edges_into(thought, node, reached, shown_steps)
            reached[node] = {tail for _, _, tail in chosen}
            for edge in chosen:
                masses[hop, edge] += float(thought.mass[node])
    least = LEAST * max(masses.values())
    likely = [(edge, mass) for edge, mass in masses.items() if mass >= least]
    best = sorted(likely, key=lambda item: -item[1])[:MOST_EDGES]
    return tuple(
        WalkedEdge(
            source=naming.entity(head),
            relation=naming.relation(code),
            target=naming.entity(tail),
            hop=hop,
            probability=min(probability, 1.0),
        )
        for (hop, (head, code, tail)), probability in best
    )


def _edges_into(
    thought: Reasoning,
    node: int,
    reached: Mapping[int, set[int]],
    shown_steps: set[tuple[int, tuple[int, int, int]]],
) -> list[tuple[int, int, int]]:
    """A few of the edges into a node's frontier: first those of the chains that are shown.

    Then come those that go on from an edge of the hop before; ties are broken by degree.
    """
    graph, tree = thought.naming.graph, thought.tree
    parent, code = int(tree.parents[node]), int(tree.relations[node])
    before, depth = tree.frontier(parent), int(tree.depths[parent])
    positions, codes, tails = graph.edges(before)
    there = (codes == code) & np.isin(tails, tree.frontier(node))
    heads, tails = before[positions[there]], tails[there]
    pairs = zip(heads.tolist(), tails.tolist(), strict=True)
    steps = [(depth, (head, code, tail)) for head, tail in pairs]
    beside = np.array([step not in shown_steps for step in steps], bool)
    loose = ~np.isin(heads, list(reached.get(parent, ())))
    order = np.lexsort((-graph.degree(tails), loose, beside))[:TOP_ENTITIES]
    return [(int(heads[row]), code, int(tails[row])) for row in order]


def _share(part: float, whole: float) -> float:
    return min(float(part / whole), 1.0) if whole > 0 else 0.0
