"""A text encoder that needs no download: hashed character n-grams, projected at random.

It compares spelling, not meaning: `Jo Bidden` is near `Joe Biden`, `POTUS` is not. Every n-gram of
a word has a fixed random direction, a text is the weighted sum of its n-grams, so the cosine of two
texts estimates the share of n-grams that they have in common. Nothing is learned and nothing is
stored: the directions follow from the seed.

This file needs torch; `embedders.load_embedder` imports it when asked to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers.base.modules.input_module import InputModule
from torch import Tensor

from core.plain_text import joined

WEIGHTS = {1: 2.0, 2: 1.0, 3: 1.0, 4: 0.5}
"""By length of the n-gram: one slip of the pen breaks four of length 4 and but two of length 2.

Single characters count only in scripts without spaces, where each says as much as a short word.
"""

_UNSPACED = 0x0E00  # Thai; the other scripts without spaces come after

_ODD = np.uint64(0x9E3779B97F4A7C15)  # multiplying by it spreads the bits (Fibonacci hashing)


class CharacterNgrams(InputModule):
    """First module of a `SentenceTransformer`: texts to `(batch, dimension)` sums of directions."""

    config_keys = ["dimension", "buckets", "seed"]

    def __init__(self, dimension: int = 256, buckets: int = 1 << 15, seed: int = 0) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dimension, self.buckets, self.seed = dimension, buckets, seed
        source = torch.Generator().manual_seed(seed)
        directions = torch.randn(buckets, dimension, generator=source)
        self.directions = torch.nn.EmbeddingBag.from_pretrained(directions, mode="sum")

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Buckets and weights of the texts' n-grams in a row, and where each text begins."""
        texts, hashes, weights = _ngrams([(prompt or "") + text for text in inputs])
        return {
            "buckets": torch.from_numpy((hashes % np.uint64(self.buckets)).astype(np.int64)),
            "weights": torch.from_numpy(weights),
            "begins": torch.from_numpy(np.searchsorted(texts, np.arange(len(inputs)))),
        }

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add `sentence_embedding`: `(batch, dimension)`."""
        features["sentence_embedding"] = self.directions(
            features["buckets"], features["begins"], per_sample_weights=features["weights"]
        )
        return features

    def get_embedding_dimension(self) -> int:
        """Length of the vectors."""
        return self.dimension

    def save(
        self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any
    ) -> None:
        """Write the configuration; the directions follow from it."""
        self.save_config(output_path)


def _ngrams(texts: Sequence[str]) -> tuple[Any, Any, Any]:
    """All n-grams of the texts' words, each word between `<` and `>`.

    Returns:
        `(texts, hashes, weights)`, one row per n-gram: the position of its text (ascending), a
        64-bit hash, its weight.
    """
    framed = ["".join(f"<{word}>" for word in joined(text).split(" ")) for text in texts]
    letters = np.frombuffer("".join(framed).encode("utf-32-le"), np.uint32).astype(np.uint64)
    text_of = np.repeat(np.arange(len(framed)), [len(text) for text in framed])
    word_of = np.cumsum(letters == ord("<"))
    found = []
    for length, weight in WEIGHTS.items():
        begins = np.arange(max(0, len(letters) - length + 1))
        begins = begins[word_of[begins] == word_of[begins + length - 1]]
        if length == 1:
            begins = begins[letters[begins] >= _UNSPACED]
        hashes = np.full(len(begins), length, np.uint64)
        for offset in range(length):
            hashes = (hashes ^ letters[begins + offset]) * _ODD
        weights = np.full(len(begins), weight, np.float32)
        found.append((text_of[begins], hashes >> np.uint64(32), weights))
    rows, hashes, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], hashes[order], weights[order]
