"""Message passing against its formula, edge by edge."""

import tempfile

import torch

from core.teacher.message_passing import Edges, FrontierStates, MessageRound

WIDTH = 4


def drawn(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def edges_of(edges, weights):
    source, target, relation = torch.tensor(edges).T
    nobody = bool((source < 0).all())
    heard = torch.tensor(weights, dtype=torch.float64)
    return Edges(None if nobody else source, target, relation, heard)


def by_hand(round_, x, edges, weights, asked, relations, questions):
    """One round in loops: what each node hears, then what it becomes."""
    said = []
    for (source, target, relation), weight in zip(edges, weights, strict=True):
        question = questions[asked[target]]
        gate = torch.sigmoid(
            round_.gate_question(question) + round_.gate_relation(relations[relation])
        )
        word = round_.lin_relation(relations[relation])
        if source >= 0:
            word = word + round_.lin_source(x[source])
        said.append((target, weight * gate * word))
    rows = []
    for node, state in enumerate(x):
        heard = sum((word for target, word in said if target == node), torch.zeros(WIDTH))
        rows.append(round_.norm(state + torch.relu(round_.lin_update(torch.cat([state, heard])))))
    return torch.stack(rows)


# Node 4 hears nothing; node 1 hears twice from 0, through two relations; 3 is its own.
EDGES = [(0, 1, 0), (0, 1, 2), (2, 1, 1), (1, 0, 1), (3, 3, 0), (1, 2, 2)]
WEIGHTS = [0.5, 0.2, 0.3, 1.0, 0.6, 0.1]
ASKED = torch.tensor([0, 0, 1, 1, 0])


def close(mine, theirs):
    torch.testing.assert_close(mine, theirs, rtol=1e-12, atol=1e-12)


def test_a_round_is_its_formula():
    torch.manual_seed(0)
    round_ = MessageRound(WIDTH).double()
    x, relations, questions = drawn(5, WIDTH), drawn(3, WIDTH), drawn(2, WIDTH)
    made = round_(x, edges_of(EDGES, WEIGHTS), ASKED, relations, questions)
    close(made, by_hand(round_, x, EDGES, WEIGHTS, ASKED, relations, questions))


def test_where_nobody_speaks_relations_are_heard():
    torch.manual_seed(0)
    round_ = MessageRound(WIDTH).double()
    x, relations, questions = drawn(5, WIDTH), drawn(3, WIDTH), drawn(2, WIDTH)
    edges = [(-1, target, relation) for _, target, relation in EDGES]
    made = round_(x, edges_of(edges, WEIGHTS), ASKED, relations, questions)
    close(made, by_hand(round_, x, edges, WEIGHTS, ASKED, relations, questions))


LEAVING = [(-1, 0, 0), (-1, 0, 2), (-1, 1, 1), (-1, 2, 2), (-1, 3, 0)]
SHARES = [0.25, 0.75, 1.0, 1.0, 1.0]
CHILDREN = [(1, 0, 1), (2, 0, 0), (3, 1, 2)]
PARTS = [0.5, 0.5, 1.0]


def test_frontiers_begin_as_their_kind_hear_their_edges_and_then_their_children():
    torch.manual_seed(0)
    states = FrontierStates(WIDTH, 3).double()
    relations, questions = drawn(3, WIDTH), drawn(2, WIDTH)
    asked = torch.tensor([0, 0, 0, 0, 1])  # node 4 stands at entities without edges
    made = states(edges_of(LEAVING, SHARES), edges_of(CHILDREN, PARTS), asked, relations, questions)
    kinds = torch.zeros(5, WIDTH, dtype=torch.float64)
    for (_, node, relation), share in zip(LEAVING, SHARES, strict=True):
        kinds[node] += share * relations[relation]
    x = states.kind(kinds)
    first, *later = states.rounds
    x = by_hand(first, x, LEAVING, SHARES, asked, relations, questions)
    for each in later:
        x = by_hand(each, x, CHILDREN, PARTS, asked, relations, questions)
    close(made, x)


def test_k_rounds_look_k_hops_ahead_and_no_further():
    """In a chain 0 - 1 - 2 - 3 the root hears a change at node d first in round d + 1."""
    torch.manual_seed(0)
    chain, asked = [(1, 0, 0), (2, 1, 0), (3, 2, 0)], torch.zeros(4, dtype=torch.long)
    relations, questions = drawn(3, WIDTH), drawn(1, WIDTH)
    for rounds in (1, 2, 3, 4):
        states = FrontierStates(WIDTH, rounds).double()
        for depth in (1, 2, 3):
            roots = []
            for code in (1, 2):
                leaving = [(-1, node, code if node == depth else 0) for node in range(4)]
                said = edges_of(leaving, [1.0] * 4), edges_of(chain, [1.0] * 3)
                roots.append(states(*said, asked, relations, questions)[0])
            assert torch.equal(*roots) == (depth >= rounds)


def test_no_code_is_generated_among_the_temporary_files(tmp_path, monkeypatch):
    class Fresh(MessageRound):
        """A class of which nothing was generated before."""

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Fresh(WIDTH).propagate.__module__.startswith("torch_geometric")
    assert list(tmp_path.iterdir()) == []
