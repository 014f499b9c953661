"""Reading questions and relation labels with one and the same set of word vectors.

Chinese is read character by character, everything else word by word (`plain_text`). Beside the
learned vectors stands one measured fact per (question word, relation): how much of the word is
spelled in the relation's label (Dice overlap of character n-grams, so `directs` resembles
`directed`). It needs no training at all and is what carries a teacher to relations it never saw.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import plain
from core.records import TOPIC_MARK

OTHER = "\ue001"
"""Stands where another topic of the same question is mentioned."""

WORDS = 8192
"""Rows of the word table; two words in one row are rare and harmless."""

NGRAMS = 8192
"""Buckets of hashed character n-grams."""

SILENCED = 0.2
"""Share of the words of a batch that training does as if it had never met."""

LONGEST = 64
"""Words read of a question; what comes after is cut and counted."""

_MARKS = re.compile(f"([{TOPIC_MARK}{OTHER}])")


def split_words(text: str) -> list[str]:
    """The words of a text in their normal form (`plain_text`), and the marks of topics."""
    pieces = ([one] if _MARKS.match(one) else plain(one).split() for one in _MARKS.split(text))
    return [word for piece in pieces for word in piece]


@lru_cache(maxsize=200_000)
def hashed_ngrams(word: str) -> tuple[int, ...]:
    """Buckets of a word and of its character 3-, 4- and 5-grams: distinct, sorted."""
    padded = f"<{word}>"
    grams = {padded} | {padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)}
    return tuple(sorted({zlib.crc32(gram.encode()) % NGRAMS for gram in grams}))


class Frozen(Protocol):
    """Vectors of a pretrained text encoder, which training leaves as they are."""

    dimension: int

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors: `(texts, dimension)` float32."""


class WordVectors(nn.Module):
    """One learned vector per word, shared by questions and relation labels.

    Where there is a pretrained encoder, its vector of the word is projected and added, so that a
    word never seen in training still means something. Marks of topics have learned vectors only.

    A word that training never met has one vector for all of its kind, which is learned in the place
    of words that are silenced at random: whatever an untrained vector would say is noise.

    Words are hashed, so there is no vocabulary to carry; resemblance in spelling is measured beside
    (`RelationWords.overlap`), not learned: on small data it only blurs words that look alike.
    """

    known: Tensor

    def __init__(self, width: int, frozen: Frozen | None = None, unknown: bool = False) -> None:
        super().__init__()
        self.table = nn.Embedding(WORDS, width)
        self.unknown = nn.Parameter(torch.zeros(width)) if unknown else None
        if unknown:
            self.register_buffer("known", torch.zeros(WORDS, dtype=torch.bool))
        self.frozen = frozen
        self.project = nn.Linear(frozen.dimension, width, bias=False) if frozen else None
        if self.project is not None:
            # A word of training and one never seen must look alike at first: mostly what they mean,
            # on the scale that learned vectors have alone, and little of a vector of their own.
            nn.init.normal_(self.project.weight)
            nn.init.normal_(self.table.weight, std=0.1)

    def forward(self, words: Sequence[str]) -> Tensor:
        """Vectors of words: `(words, width)`."""
        rows = torch.tensor(
            [zlib.crc32(word.encode()) % WORDS for word in words], device=self.table.weight.device
        )
        learned: Tensor = self.table(rows)
        if self.unknown is not None:
            if self.training:
                self.known[rows] = True
                silent = torch.rand(len(words), device=rows.device) < SILENCED
            else:
                silent = ~self.known[rows]
            learned = torch.where(silent[:, None], self.unknown, learned)
        if self.frozen is None or self.project is None:
            return learned
        meant = self.frozen.of(["" if word in (TOPIC_MARK, OTHER) else word for word in words])
        vectors: Tensor = learned + self.project(torch.as_tensor(meant).to(learned))
        return vectors


class QuestionEncoder(nn.Module):
    """A question's words in context, by a bidirectional recurrent network."""

    def __init__(self, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.read = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(dropout)
        self.join = nn.Linear(2 * width, width)

    def forward(self, vectors: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Read a batch of questions.

        Args:
            vectors: `(questions, words, width)`, padded behind.
            lengths: `(questions,)` number of words, on the CPU.

        Returns:
            `(words in context, whole question)`: `(questions, words, width)` and
            `(questions, width)`.
        """
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(vectors), lengths, batch_first=True, enforce_sorted=False
        )
        output, last = self.read(packed)
        context, _ = nn.utils.rnn.pad_packed_sequence(
            output, batch_first=True, total_length=vectors.shape[1]
        )
        context = self.join(torch.cat([context, vectors], dim=-1))
        return context, torch.cat([last[0], last[1]], dim=-1)


@dataclass(frozen=True, eq=False)
class RelationWords:
    """The words of every relation's labels, in all languages, and their spelling.

    Attributes:
        words: All label words, relation after relation.
        owner: `(words,)` the relation that each word belongs to.
        spelling: `(words, buckets)` 0/1 n-gram incidence.
        count: Number of relations R.
    """

    words: tuple[str, ...]
    owner: np.ndarray
    spelling: sparse.csr_matrix
    count: int

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> RelationWords:
        """Collect the label words of a graph's relations; the id serves where there is no label."""
        words: list[str] = []
        owner: list[int] = []
        for relation in range(graph.relation_count):
            texts = {graph.relation_id(relation)}
            texts.update(graph.relation_label(relation, language) for language in graph.languages)
            found = dict.fromkeys(
                w for text in sorted(texts) for w in split_words(text.replace("_", " "))
            )
            found = found or {f"relation{relation}": None}
            words.extend(found)
            owner.extend([relation] * len(found))
        return cls(tuple(words), np.array(owner), _spelling(words), graph.relation_count)

    def overlap(self, words: Sequence[str]) -> np.ndarray:
        """How much question words and label words share.

        Returns:
            `(question words, label words)` Dice overlap in 0..1; marks of topics overlap nothing.
        """
        theirs = _spelling(words)
        shared = (theirs @ self.spelling.T).toarray()
        sizes = np.asarray(theirs.sum(1)) + np.asarray(self.spelling.sum(1)).T
        return np.asarray(2.0 * shared / np.maximum(sizes, 1), dtype=np.float32)

    def relevance(self, words: Sequence[str]) -> np.ndarray:
        """How much a question spells of each relation: `(2 R,)` in 0..1, alike in both directions.

        The mean, over the words of the label, of the best overlap with a word of the question.
        """
        best = self.overlap(words).max(0) if words else np.zeros(len(self.words), np.float32)
        total = np.bincount(self.owner, weights=best, minlength=self.count)
        share = total / np.bincount(self.owner, minlength=self.count)
        return np.concatenate([share, share])


def _spelling(words: Sequence[str]) -> sparse.csr_matrix:
    grams = [() if word in (TOPIC_MARK, OTHER) else hashed_ngrams(word) for word in words]
    starts = np.cumsum([0, *(len(g) for g in grams)])
    columns = np.fromiter((gram for word in grams for gram in word), np.int64, int(starts[-1]))
    ones = np.ones(len(columns), np.float32)
    return sparse.csr_matrix((ones, columns, starts), shape=(len(words), NGRAMS))
