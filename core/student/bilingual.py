"""The bilingual student: a small one with word vectors that know what words mean.

Its token vectors are those of the Universal Sentence Encoder, in which `wife`, `spouse` and `妻子`
are near each other. They do not learn: if the words of the questions moved, words that no question
has would be left behind. So what is learned about a word holds for its neighbours too.

Of the encoder's 128,000 tokens only those are kept that spell the questions and relations, and of
all others the nearest to them, in English and Chinese; anything else is spelled in letters and
bytes. The vectors are turned onto their principal axes and cut to the student's width.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from core.plain_text import HAN
from core.records import TOPIC_MARK
from core.student.normal_form import NORMAL_FORM
from core.student.prompts import ABSENT, HOP, NONE, PATH, STOP, TOPIC

if TYPE_CHECKING:
    from core.pretrained.universal_encoder import TokenVectors  # slow to import

KEPT = 3000
"""Tokens of the encoder, unless questions and relations alone need more."""

WIDTH, LAYERS, HEADS = 192, 2, 4

SPREAD = 0.1
"""Standard deviation of the numbers in the token vectors."""

PAD, UNKNOWN, BLANK = "<pad>", "<unk>", "▁"

_BYTES = [(f"<0x{byte:02X}>", -1e4) for byte in range(256)]  # "<0x41>" as a text is no byte

FIRST = 1 + len(_BYTES)
"""Number of the first token that is the encoder's."""

_MEANT = re.compile(rf"{BLANK}?(?:[a-z0-9]+|[{HAN}]+)")


def build_bilingual(
    known: TokenVectors, questions: Iterable[str], relations: Iterable[str]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A fresh bilingual student; seed torch before for repeatable weights.

    Args:
        known: The encoder's tokens.
        questions: Texts that it will learn from; topics may be masked.
        relations: Relation names that it will spell.
    """
    pieces = (piece for question in questions for piece in question.split(TOPIC_MARK))
    kept = kept_tokens(known, [*map(NORMAL_FORM.normalize_str, pieces), *relations])
    tokenizer = _wrapped(_unigram(known, kept))
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=HEADS,
            max_position_embeddings=512,
            tie_word_embeddings=False,  # what is said has vectors of its own, which learn
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    _hold(model, torch.from_numpy(principal(known.vectors[kept], WIDTH, SPREAD)))
    return model, tokenizer


def kept_tokens(known: TokenVectors, texts: Sequence[str]) -> list[int]:
    """Those that spell some texts, single letters, and of the others the nearest to the former.

    Nearness is the cosine of two vectors, seen from the mean of all. Returns token numbers.
    """
    whole = _unigram(known, range(len(known.pieces)))
    spelled = {token - FIRST for text in whole.encode_batch(list(texts)) for token in text.ids}
    meant = [token for token, piece in enumerate(known.pieces) if _MEANT.fullmatch(piece)]
    letters = [token for token, p in enumerate(known.pieces) if len(p) == 1 and p.isascii()]
    first = sorted({token for token in spelled if token >= 0}.union(letters))
    seen = known.vectors[meant] - known.vectors[meant].mean(0)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True) + 1e-9
    near = (seen @ seen[[token in spelled for token in meant]].T).max(1, initial=-1.0)
    order = [meant[row] for row in np.argsort(-near, kind="stable")]
    return list(dict.fromkeys([*first, *order]))[: max(KEPT, len(first))]


def principal(vectors: NDArray[np.float32], width: int, spread: float) -> NDArray[np.float32]:
    """Vectors on their first principal axes.

    Args:
        vectors: `(vectors, length)`.
        width: Number of axes; zeros stand for those that there are not.
        spread: Standard deviation that the numbers get.

    Returns:
        `(vectors, width)`.
    """
    centred = vectors - vectors.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:width]
    turned = centred @ axes.T
    turned *= spread / max(float(turned.std()), 1e-9)
    return np.pad(turned, ((0, 0), (0, width - turned.shape[1]))).astype(np.float32)


@torch.no_grad()
def _hold(model: PreTrainedModel, vectors: Tensor) -> None:
    """Give the encoder's tokens their vectors for good; the others learn from a random start.

    An optimiser gets no gradient for them. (Its weight decay shrinks them alike, by a hundredth.)
    """
    weight = model.get_input_embeddings().get_parameter("weight")
    last = FIRST + len(vectors)
    weight.normal_(0, SPREAD)
    weight[FIRST:last] = vectors

    def held(gradient: Tensor) -> Tensor:
        return torch.cat(
            [gradient[:FIRST], torch.zeros_like(vectors).to(gradient), gradient[last:]]
        )

    weight.register_hook(held)


def _unigram(known: TokenVectors, tokens: Iterable[int]) -> Tokenizer:
    """Some of the encoder's tokens as a SentencePiece unigram model, numbered from `FIRST` on.

    What they do not spell is spelled in bytes.
    """
    pieces = [(known.pieces[token], known.scores[token]) for token in tokens]
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, 0.0), *_BYTES, *pieces], 0, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(BLANK, prepend_scheme="never")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Fuse(), decoders.Replace(BLANK, " ")]
    )
    return tokenizer


def _wrapped(tokenizer: Tokenizer) -> PreTrainedTokenizerBase:
    marks = [TOPIC, PATH, HOP, ABSENT, NONE]
    tokenizer.normalizer = NORMAL_FORM
    tokenizer.add_special_tokens(
        [AddedToken(mark, special=True, normalized=False) for mark in (PAD, STOP, *marks)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=STOP,
        additional_special_tokens=marks,
        padding_side="left",
    )
