"""Folders of text encoders: the plain ones open, what names other code or places does not."""

import json
import os

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from core.errors import FormatError
from core.pretrained.embedders import load_embedder
from core.pretrained.text_encoders import check_text_encoder
from tests.plain_encoder import save_plain_encoder


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    save_plain_encoder(folder)
    return folder


@pytest.fixture
def encoder(sound, tmp_path):
    for path in sound.rglob("*"):
        place = tmp_path / path.relative_to(sound)
        place.mkdir() if path.is_dir() else place.write_bytes(path.read_bytes())
    return tmp_path


def change(file, **values):
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def modules(encoder, number, **values):
    told = json.loads((encoder / "modules.json").read_text())
    told[number] |= values
    (encoder / "modules.json").write_text(json.dumps(told))


def test_a_plain_encoder_opens_as_it_was(encoder):
    vectors = load_embedder(str(encoder), encoder).encode(["child", "spouse"])
    again = SentenceTransformer(str(encoder), device="cpu").encode(["child", "spouse"])
    assert vectors.shape == (2, 8) and np.allclose(vectors, again, atol=1e-6)


@pytest.mark.parametrize(
    "kind", ["evil.Module", "sentence_transformers.models.CLIPModel", "os.system", None, 3, ["x"]]
)
def test_modules_of_other_kinds_are_not_opened(encoder, kind):
    (encoder / "evil.py").write_text("open('ran', 'w')")
    modules(encoder, 1, type=kind)
    with pytest.raises(FormatError, match="names a module .*; only Transformer, Pooling"):
        check_text_encoder(encoder)


@pytest.mark.parametrize("place", ["..", "/", "/etc", "../x", "1_Pooling/..", None, 7])
def test_a_module_lies_in_its_folder(encoder, place):
    modules(encoder, 1, path=place)
    with pytest.raises(FormatError, match="which is no folder in it"):
        check_text_encoder(encoder)


def dense(encoder):
    return next(encoder.glob("*_Dense"))


def test_the_settings_of_a_module_run_nothing(encoder):
    change(dense(encoder) / "config.json", activation_function="os.getcwd")
    with pytest.raises(FormatError, match="names 'os.getcwd' to be run"):
        check_text_encoder(encoder)


@pytest.mark.parametrize("size", [10**9, -1, 0, "16", None, 1.5, [16]])
def test_a_layer_is_no_larger_than_its_weights(encoder, size):
    change(dense(encoder) / "config.json", in_features=size)
    with pytest.raises(FormatError, match="speaks of a layer that is larger than its weights"):
        check_text_encoder(encoder)


def test_what_does_not_fit_is_said(encoder):
    change(encoder / "1_Pooling" / "config.json", pooling_mode="nothing known")
    with pytest.raises(FormatError, match="cannot be read as a text encoder"):
        load_embedder(str(encoder), encoder)


def test_weights_of_a_module_are_safetensors(encoder):
    (dense(encoder) / "model.safetensors").unlink()
    (dense(encoder) / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(FormatError, match=r"_Dense holds no model\.safetensors; weights in other"):
        check_text_encoder(encoder)


@pytest.mark.parametrize(
    "settings",
    [
        {"tokenizer_name_or_path": "http://127.0.0.1/x"},
        {"model_args": {"attn_implementation": "someone/kernel"}},
        {"config_kwargs": {"trust_remote_code": True}},
        {"modality_config": {"message": {"method": "forward"}}},
        {"transformer_task": "any-to-any"},
    ],
)
def test_how_texts_go_in_names_nothing_else_to_be_loaded(encoder, settings):
    change(encoder / "sentence_bert_config.json", **settings)
    with pytest.raises(FormatError, match=r"_bert_config\.json (has settings that|is of an)"):
        check_text_encoder(encoder)


def test_pipes_are_not_opened(encoder):
    os.mkfifo(dense(encoder) / "extra.json")
    with pytest.raises(FormatError, match=r"extra\.json is not an ordinary file"):
        check_text_encoder(encoder)
