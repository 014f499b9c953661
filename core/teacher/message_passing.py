"""Question-conditioned message passing between the frontiers of a tree.

A node of the relation-prefix tree stands for its frontier, the entities that its prefix reaches.
What a frontier is, is told by the relations at its entities' edges, in both directions, then by
what its children have heard. Every word is weighed by how much its relation concerns the question:

    g(q, r)  = sigmoid(W_g q + V_g e_r)
    x_0(u)   = W_k sum_r s_u(r) e_r
    x_1(u)   = update(x_0(u), sum_r s_u(r) g(q, r) W_1 e_r)
    x_k(u)   = update(x_(k-1)(u), mean over children c of  g(q, r_c) (W_k e_(r_c) + V_k x_(k-1)(c)))
    update(x, m) = LayerNorm(x + relu(W_o [x ; m]))

with s_u(r) the share of the frontier's entities that have an edge of relation r, scaled to sum to
one. Round k therefore looks k hops ahead of a frontier and no further, so a tree that is grown
lazily needs no more than k - 1 levels beyond what is scored. No entity has a vector of its own:
the states are inductive. Cost follows the tree, never the graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of one kind along which nodes hear.

    Attributes:
        source: `(edges,)` node that speaks; None where nobody stands at the far ends.
        target: `(edges,)` node that hears.
        relation: `(edges,)` relation code.
        weight: `(edges,)` how much of what the target hears comes this way; sums to one.
    """

    source: Tensor | None
    target: Tensor
    relation: Tensor
    weight: Tensor


class MessageRound(MessagePassing):
    """One round; see the module's text for the formula.

    Args:
        width: Size of all states.
        spoken: Whether somebody stands at the far ends; in the first round nobody does.
    """

    def __init__(self, width: int, *, spoken: bool = True) -> None:
        super().__init__(aggr="sum")
        self.lin_source = nn.Linear(width, width, bias=False) if spoken else None
        self.lin_relation = nn.Linear(width, width)
        self.gate_relation = nn.Linear(width, width)
        self.gate_question = nn.Linear(width, width)
        self.lin_update = nn.Linear(2 * width, width)
        self.norm = nn.LayerNorm(width)

    def _set_jittable_templates(self, raise_on_error: bool = False) -> None:
        """Generate no code: it would be written to the temporary folder, run, and left there.

        What is generated does the same as `propagate` does without it, bit for bit.
        """

    def forward(
        self, x: Tensor, edges: Edges, node_question: Tensor, relations: Tensor, questions: Tensor
    ) -> Tensor:
        """Let every node hear once.

        Args:
            x: `(nodes, width)` states.
            edges: Along what.
            node_question: `(nodes,)` question of each node.
            relations: `(codes, width)` relation vectors.
            questions: `(questions, width)`.
        """
        # A gate depends on question and relation only: far fewer pairs than edges.
        pairs, pair = torch.unique(
            node_question[edges.target] * len(relations) + edges.relation, return_inverse=True
        )
        question, relation = pairs // len(relations), pairs % len(relations)
        gate = torch.sigmoid(
            self.gate_question(questions).index_select(0, question)
            + self.gate_relation(relations).index_select(0, relation)
        )
        word = gate * self.lin_relation(relations).index_select(0, relation)
        heard = weighted_sum(edges.target, pair, edges.weight, word, len(x))
        if self.lin_source is not None and edges.source is not None:
            heard = heard + self.propagate(
                torch.stack([edges.source, edges.target]),
                x=self.lin_source(x),
                gate=gate,
                pair=pair,
                weight=edges.weight,
            )
        state: Tensor = self.norm(x + torch.relu(self.lin_update(torch.cat([x, heard], dim=-1))))
        return state

    def message(self, x_j: Tensor, gate: Tensor, pair: Tensor, weight: Tensor) -> Tensor:
        """What an edge carries beside its word: `(edges, width)`."""
        return weight.to(x_j)[:, None] * gate.index_select(0, pair) * x_j


def weighted_sum(
    target: Tensor, source: Tensor, weight: Tensor, values: Tensor, targets: int
) -> Tensor:
    """For each target the weighted sum of values: `(targets, width)`.

    A sparse product: no row is spelled out for every edge, which would cost most of a training.
    """
    where, shape = torch.stack([target, source]), (targets, len(values))
    weights = torch.sparse_coo_tensor(where, weight.to(values), shape, check_invariants=False)
    total: Tensor = torch.sparse.mm(weights, values)
    return total


class FrontierStates(nn.Module):
    """States of the frontiers of a batch of trees after `rounds` rounds."""

    def __init__(self, width: int, rounds: int) -> None:
        super().__init__()
        self.kind = nn.Linear(width, width)
        self.rounds = nn.ModuleList(
            MessageRound(width, spoken=number > 0) for number in range(rounds)
        )

    def forward(
        self,
        leaving: Edges,
        children: Edges,
        node_question: Tensor,
        relations: Tensor,
        questions: Tensor,
    ) -> Tensor:
        """States after all rounds.

        Args:
            leaving: The relations at each frontier's edges; nobody at the far end.
            children: From each node to its parent.
            node_question: `(nodes,)` question of each node.
            relations: `(codes, width)`.
            questions: `(questions, width)`.

        Returns:
            `(nodes, width)`.
        """
        kinds = weighted_sum(
            leaving.target, leaving.relation, leaving.weight, relations, len(node_question)
        )
        x: Tensor = self.kind(kinds)
        for number, each in enumerate(self.rounds):
            x = each(x, leaving if number == 0 else children, node_question, relations, questions)
        return x
