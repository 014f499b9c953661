"""The size of a model out of its files, against the model itself."""

import json

import gguf
import numpy as np
import pytest
from transformers import AutoModelForCausalLM

from core.errors import FormatError, NotFound
from core.pretrained.architecture import architecture
from core.pretrained.inspection import Architecture
from core.pretrained.presets import PRESETS
from core.pretrained.universal_encoder import TokenVectors
from core.student.bilingual import build_bilingual
from core.student.language_model import build_tiny
from tests.plain_llama import save_plain_llama


def size_of(model, tokenizer):
    parameters = sum(p.numel() for p in model.parameters())
    config = model.config
    return Architecture(parameters, config.num_hidden_layers, config.hidden_size, len(tokenizer))


def test_students_that_are_built_here_are_as_large_as_said():
    words = [f"word{n} of{n * 7} speech{n * 13}" for n in range(900)]
    assert architecture("tiny") == size_of(*build_tiny(words, ["child"]))
    pieces = tuple(f"▁word{n}" for n in range(4000))
    vectors = np.random.default_rng(0).normal(size=(4000, 130)).astype(np.float32)
    known = TokenVectors(pieces, (-8.0,) * 4000, vectors)
    assert architecture("tiny-bilingual") == size_of(*build_bilingual(known, words, ["child"]))


def test_presets_are_known_by_name_and_by_hub_id():
    for preset in PRESETS.values():
        assert architecture(preset.name) == architecture(preset.source)
        assert architecture(preset.name).parameters == preset.parameters


@pytest.mark.parametrize("tied", [True, False])
def test_a_folder_says_its_size(tmp_path, tied):
    save_plain_llama(tmp_path, tied=tied)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    parameters = sum(p.numel() for p in model.parameters())
    assert architecture(str(tmp_path)) == Architecture(parameters, 2, 16, model.config.vocab_size)


def test_a_gguf_file_says_its_size(tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "llama")
    writer.add_block_count(3)
    writer.add_embedding_length(8)
    writer.add_token_list(["a", "b"])
    writer.add_tensor("token_embd.weight", np.zeros((3, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert architecture(str(tmp_path / "x.gguf")) == Architecture(24, 3, 8, 2)


def test_what_is_not_there_yet_is_not_known(tmp_path):
    assert architecture("someone/something-never-heard-of") is None
    with pytest.raises(NotFound, match="There is no file 'not a name at all' and no folder"):
        architecture("not a name at all")


def test_damaged_files_are_said(tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    with pytest.raises(FormatError, match=r"x\.gguf is no GGUF file of a language model"):
        architecture(str(tmp_path / "x.gguf"))
    save_plain_llama(tmp_path / "llama")
    weights = tmp_path / "llama" / "model.safetensors"
    weights.write_bytes(b"\x08\0\0\0\0\0\0\0{{{{{{{{")
    with pytest.raises(FormatError, match="header is damaged"):
        architecture(str(tmp_path / "llama"))
    save_plain_llama(tmp_path / "llama")
    (tmp_path / "llama" / "config.json").write_text(json.dumps({"vocab_size": 3}))
    with pytest.raises(FormatError, match="names no num_hidden_layers"):
        architecture(str(tmp_path / "llama"))
