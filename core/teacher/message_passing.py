"""Question-conditioned message passing over the graph around a question.

Every entity starts from the relations at its own edges (what kind of thing it is) and a mark if it
is the topic; each round then lets its neighbours speak through the relation between them, weighed
by how much that relation concerns the question:

    m(v) = mean over edges u -r-> v of  sigmoid(W_g [q ; e_r]) * (W_m x(u) + W_r e_r)
    x(v) <- LayerNorm( x(v) + relu(W_o [x(v) ; m(v)]) )

Edges run in both directions, so a node learns what lies ahead of it as well as where it was reached
from. The states are inductive: no entity has a vector of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class MessageRound(MessagePassing):
    """One round; see the module's text for the formula."""

    def __init__(self, width: int) -> None:
        super().__init__(aggr="mean")
        self.speak = nn.Linear(width, width)
        self.through = nn.Linear(width, width)
        self.gate_relation = nn.Linear(width, width)
        self.gate_question = nn.Linear(width, width)
        self.hear = nn.Linear(2 * width, width)
        self.norm = nn.LayerNorm(width)

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor,
        edge_relation: Tensor,
        edge_question: Tensor,
        relations: Tensor,
        questions: Tensor,
    ) -> Tensor:
        """Let every node hear its neighbours once.

        Args:
            x: `(entities, width)` states.
            edge_index: `(2, edges)` source and target.
            edge_relation: `(edges,)` relation codes.
            edge_question: `(edges,)` which question each edge lies around.
            relations: `(codes, width)` relation vectors.
            questions: `(questions, width)`.
        """
        # A gate depends on question and relation only, of which there are far fewer than edges.
        gates = self.gate_question(questions)[:, None] + self.gate_relation(relations)
        gates = torch.sigmoid(gates)  # (questions, codes, width)
        heard = self.propagate(
            edge_index,
            x=self.speak(x),
            word=self.through(relations).index_select(0, edge_relation),
            gate=gates.flatten(0, 1).index_select(
                0, edge_question * len(relations) + edge_relation
            ),
        )
        return self.norm(x + torch.relu(self.hear(torch.cat([x, heard], dim=-1))))

    def message(self, x_j: Tensor, word: Tensor, gate: Tensor) -> Tensor:
        """What an edge carries: `(edges, width)`."""
        return gate * (x_j + word)


class EntityStates(nn.Module):
    """States of the entities around a batch of questions."""

    def __init__(self, width: int, rounds: int) -> None:
        super().__init__()
        self.topic = nn.Parameter(torch.zeros(width))
        self.kind = nn.Linear(width, width)
        self.rounds = nn.ModuleList(MessageRound(width) for _ in range(rounds))

    def forward(
        self,
        kinds: Tensor,
        is_topic: Tensor,
        edge_index: Tensor,
        edge_relation: Tensor,
        edge_question: Tensor,
        relations: Tensor,
        questions: Tensor,
    ) -> Tensor:
        """States after all rounds.

        Args:
            kinds: `(entities, width)` mean vector of the relations at each entity's edges.
            is_topic: `(entities,)` bool.
            edge_index: As in `MessageRound`, and so the rest.
            edge_relation: `(edges,)`.
            edge_question: `(edges,)`.
            relations: `(codes, width)`.
            questions: `(questions, width)`.

        Returns:
            `(entities, width)`.
        """
        x = self.kind(kinds) + is_topic[:, None] * self.topic
        for each in self.rounds:
            x = each(x, edge_index, edge_relation, edge_question, relations, questions)
        return x
