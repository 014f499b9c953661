"""Letting a student speak paths: freely, or only such paths as exist in the graph.

Constrained decoding lets the student choose only among tokens that continue a path of the trie and
renormalises, so each path is valid by construction and its probability is exact under the
constrained student:

    P(path) = product over tokens of  p(token) / (student mass on the allowed tokens)

Three ways to search, all batched over questions with one state of the model per prefix:

- *beam*: the best paths, finished ones competing with those that go on. Without length penalty a
  score only falls, so with as many beams as there are paths the search is exhaustive; one beam is
  greedy.
- *diverse*: beams in groups of two; a group is held away from tokens that groups before it chose at
  the same step (Vijayakumar et al., "Diverse Beam Search", 2018). Probabilities are the true ones.
- *sample*: paths drawn at random. Draws that agree so far share one state, so a thousand draws from
  a student that is sure cost as much as a few.

Most tokens of a constrained path leave no choice, the rest of a relation's name for instance. They
are certain, so no probability is looked up for them; and where nothing but certain tokens follows
up to `<stop>`, the path is finished there without reading them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedModel

from core.records import RelationPath
from core.student.graph_trie import GraphTrie
from core.student.prompts import Speller
from core.student.reading import CachedModel

LONGEST_PATH = 96
"""Tokens that a path may take when the student speaks freely."""

GROUP = 2
"""Beams of a group in diverse search."""

DIVERSITY = 1.0
"""What a token costs, in nats, each time a group before has chosen it at the same step."""

Search = Literal["beam", "diverse", "sample"]


@dataclass(frozen=True)
class DecodedPath:
    """A path as the student spoke it.

    Attributes:
        relations: Its relations; what is no relation stays text.
        probability: Its probability under the way it was decoded, 0 to 1.
        draws: How often it was drawn; 1 where nothing is drawn.
    """

    relations: RelationPath
    probability: float
    draws: int = 1


class Prefix(NamedTuple):
    """What has been said so far to one question.

    Attributes:
        question: Its number.
        row: Row of the model that has read it, but for its last token.
        tokens: What was said.
        node: Trie node after it; 0 when speaking freely.
        score: Log-probability.
        group: Group of a diverse search.
        draws: Draws that agree so far.
    """

    question: int
    row: int
    tokens: tuple[int, ...] = ()
    node: int = 0
    score: float = 0.0
    group: int = 0
    draws: int = 1

    @property
    def last(self) -> int:
        """The token said last."""
        return self.tokens[-1]


@torch.no_grad()
def decode_paths(
    model: PreTrainedModel,
    speller: Speller,
    questions: Sequence[str],
    beams: int,
    tries: Sequence[GraphTrie] | None = None,
    search: Search = "beam",
    seed: int = 0,
) -> list[list[DecodedPath]]:
    """What a student says to each question, most probable path first.

    Args:
        model: A causal language model, ready to speak (`eval`).
        speller: How it spells.
        questions: Texts.
        beams: Paths kept at each step and returned at most; of a sample, the number of draws.
        tries: What may be said to each question; None to decode freely.
        search: How paths are searched for.
        seed: Of the draws.
    """
    cached = CachedModel(model, [speller.prompt(text) for text in questions])
    draw = torch.Generator(model.device).manual_seed(seed)
    live = _beginning(len(questions), beams, search)
    finished: list[Prefix] = []
    for said in count(1):
        longer, open_ = _certain(live, tries)
        if open_:
            log_p, tokens = _choices(cached.logits, open_, tries)
            if search == "sample":
                longer += _drawn(open_, log_p, tokens, draw)
            else:
                longer += _likeliest(open_, log_p, tokens, beams)
        kept = finished + longer if search == "sample" else _best(finished, longer, beams, search)
        finished, live = _parted(kept, speller.stop, tries)
        if not live:
            break
        if tries is None and said == LONGEST_PATH:
            finished += live
            break
        cached.read([prefix.row for prefix in live], [prefix.last for prefix in live])
        live = [prefix._replace(row=row) for row, prefix in enumerate(live)]
    return _told(finished, len(questions), speller, tries)


def _beginning(questions: int, beams: int, search: Search) -> list[Prefix]:
    """Nothing said yet: one prefix a question, one a group where there are groups."""
    draws = beams if search == "sample" else 1
    groups = -(-beams // GROUP) if search == "diverse" else 1
    return [
        Prefix(number, number, group=group, draws=draws)
        for number in range(questions)
        for group in range(groups)
    ]


def _certain(
    live: Sequence[Prefix], tries: Sequence[GraphTrie] | None
) -> tuple[list[Prefix], list[Prefix]]:
    """Prefixes that can go on in one way only, with that token; and those that have a choice."""
    if tries is None:
        return [], list(live)
    longer, open_ = [], []
    for prefix in live:
        following = tries[prefix.question].following(prefix.node)
        if len(following) == 1:
            longer.append(_longer(prefix, next(iter(following)), 0.0))
        else:
            open_.append(prefix)
    return longer, open_


def _choices(
    logits: Tensor, live: Sequence[Prefix], tries: Sequence[GraphTrie] | None
) -> tuple[Tensor, Tensor | None]:
    """Log-probabilities of what may come next, one row per prefix.

    Returns:
        `(log_p, tokens)`: `(prefixes, choices)` each; tokens is None where the choices are the
        whole vocabulary. Choices that do not exist have log-probability minus infinity.
    """
    if tries is None:
        return _exact(logits[[prefix.row for prefix in live]]).log_softmax(-1), None
    allowed = [list(tries[prefix.question].following(prefix.node)) for prefix in live]
    widest = max(map(len, allowed))
    ids = torch.tensor([row + [-1] * (widest - len(row)) for row in allowed], device=logits.device)
    rows = torch.tensor([[prefix.row] for prefix in live], device=logits.device)
    chosen = _exact(logits[rows, ids.clamp(min=0)]).masked_fill_(ids < 0, -torch.inf)
    return chosen.log_softmax(-1), ids


def _exact(logits: Tensor) -> Tensor:
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def _likeliest(
    live: Sequence[Prefix], log_p: Tensor, tokens: Tensor | None, beams: int
) -> list[Prefix]:
    """Each prefix with its `beams` most probable next tokens."""
    top, places = log_p.topk(min(beams, log_p.shape[1]))
    ids = places if tokens is None else tokens.gather(1, places)
    return [
        _longer(prefix, token, gain)
        for prefix, gains, row in zip(live, top.tolist(), ids.tolist(), strict=True)
        for gain, token in zip(gains, row, strict=True)
        if gain > -torch.inf
    ]


def _best(
    finished: Sequence[Prefix], longer: Iterable[Prefix], beams: int, search: Search
) -> list[Prefix]:
    """The best prefixes of each group; those that are finished keep their place or lose it."""
    rivals: dict[tuple[int, int], list[Prefix]] = defaultdict(list)
    for prefix in (*finished, *longer):
        rivals[prefix.question, prefix.group].append(prefix)
    old = set(map(id, finished))
    kept: list[Prefix] = []
    chosen: dict[int, Counter[int]] = defaultdict(Counter)
    for (question, group), prefixes in sorted(rivals.items()):
        room = beams if search == "beam" else min(GROUP, beams - GROUP * group)
        before = chosen[question].copy()
        worth = {
            id(p): p.score - (0 if id(p) in old else DIVERSITY * before[p.last]) for p in prefixes
        }
        winners = sorted(prefixes, key=lambda p: -worth[id(p)])[:room]
        chosen[question].update(p.last for p in winners if id(p) not in old)
        kept += winners
    return kept


def _drawn(
    live: Sequence[Prefix], log_p: Tensor, tokens: Tensor | None, draw: torch.Generator
) -> list[Prefix]:
    """Each prefix with the next tokens that its draws fall on."""
    most = max(prefix.draws for prefix in live)
    places = log_p.exp().multinomial(most, replacement=True, generator=draw)
    ids = places if tokens is None else tokens.gather(1, places)
    gains = log_p.gather(1, places)
    longer = []
    for prefix, row, gain in zip(live, ids.tolist(), gains.tolist(), strict=True):
        gained = dict(zip(row, gain, strict=True))
        for token, draws in Counter(row[: prefix.draws]).items():
            longer.append(_longer(prefix, token, gained[token])._replace(draws=draws))
    return longer


def _longer(prefix: Prefix, token: int, gain: float) -> Prefix:
    return prefix._replace(tokens=(*prefix.tokens, token), score=prefix.score + gain)


def _parted(
    kept: Sequence[Prefix], stop: int, tries: Sequence[GraphTrie] | None
) -> tuple[list[Prefix], list[Prefix]]:
    """Prefixes that are finished, and those that go on."""
    if tries is not None:
        kept = [p if p.last == stop else _followed(p, stop, tries[p.question]) for p in kept]
    live = [p for p in kept if p.last != stop]
    # In the order in which the model holds them, so that it seldom has to move what it has read.
    return [p for p in kept if p.last == stop], sorted(live, key=lambda p: p.row)


def _followed(prefix: Prefix, stop: int, trie: GraphTrie) -> Prefix:
    """The prefix with the trie node that its last token leads to; finished if that is certain."""
    here = node = trie.following(prefix.node)[prefix.last]
    rest: list[int] = []
    while len(following := trie.following(here)) == 1:
        ((token, there),) = following.items()
        rest.append(token)
        if token == stop:
            return prefix._replace(tokens=(*prefix.tokens, *rest), node=here)
        here = there
    return prefix._replace(node=node)


def _told(
    finished: Iterable[Prefix],
    questions: int,
    speller: Speller,
    tries: Sequence[GraphTrie] | None,
) -> list[list[DecodedPath]]:
    """One entry per path, most probable first.

    Groups may have said the same thing, which counts once; free decoding may spell the same path in
    several ways, which adds up.
    """
    told: list[dict[RelationPath, DecodedPath]] = [{} for _ in range(questions)]
    for prefix in {(p.question, p.tokens): p for p in finished}.values():
        if tries is None:
            relations = speller.read(list(prefix.tokens))
        else:
            trie = tries[prefix.question]
            relations = trie.path(trie.following(prefix.node)[prefix.last])
        before = told[prefix.question].get(relations, DecodedPath(relations, 0.0, 0))
        probability = before.probability + math.exp(prefix.score)
        told[prefix.question][relations] = DecodedPath(
            relations, probability, before.draws + prefix.draws
        )
    return [sorted(paths.values(), key=lambda path: -path.probability) for paths in told]
