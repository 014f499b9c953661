"""What a model's files say of its size, where they say what cannot be."""

import json
import os

import pytest

from core.errors import FormatError
from core.pretrained import reading
from core.pretrained.architecture import architecture
from core.pretrained.inspection import Architecture, inspect
from tests.gguf_bytes import gguf, number
from tests.plain_llama import save_plain_llama

SIZES = [
    10_000_000, 2**31, 10**400, -1, 0, 1.5, True, "2", "ten million", None, [2], {"a": 2}, [[[2]]],
]  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("llama")
    save_plain_llama(folder)
    return folder


@pytest.fixture
def llama(sound, tmp_path):
    """A sound folder to spoil."""
    for file in sound.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def change(folder, **values):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **values}))


@pytest.mark.parametrize("value", SIZES, ids=repr)
@pytest.mark.parametrize("name", ["num_hidden_layers", "hidden_size", "vocab_size"])
def test_a_size_is_a_whole_number_that_the_weights_bear_out(llama, name, value):
    change(llama, **{name: value})
    with pytest.raises(FormatError, match="config.json (speaks of|gives|names no)"):
        inspect(llama)


@pytest.mark.parametrize(
    "text", ['{"a":' * 100_000, "[" * 100_000, '{"vocab_size": Infinity}', "\0", "[]", '"x"']
)
def test_settings_are_a_sound_json_object(llama, text):
    (llama / "config.json").write_text(text)
    with pytest.raises(FormatError, match="config.json (is not JSON|holds no JSON)"):
        inspect(llama)


def test_settings_of_many_bytes_are_not_read(llama):
    os.truncate(llama / "config.json", 1 << 40)  # a hole takes no room
    with pytest.raises(FormatError, match="has 1,099,511,627,776 bytes, more than the 16,777,216"):
        inspect(llama)


def test_quantised_weights_and_code_of_the_hub_are_refused(llama):
    change(llama, quantization_config={"quant_method": "gptq"})
    with pytest.raises(FormatError, match="is of quantised weights"):
        inspect(llama)
    change(llama, quantization_config=None, attn_implementation="someone/kernel")
    with pytest.raises(FormatError, match="names code of the hub in 'attn_implementation'"):
        inspect(llama)


def entries(*tensors):
    """A header of tensors, each by name, type, shape, begin and end."""
    told = {
        name: {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}
        for name, kind, shape, begin, end in tensors
    }
    return json.dumps(told).encode()


HEADERS = {
    "no length": b"\x08\0\0",
    "longer than the file": (2**40).to_bytes(8, "little") + b"{}",
    "longer than any file": b"\xff" * 8 + b"{}",
    "a tensor behind the end": entries(("a", "F32", [4], 0, 16)),
    "a shape of other bytes": entries(("a", "F32", [400], 0, 8)),
    "a shape that overflows": entries(("a", "F32", [2**32, 2**32], 0, 0)),
    "places in each other": entries(("a", "U8", [8], 0, 8), ("b", "U8", [4], 4, 8)),
    "nested": b'{"a":' * 10_000,
}


@pytest.mark.parametrize("kind", HEADERS)
def test_weights_lie_within_their_file(llama, kind):
    header = HEADERS[kind]
    if header.startswith(b"{"):
        header = len(header).to_bytes(8, "little") + header + bytes(8)
    (llama / "model.safetensors").write_bytes(header)
    with pytest.raises(FormatError, match="is no safetensors file: its header is damaged"):
        inspect(llama)


@pytest.mark.parametrize("key", ["llama.block_count", "llama.embedding_length"])
def test_a_gguf_file_gives_sizes_that_its_weights_bear_out(tmp_path, key):
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf())
    assert inspect(path) == Architecture(24, 1, 8, 2)
    for spoilt in (gguf({key: number(10_000_000)}), gguf({key: number(0)}), gguf({key: None})):
        path.write_bytes(spoilt)
        with pytest.raises(FormatError, match=r"x\.gguf (speaks of|gives|names no)"):
            inspect(path)


def test_files_are_asked_about_once_as_long_as_they_stay(llama, monkeypatch):
    asked, real = [], reading.ask
    monkeypatch.setattr(reading, "ask", lambda *args: (asked.append(args), real(*args))[1])
    found = architecture(str(llama))
    assert architecture(str(llama)) == found and len(asked) == 1
    change(llama, num_hidden_layers=3)
    assert architecture(str(llama)).layers == 3 and len(asked) == 2
    change(llama, num_hidden_layers="x")
    for _ in range(2):  # what is refused is remembered too
        with pytest.raises(FormatError):
            architecture(str(llama))
    assert len(asked) == 3
