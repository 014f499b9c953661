"""The teacher: a policy on the relation-prefix tree, and the exact distributions that it induces.

At every node u of a question's tree the policy is a softmax over the node's children, STOP, and
what the graph does not have there (see `absence`). Then

    M(child) = M(u) * p(child | u),  M(root) = 1          mass of a prefix
    P(path to u) = M(u) * p(STOP | u)                     probability of a relation path
    P(r is missing at u) = M(u) * p(absent r | u)         the graph does not say: r is not there
    P(e is an answer) = sum of P(path to u) over the nodes u whose frontier holds e

are exact, in one pass over the tree, with no sampling. Why a policy on prefixes and not a walk from
entity to entity: a walk that is normalised at each entity leaks its mass into wrong relations
wherever the graph is incomplete (label bias); a prefix is normalised once for its whole frontier.

The score of a child weighs what is left to say of the question (attention from the prefix read so
far), the relation's label, how much of the label is spelled in the attended words, and what message
passing found at the child's frontier.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.graph.knowledge_graph import KnowledgeGraph
from core.teacher.absence import NONE
from core.teacher.listening import Listening
from core.teacher.message_passing import FrontierStates
from core.teacher.path_distributions import PathLogits, PathScores, normalised
from core.teacher.question_encoder import Frozen, QuestionEncoder, RelationWords, WordVectors
from core.teacher.tree_batches import TreeBatch

MOST_ABSENT = 8192
"""Absent alternatives of a batch that are scored in training; where there are more they are drawn,
and each counts for as many as were not."""


TRUST = 0.5
"""Beside how a path sounds, what was learned counts so much: of words that training did not meet it
is surer than it may be. Chosen among 0.3, 0.4, 0.5 and 0.7 on questions in people's own words."""


