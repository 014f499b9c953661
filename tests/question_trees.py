"""Questions on small graphs, as trees, and the same trees walked naively in dictionaries."""

from collections import defaultdict
from math import exp

import torch

from core.graph.linking import Linker
from core.records import Question, inverse
from core.teacher.path_policy import PathPolicy
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import TreeGrower


def question(number, text, topic, answers, paths=(), **changes):
    """A question with one topic."""
    return Question(f"q{number}", text, "en", (topic,), tuple(answers), tuple(paths), **changes)


def grower(graph, shape, absence=False):
    """Something that grows question trees on a graph, with a fresh counts."""
    return TreeGrower(graph, Linker(graph), shape, RelationWords.of(graph), absence)


def grown(graph, shape, questions, absence=False):
    """The trees of questions that all have some, in one list."""
    growing = grower(graph, shape, absence)
    trees = [growing.grow(one) for one in questions]
    assert all(trees)
    return [tree for mine in trees for tree in mine]


def far_from_uniform(graph, message_passing=2, seed=0, absence=False):
    """A policy on random weights, in float64, whose choices are anything but even."""
    torch.manual_seed(seed)
    policy = PathPolicy(graph, 16, message_passing, absence=absence).double().eval()
    with torch.no_grad():
        if absence:
            policy.not_there.normal_()
            policy.none.normal_()
        policy.score.weight.mul_(4)
        policy.stop.weight.mul_(3)
    return policy


def names(graph, tree):
    """Relation names of every node's prefix."""
    return [
        tuple(graph.relation_id(code) for code in tree.prefix(node)) for node in range(len(tree))
    ]


def walked(triples, topic, hops, directions="both"):
    """Prefix -> set of entities, for every relation path up to some hops."""
    edges = defaultdict(lambda: defaultdict(set))
    for head, relation, tail in triples:
        edges[head][relation].add(tail)
        if directions == "both":
            edges[tail][inverse(relation)].add(head)
    found, growing = {(): {topic}}, [()]
    for prefix in growing:
        if len(prefix) == hops:
            continue
        for relation in sorted({name for entity in found[prefix] for name in edges[entity]}):
            reached = set().union(*(edges[entity][relation] for entity in found[prefix]))
            if prefix and relation == inverse(prefix[-1]):
                reached.discard(topic)
            if reached:
                found[(*prefix, relation)] = reached
                growing.append((*prefix, relation))
    return found


def multiplied(frontiers, scores, stops):
    """Walk every path and multiply the softmax choices.

    Args:
        frontiers: What `walked` found.
        scores, stops: Prefix -> unnormalised score of choosing it, and of stopping there.

    Returns:
        `(masses, paths)`: prefix -> probability.
    """
    masses, paths = {(): 1.0}, {}
    for prefix in sorted(frontiers, key=len):
        below = [one for one in frontiers if one[:-1] == prefix and one]
        weights = {one: exp(scores[one]) for one in below}
        stop = exp(stops[prefix]) if prefix else 0.0
        total = sum(weights.values()) + stop
        for one in below:
            masses[one] = masses[prefix] * weights[one] / total
        if prefix:
            paths[prefix] = masses[prefix] * stop / total
    return masses, paths
