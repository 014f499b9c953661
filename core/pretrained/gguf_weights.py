"""Language models out of a GGUF file, the format of llama.cpp.

The file's weights, mostly quantised, are unpacked into an ordinary float model that can learn; what
was lost by quantising stays lost.
"""

from __future__ import annotations

import struct
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

SUFFIX = ".gguf"
MAGIC = b"GGUF"


def load_gguf(path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model and tokenizer of a GGUF file, all weights in float32.

    Raises:
        NotFound: If there is no such file.
        FormatError: If it is no GGUF file, or of an architecture that cannot be read.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}; name a GGUF file, a folder or a hub id.")
    with path.open("rb") as file:
        begin = file.read(len(MAGIC))
    if begin != MAGIC:
        raise FormatError(f"{path.name} is no GGUF file: it begins with {begin!r}, not {MAGIC!r}.")
    where = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    try:
        tokenizer = AutoTokenizer.from_pretrained(**where, padding_side="left")
        model = AutoModelForCausalLM.from_pretrained(
            **where, dtype=torch.float32, quantization_config=GgufConfig(dequantize=True)
        )
    except (ValueError, KeyError, IndexError, NotImplementedError, OSError, struct.error) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise FormatError(
            f"{path.name} cannot be read as a language model ({said}); llama, qwen2 and their kin "
            "can, and so can any Hugging Face folder."
        ) from error
    return model, tokenizer
