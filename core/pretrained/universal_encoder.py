"""Universal Sentence Encoder, multilingual, version 3: one text encoder for sixteen languages.

A token has a vector of its own, and beside it what three n-gram convolutions (2, 3 and 5 tokens
wide, two layers each, with residuals) make of its surroundings. These are normalised, projected and
averaged over the text, and three dense layers make the text's vector of it: 512 numbers. Chinese
and English texts that mean the same come out alike (Yang et al. 2019, arXiv:1907.04307).

    weights.npz     token vectors in six bits (`q1` ... `q17`, `scale`, `lo`), all else in float32
    sp.model        tokens: a SentencePiece unigram model

Token vectors stay as they are, in bytes (66 MB); all else can be trained (about 3 million numbers).

This file needs torch; `embedders.load_embedder` imports it when asked to.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from google.protobuf.message import DecodeError
from sentence_transformers.base.modules.input_module import InputModule
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor, nn
from torch.nn import functional
from transformers.utils import sentencepiece_model_pb2_new as sentencepiece

from core.errors import FormatError
from core.foreign_files import open_foreign

WEIGHTS = "weights.npz"
TOKENS = "sp.model"

LARGEST = 256 << 20
"""Bytes of either file, and of what the weights unpack to; the real ones unpack to 77 MB."""

ORDERS = {2: 0, 3: 1, 5: 2}
"""Tokens under a convolution, and how many of them stand before the one it looks at."""

BEGIN, END = 1, 2
"""Tokens at the ends of every text."""


class UniversalEncoder(InputModule):
    """First and only module of a `SentenceTransformer`: texts to `(texts, 512)` vectors.

    Args:
        tokenizer: Splits texts, at whose ends it puts nothing.
        weights: Arrays by the names that `weights.npz` has for them; their shapes are what sizes
            the encoder.
    """

    def __init__(self, tokenizer: Tokenizer, weights: Mapping[str, np.ndarray]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tokenizer = tokenizer
        given = {name: torch.from_numpy(np.asarray(array)) for name, array in weights.items()}
        parts = sum(name[0] == "q" and name[1:].isdecimal() for name in given)
        # Token t is row t // parts of part t % parts.
        table = torch.stack([given[f"q{part + 1}"] for part in range(parts)], dim=1)
        self.register_buffer("table", table.flatten(0, 1), persistent=False)
        self.register_buffer("scale", given["scale"], persistent=False)
        self.register_buffer("lowest", given["lo"], persistent=False)
        weight, bias, scale, shift = (
            torch.cat([given[f"{name}{width}"] for width in ORDERS], dim=-1)
            for name in ("proj", "proj_b", "ln_g", "ln_b")
        )
        self.enter, self.entry_norm = _linear(weight, bias), _norm(scale, shift)
        self.grams = nn.ModuleList(_Grams(given, width) for width in ORDERS)
        self.norm = _norm(given["ln_g"], given["ln_b"])
        self.project = _linear(given["cnn_W"], given["cnn_b"])
        self.first, self.second, self.third, self.fourth = (
            _linear(given[name]) for name in ("d0", "d1", "d2", "d3")
        )
        self.past_first, self.past_third = _linear(given["p1"]), _linear(given["p3"])

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Tokens of all texts in a row, and how many each text has."""
        spelled = self.tokenizer.encode_batch([(prompt or "") + text for text in inputs])
        texts = [[BEGIN, *(one.ids or [0]), END] for one in spelled]
        return {
            "tokens": torch.tensor([token for text in texts for token in text], dtype=torch.long),
            "lengths": torch.tensor([len(text) for text in texts]),
        }

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add `sentence_embedding`: `(texts, 512)`."""
        features["sentence_embedding"] = self.encoded(features["tokens"], features["lengths"])
        return features

    def encoded(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Vectors of texts, of unit length: `(texts, 512)`.

        Args:
            tokens: `(tokens,)` those of all texts in a row.
            lengths: `(texts,)` how many each text has.
        """
        text_of = torch.repeat_interleave(torch.arange(len(lengths), device=tokens.device), lengths)
        alike = Alike.of(tokens[:, None])
        vectors = self.token_vectors(alike.rows.squeeze(1))
        states = self.entry_norm(self.enter(vectors)).chunk(len(self.grams), dim=1)
        around = [
            grams(x, alike.which, text_of) for grams, x in zip(self.grams, states, strict=True)
        ]
        every = [(vectors, alike.which), *around]
        both = Alike.of(torch.stack([which for _, which in every], dim=1))
        seen = torch.cat(
            [
                functional.embedding(rows, state)
                for (state, _), rows in zip(every, both.rows.T, strict=True)
            ],
            dim=1,
        )
        # The sum of projections is the projection of the sum, which is one row a text.
        begins = torch.cumsum(lengths, 0) - lengths
        total = functional.embedding_bag(both.which, self.norm(seen), begins, mode="sum")
        count = lengths.to(seen)[:, None]
        mean = (total @ self.project.weight.T + count * self.project.bias) / count.sqrt()
        middle = torch.relu(self.past_first(mean) + self.second(torch.relu(self.first(mean))))
        end = self.past_third(middle) + self.fourth(torch.relu(self.third(middle)))
        return functional.normalize(torch.tanh(end), dim=1)

    def token_vectors(self, tokens: Tensor) -> Tensor:
        """What each of some tokens means by itself: `(tokens, 512)`."""
        part = tokens % len(self.scale)
        read: Tensor = self.table[tokens].float() * self.scale[part, None] + self.lowest[part, None]
        return read

    def get_embedding_dimension(self) -> int:
        """Length of the vectors."""
        return self.fourth.out_features

    def save(
        self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any
    ) -> None:
        """Write what can be trained; token vectors and tokens are where they came from."""
        self.save_torch_weights(output_path, safe_serialization=safe_serialization)


