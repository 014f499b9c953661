"""Question-conditioned message passing between the frontiers of a tree.

A node of the relation-prefix tree stands for its frontier, the entities that its prefix reaches.
What a frontier is, is told by the relations at its entities' edges, in both directions, then by
what its children have heard. Every word is weighed by how much its relation concerns the question:

    g(q, r)  = sigmoid(W_g q + V_g e_r)
    x_0(u)   = W_k sum_r s_u(r) e_r
    x_1(u)   = hear(x_0(u), sum_r s_u(r) g(q, r) W_1 e_r)
    x_k(u)   = hear(x_(k-1)(u), mean over children c of  g(q, r_c) (W_k e_(r_c) + V_k x_(k-1)(c)))
    hear(x, m) = LayerNorm(x + relu(W_o [x ; m]))

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
class Messages:
    """Edges of one kind along which nodes hear.

    Attributes:
        source: `(edges,)` node that speaks; -1 where nobody stands at the far end.
        target: `(edges,)` node that hears.
        relation: `(edges,)` relation code.
        weight: `(edges,)` how much of what the target hears comes this way; sums to one.
    """

    source: Tensor
    target: Tensor
    relation: Tensor
    weight: Tensor


class MessageRound(MessagePassing):
    """One round; see the module's text for the formula."""

    def __init__(self, width: int) -> None:
        super().__init__(aggr="sum")
        self.speak = nn.Linear(width, width, bias=False)
        self.through = nn.Linear(width, width)
        self.gate_relation = nn.Linear(width, width)
        self.gate_question = nn.Linear(width, width)
        self.hear = nn.Linear(2 * width, width)
        self.norm = nn.LayerNorm(width)

    def forward(
        self, x: Tensor, messages: Messages, asked: Tensor, relations: Tensor, questions: Tensor
    ) -> Tensor:
        """Let every node hear once.

        Args:
            x: `(nodes, width)` states.
            messages: Along what.
            asked: `(nodes,)` question of each node.
            relations: `(codes, width)` relation vectors.
            questions: `(questions, width)`.
        """
        # A gate depends on question and relation only: far fewer pairs than edges.
        pairs, pair = torch.unique(
            asked[messages.target] * len(relations) + messages.relation, return_inverse=True
        )
        question, relation = pairs // len(relations), pairs % len(relations)
        gate = torch.sigmoid(
            self.gate_question(questions).index_select(0, question)
            + self.gate_relation(relations).index_select(0, relation)
        )
        word = gate * self.through(relations).index_select(0, relation)
        # One row more, all zero, stands for nobody.
        spoken = torch.cat([self.speak(x), x.new_zeros(1, x.shape[1])])
        source = torch.where(messages.source < 0, len(x), messages.source)
        heard = self.propagate(
            torch.stack([source, messages.target]),
            x=(spoken, x),
            size=(len(spoken), len(x)),
            gate=gate,
            word=word,
            pair=pair,
            weight=messages.weight,
        )
        return self.norm(x + torch.relu(self.hear(torch.cat([x, heard], dim=-1))))

    def message(
        self, x_j: Tensor, gate: Tensor, word: Tensor, pair: Tensor, weight: Tensor
    ) -> Tensor:
        """What an edge carries: `(edges, width)`."""
        said = word.index_select(0, pair) + gate.index_select(0, pair) * x_j
        return weight[:, None] * said


class FrontierStates(nn.Module):
    """States of the frontiers of a batch of trees after `rounds` rounds."""

    def __init__(self, width: int, rounds: int) -> None:
        super().__init__()
        self.kind = nn.Linear(width, width)
        self.rounds = nn.ModuleList(MessageRound(width) for _ in range(rounds))

    def forward(
        self,
        leaving: Messages,
        children: Messages,
        asked: Tensor,
        relations: Tensor,
        questions: Tensor,
    ) -> Tensor:
        """States after all rounds.

        Args:
            leaving: The relations at each frontier's edges; nobody at the far end.
            children: From each node to its parent.
            asked: `(nodes,)` question of each node.
            relations: `(codes, width)`.
            questions: `(questions, width)`.

        Returns:
            `(nodes, width)`.
        """
        kinds = relations.new_zeros(len(asked), relations.shape[1]).index_add(
            0,
            leaving.target,
            leaving.weight[:, None] * relations.index_select(0, leaving.relation),
        )
        x: Tensor = self.kind(kinds)
        for number, each in enumerate(self.rounds):
            x = each(x, leaving if number == 0 else children, asked, relations, questions)
        return x
