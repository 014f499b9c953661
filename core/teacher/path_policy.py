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

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.graph.knowledge_graph import KnowledgeGraph
from core.teacher.absence import NONE
from core.teacher.message_passing import FrontierStates
from core.teacher.question_encoder import Frozen, QuestionEncoder, RelationWords, WordVectors
from core.teacher.tree_batches import TreeBatch

MOST_ABSENT = 8192
"""Absent alternatives of a batch that are scored in training; where there are more they are drawn,
and each counts for as many as were not."""


TRUST = 0.7
"""Beside how a path sounds, what was learned counts so much: of words that training did not meet it
is surer than it may be. Chosen among 0.3, 0.5, 0.7 and 1 on questions in people's own words."""


@dataclass(frozen=True, eq=False)
class PathLogits:
    """What the policy scores before it is normalised, in float64.

    Attributes:
        choose: `(children,)` score of each node whose parent is an inner node.
        children: `(children,)` these nodes.
        stop: `(inner,)` score of STOP; -inf at roots.
        attention: `(inner, words)` the words that each node's prefix looks at next.
        absent: `(scored,)` scores of absent alternatives.
        which: `(scored,)` their place among the batch's.
        counting: `(scored,)` log of how many alternatives each stands for.
    """

    choose: Tensor
    children: Tensor
    stop: Tensor
    attention: Tensor
    absent: Tensor
    which: Tensor
    counting: Tensor


@dataclass(frozen=True, eq=False)
class PathScores:
    """Exact log-probabilities over a batch of trees, in float64; rows follow the batch's nodes.

    Attributes:
        choice: `(nodes,)` log p(node | parent); 0 at roots, -inf below open nodes.
        mass: `(nodes,)` log M(node).
        path: `(nodes,)` log P(path that ends at node).
        missing: `(scored,)` log P(what is absent is what the question looks for); with the paths
            and the masses of open nodes it sums to one over each tree.
        which: `(scored,)` place of each among the batch's absent alternatives.
        attention: `(inner, words)` the words that each inner node's prefix looks at next.
    """

    choice: Tensor
    mass: Tensor
    path: Tensor
    missing: Tensor
    which: Tensor
    attention: Tensor


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


class Listening(nn.Module):
    """What the words of the paths say to a question, as scores of all that may follow a node.

    With s(u) the cosine of the question with the path to u in words, and one learned scale b, every
    path and every absence of a tree gets the weight exp(b s), and a node the sum of the weights at
    and below it. As scores of the node's choices these make the policy the softmax over the whole
    tree: what is meant three hops on pulls at the first. *None of these* has the weight of a
    learned cosine.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(3.0))
        self.none = nn.Parameter(torch.tensor(0.4))

    def forward(self, batch: TreeBatch, nodes: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of choices.

        Args:
            batch: The trees.
            nodes: `(children,)` nodes that may be chosen.
            which: `(scored,)` absent alternatives that may be.

        Returns:
            `(children + scored,)` and, for stopping, `(inner,)`; float64.
        """
        scale = self.log_scale.double().exp()
        stop = scale * batch.spoken
        lost = scale * batch.absent_spoken
        named = (batch.absent != NONE).nonzero().squeeze(1)
        # From the deepest level up: a node weighs what it is and what is below it.
        whole = logsumexp_by(
            torch.cat([torch.arange(len(stop), device=stop.device), batch.lacking[named]]),
            torch.cat([stop, lost[named]]),
            len(stop),
        )
        for depth in range(len(batch.levels) - 2, 0, -1):
            level = torch.arange(batch.levels[depth], batch.levels[depth + 1], device=stop.device)
            above = batch.levels[depth - 1]
            parents = torch.arange(above, batch.levels[depth], device=stop.device)
            sums = logsumexp_by(
                torch.cat([parents, batch.parent[level]]) - above,
                torch.cat([whole[parents], whole[level]]),
                len(parents),
            )
            whole = whole.index_copy(0, parents, sums)
        absent = torch.where(batch.absent == NONE, scale * self.none.double(), lost)
        return torch.cat([whole[nodes], absent[which]]), stop[batch.inner]


def normalised(batch: TreeBatch, logits: PathLogits, temperature: Tensor) -> PathScores:
    """Softmax over siblings, STOP and what is absent, then products down; float64 throughout.

    Args:
        batch: The trees.
        logits: What the policy scored.
        temperature: Divides every score: above 1 the policy is less sure of each choice.
    """
    choose, stop = logits.choose / temperature, logits.stop / temperature
    parent = batch.inside[batch.parent[logits.children]]
    absent, lacking = logits.absent / temperature, batch.lacking[logits.which]
    every = torch.cat([choose, absent + logits.counting])
    above = torch.cat([parent, batch.inside[lacking]])
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
    missing = mass.index_select(0, lacking) + absent
    missing = missing - whole.index_select(0, batch.inside[lacking])
    return PathScores(choice, mass, mass + ends, missing, logits.which, logits.attention)


def path_loss(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """Mean of `path_losses` over the questions."""
    return path_losses(scores, batch, gold).mean()


def path_losses(scores: PathScores, batch: TreeBatch, gold: Tensor) -> Tensor:
    """How badly the policy explains what is known of each question: `(questions,)`.

        gold paths known:   - sum over gold paths of  w(path) log P(path)
        answers known:      - log sum over paths of  P(path) * F1(frontier, answers)
        known to be lacking: - log sum over what is sought of  P(it is missing)

    The first is cross-entropy with the gold paths, so that a question with two right paths keeps
    both. Of several alternatives some may be wrong: w is proportional to F1(frontier, answers), so
    one that misses the answers teaches nothing beside one that reaches them; where none does, or no
    answer is known, all weigh alike. The second asks only that mass ends where the answers are, and
    is infinite where no path reaches any. The third is for what the graph does not answer.

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
    sought = batch.sought[scores.which]
    place = batch.question[batch.lacking[scores.which[sought]]]
    from_absence = -logsumexp_by(place, scores.missing[sought], batch.questions)
    unanswered = torch.zeros_like(gold).index_fill(0, place, True) & ~gold
    from_answers = -per_question_logsumexp(
        torch.where(unanswered[batch.question], 0.0, inside), batch
    )
    from_absence = torch.where(unanswered, from_absence, 0.0)
    return torch.where(unanswered, from_absence, torch.where(gold, from_gold, from_answers))


def _per_question(values: Tensor, batch: TreeBatch) -> Tensor:
    return values.new_zeros(batch.questions).index_add(0, batch.question, values)


def per_question_logsumexp(values: Tensor, batch: TreeBatch) -> Tensor:
    """Log of the sum of exponentials over each question's nodes: `(questions,)`, -inf if empty."""
    return logsumexp_by(batch.question, values, batch.questions)


def logsumexp_by(group: Tensor, values: Tensor, groups: int) -> Tensor:
    """Log of the sum of exponentials of the values of each group: `(groups,)`, -inf if empty."""
    top = values.new_full((groups,), -torch.inf)
    top = top.scatter_reduce(0, group, values.detach(), "amax").clamp(min=-1e300)
    sums = values.new_zeros(groups).index_add(
        0, group, torch.exp(values - top.index_select(0, group))
    )
    return top + torch.log(sums)
