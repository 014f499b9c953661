"""Trees side by side: nodes by depth, everything where it belongs."""

import numpy as np
import pytest
import torch

from core.graph.path_tree import TreeShape
from core.teacher.question_encoder import RelationWords
from core.teacher.tree_batches import batch_trees
from tests.question_trees import grown, names, question


@pytest.fixture
def trees(graph):
    asked = [question(0, "who is it", "dora", ["peru"]), question(1, "who", "emma", ["gina"])]
    return grown(graph, TreeShape(2), asked)


@pytest.fixture
def batch(graph, trees):
    return batch_trees(trees, RelationWords.of(graph))


@pytest.fixture
def laid(graph, trees, batch):
    """Question number and prefix of each of the batch's nodes."""
    both = [
        (number, prefix) for number, tree in enumerate(trees) for prefix in names(graph, tree.tree)
    ]
    return [both[place] for place in batch.order]


def test_a_batch_sorts_nodes_by_depth_and_maps_back(graph, trees, batch, laid):
    depths = [len(prefix) for _, prefix in laid]
    assert depths == sorted(depths)
    assert batch.levels == [0, 2, 2 + depths.count(1), len(laid)]
    assert batch.question.tolist() == [number for number, _ in laid]
    for node, (number, prefix) in enumerate(laid):
        if prefix:
            assert laid[batch.parent[node]] == (number, prefix[:-1])
            assert graph.relation_id(batch.relation[node]) == prefix[-1]
        else:
            assert batch.parent[node] == batch.relation[node] == -1
    match = np.concatenate([tree.match for tree in trees])[batch.order]
    assert torch.equal(batch.match, torch.as_tensor(match))
    assert [batch.words[i] for i in batch.word_index[0]] == ["who", "is", "it"]
    assert [batch.words[i] for i in batch.word_index[1, : batch.lengths[1]]] == ["who"]


def test_inner_nodes_are_those_with_a_choice(batch, laid):
    inner = {(number, prefix[:-1]) for number, prefix in laid if prefix}
    found = [laid[node] for node in batch.inner]
    assert len(found) == len(set(found)) and set(found) == inner
    for node, where in enumerate(batch.inside.tolist()):
        assert (where == -1) == (laid[node] not in inner)
        assert where == -1 or batch.inner[where] == node
    depths = [len(prefix) for _, prefix in found]
    assert batch.inner_levels == [sum(depth < d for depth in depths) for d in range(4)]


def test_open_nodes_offer_no_choice_though_children_hang_below(graph, trees):
    trees[0].tree.open[1] = True
    batch = batch_trees(trees, RelationWords.of(graph))
    place = batch.order.tolist().index(1)
    assert batch.open.nonzero().tolist() == [[place]]
    assert (batch.parent == place).any() and batch.inside[place] == -1


def test_messages_run_from_children_to_parents_in_equal_parts(batch):
    said = batch.children
    assert torch.equal(batch.parent[said.source], said.target)
    assert torch.equal(batch.relation[said.source], said.relation)
    assert sorted(said.source.tolist()) == list(range(batch.levels[1], len(batch.parent)))
    parts = torch.zeros(len(batch.parent)).index_add(0, said.target, said.weight)
    assert parts.tolist() == pytest.approx([float(where >= 0) for where in batch.inside])
    brothers = {said.weight[said.target == node].unique().numel() for node in batch.inner}
    assert brothers == {1}


def test_kinds_stay_with_their_nodes(graph, trees, batch, laid):
    said = batch.leaving
    assert said.source is None
    found = {(int(t), int(r)): float(w) for t, r, w in zip(said.target, said.relation, said.weight,
                                                          strict=True)}  # fmt: skip
    for node, (number, prefix) in enumerate(laid):
        kinds = trees[number].kinds
        at = names(graph, trees[number].tree).index(prefix)
        mine = slice(kinds.starts[at], kinds.starts[at + 1])
        wanted = dict(zip(kinds.codes[mine].tolist(), kinds.shares[mine].tolist(), strict=True))
        assert {r: w for (t, r), w in found.items() if t == node} == pytest.approx(wanted)