class PathPolicy(nn.Module):
    """See the module's text.

    Args:
        graph: Whose relations it reads.
        width: Size of all hidden states.
        message_passing: Rounds of message passing; 0 for none.
        frozen: Vectors of a pretrained encoder to read words with.
        absence: Whether it knows that the graph may not have what is asked for.
        spoken: Whether it listens to how much a question sounds like a path in words.
    """

    temperature: Tensor
    _owner: Tensor

    def __init__(
        self,
        graph: KnowledgeGraph,
        width: int,
        message_passing: int,
        frozen: Frozen | None = None,
        *,
        absence: bool = False,
        spoken: bool = False,
    ) -> None:
        super().__init__()
        self.absence = absence
        self.relation_words = RelationWords.of(graph)
        self.rounds = message_passing
        self.words = WordVectors(width, frozen, unknown=absence)
        self.encoder = QuestionEncoder(width)
        self.direction = nn.Embedding(2, width)
        self.relation = nn.Linear(width, width)
        self.begin = nn.Linear(width, width)
        self.advance = nn.GRUCell(2 * width, width)
        self.look = nn.Linear(width, width)
        self.frontiers = FrontierStates(width, message_passing) if message_passing else None
        self.drop = nn.Dropout(0.1)
        self.context = nn.Linear(2 * width, width)
        self.child_label = nn.Linear(width, width)
        self.child_found = nn.Linear(width, width)
        self.child_lexical = nn.Linear(3, width)
        self.stop = nn.Linear(width, width)
        self.score = nn.Linear(width, 1)
        self.lexical = nn.Parameter(torch.tensor([2.0, 2.0, 2.0]))
        self.listen = Listening() if spoken else None
        if absence:
            self.not_there = nn.Parameter(torch.zeros(width))
            self.none = nn.Parameter(torch.zeros(width))
        self.register_buffer("temperature", torch.tensor(1.0, dtype=torch.float64))
        self.register_buffer("_owner", torch.as_tensor(self.relation_words.owner), persistent=False)

    def forward(self, batch: TreeBatch, without_message_passing: bool = False) -> PathScores:
        """Score a batch of trees; `without_message_passing` as in `logits`."""
        return normalised(batch, self.logits(batch, without_message_passing), self.temperature)

    def logits(self, batch: TreeBatch, without_message_passing: bool = False) -> PathLogits:
        """Scores before normalisation.

        Args:
            batch: The trees.
            without_message_passing: Do without what it found, to see what it changes. In training
                half of the questions must do without: what lies ahead may help, never be relied on.
        """
        relations = self.relation_vectors()
        vectors = self.words(batch.words)
        word_vectors = vectors.index_select(0, batch.word_index.flatten()).view(
            *batch.word_index.shape, -1
        )
        tokens, question = self.encoder(word_vectors, batch.lengths)
        found = relations.new_zeros(len(batch.parent), relations.shape[1])
        if self.frontiers is not None and not without_message_passing:
            found = self.frontiers(
                batch.leaving, batch.children, batch.question, relations, question
            )
            if self.training:
                hidden = torch.rand(batch.questions, device=found.device) < 0.5
                found = found.masked_fill(hidden[batch.question][:, None], 0.0)
        prefix, context, attention = self._read_prefixes(batch, relations, tokens, question)
        prefix = self.context(self.drop(torch.cat([prefix, context], dim=-1)))
        nodes = torch.arange(batch.levels[1], len(batch.parent), device=found.device)
        nodes = nodes[batch.inside[batch.parent[nodes]] >= 0]
        which, counting = self._absent_to_score(batch)
        above = torch.cat([batch.parent[nodes], batch.lacking[which]])
        codes = torch.cat([batch.relation[nodes], batch.absent[which]])
        ahead = self.child_found(self.drop(found)).index_select(0, nodes)
        if len(which):
            ahead = torch.cat([ahead, self.not_there.expand(len(which), -1)])
        scores = self._choose(batch, above, codes, ahead, relations, prefix, attention).double()
        stop = self.score(
            torch.relu(prefix + self.stop(found.index_select(0, batch.inner)))
        ).squeeze(-1)
        roots = batch.inner_levels[1]
        stop = stop.double()
        if self.listen is not None:
            said, ended = self.listen(batch, nodes, which)
            read = scores.new_full((batch.questions,), TRUST)
            heard = torch.ones_like(read)
            if self.training:  # each must do alone as well, or the easier one is relied on
                drawn = torch.rand(batch.questions, device=said.device)
                heard = (drawn > 1 / 3).to(read)
                read = torch.where(drawn < 1 / 3, 1.0, read * (drawn < 2 / 3))
            read, heard = read[batch.question], heard[batch.question]
            scores = scores * read[above] + said * heard[above]
            stop = stop * read[batch.inner] + ended * heard[batch.inner]
        stop = torch.cat([stop.new_full((roots,), -torch.inf), stop[roots:]])
        choose, absent = scores.split([len(nodes), len(which)])
        return PathLogits(choose, nodes, stop, attention, absent, which, counting)

    def relation_vectors(self) -> Tensor:
        """Vectors of relation codes, forward then backward: `(2 R, width)`."""
        count, owner = self.relation_words.count, self._owner
        spelled = self.words(self.relation_words.words)
        total = spelled.new_zeros(count, spelled.shape[1]).index_add(0, owner, spelled)
        mean = total / torch.bincount(owner, minlength=count)[:, None]
        both = torch.cat([mean + self.direction.weight[0], mean + self.direction.weight[1]])
        return torch.tanh(self.relation(both))

    # --- inside -----------------------------------------------------------------------------

    def _read_prefixes(
        self, batch: TreeBatch, relations: Tensor, tokens: Tensor, question: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Inner nodes' prefix states, the question's part they attend to, and that attention."""
        words = torch.arange(tokens.shape[1], device=tokens.device)
        padding = words >= batch.lengths.to(tokens.device)[:, None]
        states: list[Tensor] = []
        contexts: list[Tensor] = []
        attentions: list[Tensor] = []
        levels = batch.inner_levels
        for depth in range(len(levels) - 1):
            inner = batch.inner[levels[depth] : levels[depth + 1]]
            node_question = batch.question[inner]
            if depth == 0:
                state = torch.tanh(self.begin(question)).index_select(0, node_question)
            else:
                above = batch.inside[batch.parent[inner]] - levels[depth - 1]
                arrived = relations.index_select(0, batch.relation[inner])
                step = torch.cat([arrived, contexts[-1].index_select(0, above)], dim=-1)
                state = self.advance(step, states[-1].index_select(0, above))
            heard = tokens.index_select(0, node_question)
            looked = torch.einsum("nd,nwd->nw", self.look(state), heard)
            looked = looked / state.shape[1] ** 0.5
            attention = torch.softmax(
                looked.masked_fill(padding[node_question], -torch.inf), dim=-1
            )
            states.append(state)
            attentions.append(attention)
            contexts.append(torch.einsum("nw,nwd->nd", attention, heard))
        return torch.cat(states), torch.cat(contexts), torch.cat(attentions)

    def _spelled(self, batch: TreeBatch, codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Lexical overlap of a batch's questions with the relations that occur in it.

        Returns:
            `(R,)` row of each relation in what follows; `(questions, rows, words)` how much of each
            word is spelled in the label; `(questions, rows)` how much of the label the question
            covers; the last two in 0..1.
        """
        count, owner = self.relation_words.count, self._owner
        present = torch.unique(codes % count)
        row = torch.full((count,), -1, device=owner.device)
        row[present] = torch.arange(len(present), device=owner.device)
        mine = row[owner] >= 0
        owner = row[owner][mine]
        pairs = batch.overlap[:, mine][batch.word_index]  # (questions, words, label words)
        words = torch.arange(pairs.shape[1], device=owner.device)
        padding = words >= batch.lengths.to(owner.device)[:, None]
        pairs = pairs.masked_fill(padding[..., None], 0.0)
        best = pairs.amax(1)
        cover = best.new_zeros(len(best), len(present)).index_add(1, owner, best)
        cover = cover / torch.bincount(owner, minlength=len(present))
        index = owner.expand(*pairs.shape[:2], -1)
        each = pairs.new_zeros(*pairs.shape[:2], len(present))
        each = each.scatter_reduce(2, index, pairs, "amax")
        return row, each.transpose(1, 2), cover

    def _absent_to_score(self, batch: TreeBatch) -> tuple[Tensor, Tensor]:
        """The absent alternatives to score, and the log of how many each of them stands for.

        All of them, but for large batches in training: there what is sought and a random part of
        the others, so that the expected sum is that of all.
        """
        count, device = len(batch.absent) if self.absence else 0, batch.absent.device
        if not self.training or count <= MOST_ABSENT:
            return torch.arange(count, device=device), torch.zeros(
                count, dtype=torch.float64, device=device
            )
        sought, others = batch.sought.nonzero().squeeze(1), (~batch.sought).nonzero().squeeze(1)
        drawn = others[torch.randperm(len(others), device=device)[:MOST_ABSENT]]
        each = torch.full((len(drawn),), len(others) / len(drawn), dtype=torch.float64).log()
        alone = torch.zeros(len(sought), dtype=torch.float64)
        return torch.cat([sought, drawn]), torch.cat([alone, each]).to(device)

    def _choose(
        self,
        batch: TreeBatch,
        parents: Tensor,
        codes: Tensor,
        ahead: Tensor,
        relations: Tensor,
        prefix: Tensor,
        attention: Tensor,
    ) -> Tensor:
        """Unnormalised scores of what may follow some nodes: `(children,)`.

        Args:
            batch: The trees.
            parents: `(children,)` nodes that are gone on from.
            codes: `(children,)` relation codes, or `NONE`, which has a learned label and is
                spelled by no word.
            ahead: `(children, width)` what is found there.
            relations: `(2 R, width)` vectors of relation codes.
            prefix: `(inner, width)` states of the prefixes.
            attention: `(inner, words)`.
        """
        labels = torch.cat([relations, self.none[None]]) if self.absence else relations
        question, inside = batch.question[parents], batch.inside[parents]
        row, each, cover = self._spelled(batch, codes[codes != NONE])
        relation = row[codes % self.relation_words.count].clamp(min=0)
        words = each[question, relation].to(prefix)
        attended = (attention.index_select(0, inside) * words).sum(-1)
        covered = cover[question, relation].to(prefix)
        lexical = torch.stack([attended, words.amax(-1), covered], dim=-1)
        lexical = lexical.masked_fill((codes == NONE)[:, None], 0.0)
        above = prefix.index_select(0, inside)
        code = torch.where(codes == NONE, len(labels) - 1, codes)
        match = (above * labels.index_select(0, code)).sum(-1) / above.shape[1] ** 0.5
        child = above + self.child_lexical(lexical) + ahead
        child = child + self.child_label(self.drop(labels)).index_select(0, code)
        scores: Tensor = self.score(torch.relu(child)).squeeze(-1) + match + lexical @ self.lexical
        return scores
