"""A student as one GGUF file, the format of llama.cpp and what is built on it.

Weights are laid out as llama.cpp reads them. In the Llama family it rotates neighbouring pairs of
a head's rows where Hugging Face rotates its two halves, so the rows of queries and keys change
places; nothing else does. The marks of topic, path and hop are user-defined tokens, which are
recognised in a prompt and shown in an answer; `<stop>` ends the text. The format cannot say how a
text is put into its normal form: the student's `tokenizer.json` goes beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX as QWEN2_WORDS

from core.errors import FormatError
from core.student.prompts import ABSENT, HOP, NONE, PATH, TOPIC

Weights = Literal["float32", "float16", "q8_0"]

ARCHITECTURES = {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2}
"""Model types of Hugging Face that are written, with what llama.cpp calls them."""

_KINDS = {"float32": Kind.F32, "float16": Kind.F16, "q8_0": Kind.Q8_0}
_FILE_TYPES = {
    "float32": gguf.LlamaFileType.ALL_F32,
    "float16": gguf.LlamaFileType.MOSTLY_F16,
    "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
}


def write_gguf(
    path: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    weights: Weights,
    name: str,
) -> None:
    """Write a student.

    Args:
        path: The file to write.
        model: A model of one of `ARCHITECTURES`.
        tokenizer: Its tokenizer.
        weights: How matrices are stored; vectors stay float32.
        name: What the file calls the student.

    Raises:
        FormatError: If the architecture or the tokenizer cannot be said in GGUF.
    """
    kind = model.config.model_type
    if kind not in ARCHITECTURES:
        raise FormatError(
            "A student of the architecture {kind!r} cannot be written as GGUF, only "
            "{architectures} can; export it as a Hugging Face folder instead.",
            kind=kind,
            architectures=" and ".join(ARCHITECTURES),
        )
    words = _word_rule(tokenizer)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[ARCHITECTURES[kind]])
    writer.add_name(name)
    _add_shape(writer, model.config)
    writer.add_file_type(_FILE_TYPES[weights])
    _add_tokenizer(writer, model, tokenizer, words)
    _add_tensors(writer, model, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_shape(writer: gguf.GGUFWriter, config: Any) -> None:
    rope = config.rope_parameters
    if rope.get("rope_type", "default") != "default":
        raise FormatError(
            "A student with {rope_type!r} positions cannot be written as GGUF; export it "
            "as a Hugging Face folder instead.",
            rope_type=rope["rope_type"],
        )
    heads = config.num_attention_heads
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_rope_dimension_count(
        getattr(config, "head_dim", None) or config.hidden_size // heads
    )
    writer.add_vocab_size(config.vocab_size)


def _add_tokenizer(
    writer: gguf.GGUFWriter, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, words: str
) -> None:
    """Vocabulary and merges of a byte-level BPE tokenizer."""
    size = len(model.get_input_embeddings().get_parameter("weight"))
    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    for token, number in tokenizer.get_vocab().items():
        tokens[number], types[number] = token, gguf.TokenType.NORMAL
    for number, added in tokenizer.added_tokens_decoder.items():
        shown = added.content in (TOPIC, PATH, HOP, ABSENT, NONE) or not added.special
        types[number] = gguf.TokenType.USER_DEFINED if shown else gguf.TokenType.CONTROL
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(words)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)


def _word_rule(tokenizer: PreTrainedTokenizerBase) -> str:
    """llama.cpp's name of the rule by which a tokenizer parts text into words.

    Raises:
        FormatError: If it is not byte-level BPE, or the rule is not known.
    """
    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    rule = backend["pre_tokenizer"] or {}
    steps = rule.get("pretokenizers", [rule])
    kinds = [step.get("type") for step in steps]
    by_level = [step for step in steps if step.get("type") == "ByteLevel"]
    if backend["model"]["type"] == "BPE" and by_level and not by_level[0]["add_prefix_space"]:
        if kinds == ["ByteLevel"]:
            return "gpt-2"
        if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"]:
            return "smollm"
        if kinds == ["Split", "ByteLevel"] and steps[0]["pattern"] == {"Regex": QWEN2_WORDS}:
            return "qwen2"
    raise FormatError(
        "The student's tokenizer cannot be said in GGUF: only byte-level BPE in the manner of "
        "GPT-2, SmolLM or Qwen2 can; export it as a Hugging Face folder instead."
    )


def _add_tensors(writer: gguf.GGUFWriter, model: PreTrainedModel, weights: Weights) -> None:
    config = model.config
    names = gguf.get_tensor_name_map(ARCHITECTURES[config.model_type], config.num_hidden_layers)
    tied = config.tie_word_embeddings
    for name, tensor in model.state_dict().items():
        if tied and name == "lm_head.weight":  # llama.cpp takes the input embeddings
            continue
        there = names.get_name(name, (".weight", ".bias"))
        if there is None:
            raise FormatError(
                "GGUF has no name for the student's weights {name!r}; export it as a Hugging Face "
                "folder instead.",
                name=name,
            )
        matrix = tensor.detach().float().cpu().numpy()
        if config.model_type == "llama":
            for part, heads in (
                ("q_proj", config.num_attention_heads),
                ("k_proj", config.num_key_value_heads),
            ):
                matrix = _neighbours(matrix, heads) if f"{part}." in name else matrix
        kind = _KINDS[weights] if matrix.ndim > 1 else Kind.F32
        if kind is Kind.Q8_0 and matrix.shape[-1] % 32:
            kind = Kind.F16
        stored = gguf.quants.quantize(matrix, kind)
        writer.add_tensor(there, stored, raw_dtype=kind)


def _neighbours(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows of each head so that the two that rotate together stand side by side."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows.shape)
