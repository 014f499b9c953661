"""A model's folder: what of it is read, and what must not be."""

import json
import os

import pytest

from core.errors import FormatError
from core.pretrained import folders
from core.pretrained.folders import identity, regular_files, weight_files


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "model"
    made.mkdir()
    for name in ("config.json", "part-1.safetensors", "part-2.safetensors"):
        (made / name).write_text("{}")
    return made


def index(folder, places):
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def test_weights_are_one_file_or_those_of_the_index(folder):
    index(folder, {"a": "part-2.safetensors", "b": "part-1.safetensors", "c": "part-1.safetensors"})
    assert [file.name for file in weight_files(folder)] == [
        "part-1.safetensors",
        "part-2.safetensors",
    ]
    (folder / "model.safetensors").write_text("")
    assert [file.name for file in weight_files(folder)] == ["model.safetensors"]


@pytest.mark.parametrize(
    "place",
    [
        "..", ".", "", "sub", "../model/part-1.safetensors", "/etc/passwd", "config.json",
        "none.safetensors", "file:part-1.safetensors", 3, None, ["part-1.safetensors"],
    ],
)  # fmt: skip
def test_an_index_names_files_of_its_folder_only(folder, place):
    (folder / "sub").mkdir()
    (folder / "sub" / "x.safetensors").write_text("")
    index(folder, {"a": "part-1.safetensors", "b": place})
    with pytest.raises(FormatError, match="has the weight 'b' in .*, which is no safetensors file"):
        weight_files(folder)


@pytest.mark.parametrize("places", [None, [], {}, "part-1.safetensors"])
def test_an_index_says_where_weights_are(folder, places):
    index(folder, places)
    with pytest.raises(FormatError, match="says of no weight where it is"):
        weight_files(folder)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.ckpt", "a.pkl"])
def test_pickled_weights_are_not_read(folder, name):
    (folder / name).write_bytes(b"\x80\x04.")
    with pytest.raises(FormatError, match=f"holds its weights as '{name}', which can run code"):
        weight_files(folder)


def test_an_adapter_is_no_model(folder):
    (folder / "model.safetensors").write_text("")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "http://127.0.0.1/"}')
    with pytest.raises(FormatError, match="holds an adapter, .* merge it into that model"):
        weight_files(folder)


def test_links_stay_in_the_folder_or_lead_to_the_files_of_the_hub(folder, tmp_path):
    (folder / "same.json").symlink_to("config.json")
    assert len(regular_files(folder)) == 4
    (tmp_path / "secret").write_text("mine")
    (folder / "tokenizer.json").symlink_to(tmp_path / "secret")
    with pytest.raises(FormatError, match=r"tokenizer\.json is a link that leaves its folder"):
        regular_files(folder)
    snapshot = tmp_path / "hub" / "snapshots" / "c1"
    snapshot.mkdir(parents=True)
    (tmp_path / "hub" / "blobs").mkdir()
    (tmp_path / "hub" / "blobs" / "0a1b").write_text("{}")
    (snapshot / "config.json").symlink_to("../../blobs/0a1b")
    assert regular_files(snapshot) == [snapshot / "config.json"]


def test_what_is_no_file_is_not_opened(folder):
    os.mkfifo(folder / "tokenizer.json")
    with pytest.raises(FormatError, match=r"tokenizer\.json is not an ordinary file"):
        identity(folder)


def test_a_folder_of_very_many_files_is_no_model(folder, monkeypatch):
    monkeypatch.setattr(folders, "MOST_FILES", 2)
    with pytest.raises(FormatError, match="holds more than 2 files and is no model"):
        regular_files(folder)


def test_files_that_changed_are_other_files(folder):
    before = identity(folder)
    assert identity(folder) == before
    os.utime(folder / "config.json", ns=(1, 1))
    changed = identity(folder)
    (folder / "more.json").write_text("")
    assert len({before, changed, identity(folder)}) == 3
