"""A first try at a foreign model in a process of its own.

`python -m core.pretrained.models.trial PATH`.

The libraries that read configurations and tokenizers were not made for hostile ones. Here they meet
the files before anyone depends on it: configuration and tokenizer are loaded, a text is spelled,
and the architecture is laid out without memory for its weights, where it may not want much more of
them than the files hold.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoTokenizer

from core.errors import FormatError
from core.limited_process import answer
from core.pretrained.inspection import inspect
from core.pretrained.models.gguf_weights import alone

MEMORY, SECONDS = 4 << 30, 60
"""Beside what the libraries take: real tokenizers need a tenth of it, and a third of the time."""

SAMPLE = f"What is the nationality of {'a' * 400}? 谁是配偶? \U0001f600 {'1' * 100}"
"""Also what a pattern that looks back and back would never end with."""

SPARE = 1 << 26
"""Numbers that a model may hold beside its weights, for positions and masks."""


def attempt(path: Path) -> dict[str, int]:
    """Open all of a model but its weights.

    Returns:
        The numbers that the model is made of.

    Raises:
        FormatError: If it is refused, or would be larger than its weights.
    """
    if path.is_dir() and not (path / "config.json").exists():  # vectors of words, and no network
        Tokenizer.from_file(str(path / "tokenizer.json")).encode(SAMPLE)
        return {"numbers": 0}
    held = inspect(path).parameters
    if path.is_file():
        with alone(path) as folder:
            wanted = _numbers_of(folder, gguf_file=path.name)
    else:
        wanted = _numbers_of(path)
    if wanted > 2 * held + SPARE:
        raise FormatError(
            "{path} describes a model of {wanted:,} numbers, and its weights hold {held:,}.",
            path=path,
            wanted=wanted,
            held=held,
        )
    return {"numbers": wanted}


def _numbers_of(folder: Path, **which: str) -> int:
    """How many numbers a model is made of, once its tokenizer has spelled something."""
    tokenizer = AutoTokenizer.from_pretrained(
        folder, trust_remote_code=False, local_files_only=True, **which
    )
    tokenizer(SAMPLE)
    config = AutoConfig.from_pretrained(
        folder, trust_remote_code=False, local_files_only=True, **which
    )
    with torch.device("meta"):
        model = AutoModel.from_config(config, trust_remote_code=False)
    return sum(part.numel() for part in chain(model.parameters(), model.buffers()))


if __name__ == "__main__":
    answer(attempt, memory=MEMORY, seconds=SECONDS)
