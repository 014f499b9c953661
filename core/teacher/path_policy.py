"""The teacher: a policy on the relation-prefix tree, and the exact distributions that it induces.

At every node u of a question's tree the policy is a softmax over the node's children and STOP. Then

    M(child) = M(u) * p(child | u),  M(root) = 1          mass of a prefix
    P(path to u) = M(u) * p(STOP | u)                     probability of a relation path
    P(e is an answer) = sum of P(path to u) over the nodes u whose frontier holds e

are exact, in one pass over the tree, with no sampling. Why a policy on prefixes and not a walk from
entity to entity: a walk that is normalised at each entity leaks its mass into wrong relations
wherever the graph is incomplete (label bias); a prefix is normalised once for its whole frontier.

The score of a child weighs what is left to say of the question (attention from the prefix read so
far), the relation's label, how much of the label is spelled in the attended words, and what message
passing found at the child's frontier.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.graph.knowledge_graph import KnowledgeGraph
from core.teacher.message_passing import FrontierStates
from core.teacher.question_encoder import Frozen, QuestionEncoder, RelationWords, WordVectors
from core.teacher.tree_batches import TreeBatch

NEGATIVES = 8
"""Relations that do not exist at a node, drawn in training for each one that does."""

MAX_NEGATIVES = 8192
"""Of a whole batch: where trees are large, real siblings are negatives enough."""


@dataclass(frozen=True, eq=False)
class PathLogits:
    """What the policy scores before it is normalised, in float64.

    Attributes:
        choose: `(children,)` score of each node whose parent is an inner node.
        children: `(children,)` these nodes.
        stop: `(inner,)` score of STOP; -inf at roots.
        attention: `(inner, words)` the words that each node's prefix looks at next.
        negatives: Scores of children that do not exist, and the `inside` position of their parents;
            in training only.
    """

    choose: Tensor
    children: Tensor
    stop: Tensor
    attention: Tensor
    negatives: tuple[Tensor, Tensor] | None = None


@dataclass(frozen=True, eq=False)
class PathScores:
    """Exact log-probabilities over a batch of trees, in float64; rows follow the batch's nodes.

    Attributes:
        choice: `(nodes,)` log p(node | parent); 0 at roots, -inf below open nodes.
        mass: `(nodes,)` log M(node).
        path: `(nodes,)` log P(path that ends at node); with the masses of open nodes it sums to one
            over each tree.
        attention: `(inner, words)` the words that each inner node's prefix looks at next.
    """

    choice: Tensor
    mass: Tensor
    path: Tensor
    attention: Tensor


@dataclass(frozen=True, eq=False)
class Children:
    """Candidate children: parent node, relation code, and the node whose frontier they show."""

    parent: Tensor
    relation: Tensor
    found_at: Tensor

    def sample_negatives(self, codes: int) -> Children:
        """Children that do not exist: each real one several times, under a drawn relation.

        In training they stand among their would-be siblings, so that "work" is told from
        "children" even if no training topic offers both. They keep the frontier state of the child
        they imitate: nothing but the label gives them away. Drawn relations that happen to be real
        siblings are left out.
        """
        count, device = len(self.parent), self.parent.device
        if count * NEGATIVES <= MAX_NEGATIVES:
            copies = torch.arange(count, device=device).repeat(NEGATIVES)
        else:
            copies = torch.randint(count, (MAX_NEGATIVES,), device=device)
        drawn = self.relation[torch.randint(count, copies.shape, device=device)]
        real = torch.isin(self.parent[copies] * codes + drawn, self.parent * codes + self.relation)
        copies, drawn = copies[~real], drawn[~real]
        return Children(self.parent[copies], drawn, self.found_at[copies])


class PathPolicy(nn.Module):
    """See the module's text.

    Args:
        graph: Whose relations it reads.
        width: Size of all hidden states.
        message_passing: Rounds of message passing; 0 for none.
        frozen: Vectors of a pretrained encoder to read words with.
    """

    temperature: Tensor
    _owner: Tensor

    def __init__(
        self, graph: KnowledgeGraph, width: int, message_passing: int, frozen: Frozen | None = None
    ) -> None:
        super().__init__()
        self.relation_words = RelationWords.of(graph)
        self.rounds = message_passing
        self.words = WordVectors(width, frozen)
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
        children = Children(batch.parent[nodes], batch.relation[nodes], nodes)
        labels = relations, self.child_label(self.drop(relations))
        ahead = self.child_found(self.drop(found))
        spelled = self._spelled(batch, children.relation)
        choose = self._choose(batch, children, labels, prefix, attention, spelled, ahead)
        stop = self.score(
            torch.relu(prefix + self.stop(found.index_select(0, batch.inner)))
        ).squeeze(-1)
        roots = batch.inner_levels[1]
        stop = torch.cat([stop.new_full((roots,), -torch.inf), stop[roots:]])
        negatives = None
        if self.training and len(nodes):
            others = children.sample_negatives(2 * self.relation_words.count)
            scores = self._choose(batch, others, labels, prefix, attention, spelled, ahead)
            negatives = scores.double(), batch.inside[others.parent]
        return PathLogits(choose.double(), nodes, stop.double(), attention, negatives)

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

    def _choose(
        self,
        batch: TreeBatch,
        children: Children,
        labels: tuple[Tensor, Tensor],
        prefix: Tensor,
        attention: Tensor,
        spelled: tuple[Tensor, Tensor, Tensor],
        ahead: Tensor,
    ) -> Tensor:
        """Unnormalised scores of children under their parents: `(children,)`."""
        row, each, cover = spelled
        question, inside = batch.question[children.parent], batch.inside[children.parent]
        relation = row[children.relation % self.relation_words.count]
        words = each[question, relation].to(prefix)
        attended = (attention.index_select(0, inside) * words).sum(-1)
        covered = cover[question, relation].to(prefix)
        lexical = torch.stack([attended, words.amax(-1), covered], dim=-1)
        above = prefix.index_select(0, inside)
        match = (above * labels[0].index_select(0, children.relation)).sum(-1) / above.shape[
            1
        ] ** 0.5
        child = above + self.child_lexical(lexical)
        child = child + labels[1].index_select(0, children.relation)
        child = child + ahead.index_select(0, children.found_at)
        scores: Tensor = self.score(torch.relu(child)).squeeze(-1) + match + lexical @ self.lexical
        return scores


def normalised(batch: TreeBatch, logits: PathLogits, temperature: Tensor) -> PathScores:
    """Softmax over siblings and STOP, then products down the tree; float64 throughout.

    Args:
        batch: The trees.
        logits: What the policy scored.
        temperature: Divides every score: above 1 the policy is less sure of each choice.
    """
    choose, stop = logits.choose / temperature, logits.stop / temperature
    parent = batch.inside[batch.parent[logits.children]]
    every, above = choose, parent
    if logits.negatives is not None:
        every = torch.cat([choose, logits.negatives[0] / temperature])
        above = torch.cat([parent, logits.negatives[1]])
    top = stop.detach().scatter_reduce(0, above, every.detach(), "amax")
    total = torch.exp(stop - top).index_add(0, above, torch.exp(every - top.index_select(0, above)))
    whole = top + torch.log(total)
    nodes = len(batch.parent)
    choice = choose.new_full((nodes,), -torch.inf)
    choice = choice.index_fill(0, torch.arange(batch.levels[1], device=choice.device), 0.0)
    choice = choice.index_copy(0, logits.children, choose - whole.index_select(0, parent))
    masses = [choice[: batch.levels[1]]]
    for depth in range(1, len(batch.levels) - 1):
        level = slice(batch.levels[depth], batch.levels[depth + 1])
        at = batch.parent[level] - batch.levels[depth - 1]
        masses.append(masses[-1].index_select(0, at) + choice[level])
    mass = torch.cat(masses)
    # A node with nothing to choose can only stop; an open one has yet to say.
    ends = choose.new_zeros(nodes).masked_fill(batch.open, -torch.inf)
    ends = ends.index_copy(0, batch.inner, stop - whole)
    return PathScores(choice, mass, mass + ends, logits.attention)


def path_loss(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """Mean of `path_losses` over the questions."""
    return path_losses(scores, batch, gold).mean()


def path_losses(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """How badly the policy explains what is known of each question: `(questions,)`.

        gold paths known:   - sum over gold paths of  w(path) log P(path)
        answers known:      - log sum over paths of  P(path) * F1(frontier, answers)

    The first is cross-entropy with the gold paths, so that a question with two right paths keeps
    both. Of several alternatives some may be wrong: w is proportional to F1(frontier, answers), so
    one that misses the answers teaches nothing beside one that reaches them; where none does, or no
    answer is known, all weigh alike. The second asks only that mass ends where the answers are, and
    is infinite where no path reaches any.

    Args:
        scores: The policy's scores of the batch.
        batch: The batch.
        gold: `(questions,)` bool, which questions learn from their gold paths; they need one.
    """
    right = torch.where(batch.gold, batch.match, 0.0)
    reached = _per_question(right, batch) > 0
    weight = torch.where(reached[batch.question], right, batch.gold.double())
    from_gold = -_per_question(weight * torch.where(weight > 0, scores.path, 0.0), batch)
    from_gold = from_gold / _per_question(weight, batch).clamp(min=1e-12)
    # The branch that is not taken must be finite too, or its gradient would be 0 * inf.
    reward = torch.where(gold[batch.question], batch.gold.double(), batch.match)
    inside = torch.where(reward > 0, scores.path + torch.log(reward.clamp(min=1e-12)), -torch.inf)
    return torch.where(gold, from_gold, -per_question_logsumexp(inside, batch))


def _per_question(values: Tensor, batch: TreeBatch) -> Tensor:
    return values.new_zeros(batch.questions).index_add(0, batch.question, values)


def per_question_logsumexp(values: Tensor, batch: TreeBatch) -> Tensor:
    """Log of the sum of exponentials over each question's nodes: `(questions,)`, -inf if empty."""
    top = values.new_full((batch.questions,), -torch.inf)
    top = top.scatter_reduce(0, batch.question, values.detach(), "amax").clamp(min=-1e300)
    sums = values.new_zeros(batch.questions).index_add(
        0, batch.question, torch.exp(values - top.index_select(0, batch.question))
    )
    return top + torch.log(sums)
