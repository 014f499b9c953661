"""A student's tokenizer as `tokenizer.js` reads with it: pieces with scores, or merges of bytes."""

from __future__ import annotations

import json
from typing import Any

from transformers import PreTrainedTokenizerBase

from core.errors import FormatError
from core.student.normal_form import NORMAL_FORM

_UNKNOWN_COSTS = 10.0  # what the library takes off the least score for a character without a piece


def tokenizer_data(name: str, tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """What it knows.

    Raises:
        FormatError: If it is of another kind than those of `tiny` and `tiny-bilingual`.
    """
    whole = tokenizer.backend_tokenizer
    backend = json.loads(whole.to_str())
    model, cut = backend["model"], backend["pre_tokenizer"] or {}
    normal = whole.normalizer is not None and (
        whole.normalizer.__getstate__() == NORMAL_FORM.__getstate__()
    )
    kind = (model["type"], cut.get("type"))
    if normal and kind == ("Unigram", "Metaspace") and cut["prepend_scheme"] == "never":
        pieces = [piece for piece, _ in model["vocab"]]
        scores = [score for _, score in model["vocab"]]
        if model["byte_fallback"] and "<0x00>" in pieces:
            return {
                "kind": "unigram",
                "pieces": pieces,
                "scores": scores,
                "firstByte": pieces.index("<0x00>"),
                "unknown": min(scores) - _UNKNOWN_COSTS,
            }
    if normal and kind == ("BPE", "ByteLevel") and not cut["add_prefix_space"]:
        tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
        return {"kind": "bpe", "tokens": tokens, "merges": model["merges"]}
    raise FormatError(
        "The tokenizer of the student {name!r} is not as those of `tiny` and `tiny-bilingual` are: "
        "it cannot be run within an HTML file; export it as a Hugging Face folder instead.",
        name=name,
    )
