"""Language models out of a GGUF file, the format of llama.cpp.

The file's weights, mostly quantised, are unpacked into an ordinary float model that can learn; what
was lost by quantising stays lost.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from core.errors import FormatError, NotFound
from core.pretrained.reading import MISFITS, in_short


def load_gguf(path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model and tokenizer of a GGUF file, all weights in float32.

    Raises:
        NotFound: If there is no such file.
        FormatError: If it is of an architecture that cannot be read.
    """
    if not path.is_file():
        raise NotFound("There is no file {path}.", path=path)
    try:
        with alone(path) as folder:
            tokenizer = AutoTokenizer.from_pretrained(
                folder,
                gguf_file=path.name,
                padding_side="left",
                trust_remote_code=False,
                local_files_only=True,
            )
            model = AutoModelForCausalLM.from_pretrained(
                folder,
                gguf_file=path.name,
                dtype=torch.float32,
                quantization_config=GgufConfig(dequantize=True),
                trust_remote_code=False,
                local_files_only=True,
            )
    except MISFITS as error:
        raise FormatError(
            "{name} cannot be read as a language model ({reason}); llama, qwen2 and "
            "their kin can, and so can any Hugging Face folder.",
            name=path.name,
            reason=in_short(error),
        ) from error
    return model, tokenizer


@contextmanager
def alone(path: Path) -> Iterator[Path]:
    """A folder where a file is by itself, for libraries that look at what lies beside it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / path.name).symlink_to(path.absolute())
        yield Path(folder)