class _Grams(nn.Module):
    """What stands around each token: two layers of convolution, each beside its own input."""

    def __init__(self, given: Mapping[str, Tensor], width: int) -> None:
        super().__init__()
        self.width, self.before = width, ORDERS[width]
        self.layers = nn.ModuleList(
            _linear(given[f"w{layer}_{width}"], given[f"b{layer}_{width}"]) for layer in (1, 2)
        )

    def forward(self, state: Tensor, which: Tensor, text_of: Tensor) -> tuple[Tensor, Tensor]:
        """What stands around each token, computed once for all that stand in the same.

        Args:
            state: `(kinds, 256)` of the tokens that differ.
            which: `(tokens,)` the kind of each token.
            text_of: `(tokens,)` the text of each.

        Returns:
            `(surroundings, 256)` of those that differ, and `(tokens,)` which of them each has.
        """
        count = len(which)
        place = torch.arange(count, device=state.device)[:, None]
        around = place + torch.arange(-self.before, self.width - self.before, device=state.device)
        near = around.clamp(0, count - 1)
        outside = (near != around) | (text_of[near] != text_of[:, None])
        for layer in self.layers:
            # A row of zeros stands where the text has no token.
            alike = Alike.of(which[near].masked_fill(outside, len(state)))
            padded = torch.cat([state, state.new_zeros(1, state.shape[1])])
            seen = functional.embedding(alike.rows, padded)
            state = seen[:, self.before] + torch.relu(layer(seen.flatten(1)))
            which = alike.which
        return state, which


@dataclass(frozen=True, eq=False)
class Alike:
    """Rows of numbers, each that occurs once.

    Texts about a graph have most of their words' surroundings in common, and what is computed of a
    surrounding is the same wherever it stands.

    Attributes:
        rows: `(different, columns)`.
        which: `(all,)` the place among them of each row that was given.
    """

    rows: Tensor
    which: Tensor

    @classmethod
    def of(cls, rows: Tensor) -> Alike:
        """Find them among `(all, columns)` numbers from 0 on."""
        which = rows.new_zeros(len(rows))
        for column in rows.T:  # much faster than to sort whole rows
            paired = which * (column.max() + 1) + column
            which = torch.unique(paired, return_inverse=True)[1]
        place = torch.arange(len(rows), device=rows.device)
        first = place.new_zeros(int(which.max()) + 1).scatter(0, which, place)
        return cls(rows[first], which)


def _norm(scale: Tensor, shift: Tensor) -> nn.LayerNorm:
    norm = nn.LayerNorm(len(scale), eps=1e-12)
    norm.load_state_dict({"weight": scale, "bias": shift})
    return norm


def _linear(weight: Tensor, bias: Tensor | None = None) -> nn.Linear:
    """A layer of a matrix that is kept as `(from, to)`."""
    layer = nn.Linear(weight.shape[0], weight.shape[1], bias=bias is not None)
    layer.load_state_dict({"weight": weight.T} | ({} if bias is None else {"bias": bias}))
    return layer


def read_universal_encoder(folder: Path) -> UniversalEncoder:
    """Read the encoder out of the folder that holds its two files.

    Raises:
        FormatError: If one cannot be opened or is far too large. What libraries raise where they
            make no sense of the bytes is `core.pretrained.reading.MISFITS`.
    """
    try:
        return UniversalEncoder(_tokenizer(folder / TOKENS), _arrays(folder / WEIGHTS))
    except (zipfile.BadZipFile, DecodeError) as error:  # the only ones that are no such
        raise ValueError(str(error)) from error


@dataclass(frozen=True, eq=False)
class TokenVectors:
    """The encoder's tokens by themselves: words that mean the same, in whatever language, are near.

    Those that stand for no text (unknown, begin, end) are not among them.

    Attributes:
        pieces: Each token as text; `▁` is the blank before a word.
        scores: `(tokens,)` log-probability of each, by which a text is parted into tokens.
        vectors: `(tokens, 512)` float32.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    vectors: np.ndarray


def read_token_vectors(folder: Path) -> TokenVectors:
    """Read the tokens out of the folder that holds the encoder's two files.

    Raises:
        FormatError: See `read_universal_encoder`.
    """
    encoder = read_universal_encoder(folder)
    tokens = json.loads(encoder.tokenizer.to_str())["model"]["vocab"]
    ordinary = range(END + 1, len(tokens))
    pieces, scores = zip(*(tokens[token] for token in ordinary), strict=True)
    return TokenVectors(pieces, scores, encoder.token_vectors(torch.tensor(ordinary)).numpy())


def _arrays(file: Path) -> dict[str, np.ndarray]:
    with open_foreign(file, LARGEST) as content:
        unpacked = sum(one.file_size for one in zipfile.ZipFile(content).infolist())
        if unpacked > LARGEST:
            raise FormatError(
                "{path} has {size:,} bytes, more than the {largest:,} that such a file may have.",
                path=file,
                size=unpacked,
                largest=LARGEST,
            )
        with np.load(content, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}


def _tokenizer(file: Path) -> Tokenizer:
    """The unigram model of SentencePiece as a tokenizer, with the same normal form of text."""
    with open_foreign(file, LARGEST) as content:
        model = sentencepiece.ModelProto.FromString(content.read())  # type: ignore[attr-defined]
    tokenizer = Tokenizer(models.Unigram([(one.piece, one.score) for one in model.pieces], 0))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    return tokenizer
