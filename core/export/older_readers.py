"""What transformers 5 writes of a model, said so that transformers 4.57 reads the same in it.

    extra_special_tokens: [...]            ->  additional_special_tokens: [...]
    tokenizer_class: TokenizersBackend     ->  PreTrainedTokenizerFast, which gives no more than
                                               model_input_names: [input_ids, attention_mask]
    rope_parameters: {rope_theta, ...}     ->  rope_theta, rope_scaling: {...}     beside it

Newer versions still take the older words. An older one passes over `rope_parameters` without a word
and turns by another angle, which is why its numbers stand there twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.workspace import read_json, write_json

CONFIG, TOKENIZER_CONFIG = "config.json", "tokenizer_config.json"

_BESIDE = ("rope_theta", "partial_rotary_factor")
"""What an older configuration has beside its `rope_scaling`, not within."""


def readable_by_older(folder: Path) -> None:
    """Say the configurations that lie in a folder so that both read them; others stay away."""
    for name, said in ((CONFIG, _config), (TOKENIZER_CONFIG, _tokenizer_config)):
        if (file := folder / name).exists():
            write_json(file, said(read_json(file)))


def _config(new: dict[str, Any]) -> dict[str, Any]:
    """Rotary numbers that hold for all layers alike; an older version has none for each kind."""
    rope = new.get("rope_parameters") or {}
    if "rope_theta" not in rope:
        return new
    old: dict[str, Any] = {name: rope[name] for name in _BESIDE if name in rope}
    if rope.get("rope_type", "default") != "default":
        old["rope_scaling"] = {name: rope[name] for name in rope if name not in _BESIDE}
    return {**new, **old}


def _tokenizer_config(new: dict[str, Any]) -> dict[str, Any]:
    old = dict(new)
    if isinstance(new.get("extra_special_tokens"), list):
        old["additional_special_tokens"] = old.pop("extra_special_tokens")
    if new.get("tokenizer_class") == "TokenizersBackend":
        old["tokenizer_class"] = "PreTrainedTokenizerFast"
        old.pop("backend", None)
        old.setdefault("model_input_names", ["input_ids", "attention_mask"])
    return old
