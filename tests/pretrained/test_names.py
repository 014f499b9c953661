"""What a setting may say to mean a model; an address is none, however it is spelled."""

import os

import pytest

from core.errors import FormatError, NotFound, SettingsError
from core.pretrained.names import located
from core.settings import (
    AskSettings,
    DistillSettings,
    LanguageModelTeacherSettings,
    TeacherSettings,
    checked,
)

ADDRESSES = [
    "http://127.0.0.1:8000/model.gguf", "HTTPS://example.com/x", " http://[::1]/x", "file:///etc",
    "ftp://0x7f000001/x", "hf://someone/model", "s3:bucket", "//127.0.0.1/share", r"\\host\share",
    "data:text/plain,x", "javascript:0", "gopher://2130706433/",
]  # fmt: skip

FIELDS = [
    (DistillSettings, "student", {"name": "x", "teacher": "x"}),
    (LanguageModelTeacherSettings, "model", {"name": "x", "graph": "x", "questions": "x"}),
    (TeacherSettings, "encoder", {"name": "x", "graph": "x", "questions": "x"}),
    (AskSettings, "embedder", {"student": "x", "question": "x"}),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_no_model(address):
    with pytest.raises(NotFound, match="an address is not a model; name a Hugging Face id"):
        located(address)
    for kind, field, others in FIELDS:
        with pytest.raises(SettingsError, match=f"{field}.*an address is not a model"):
            checked(kind, {**others, field: address})


@pytest.mark.parametrize(
    "name", ["a b", "../x", "a/b/c", "a\\b", "", "x.gguf", "模型", "x" * 2000, "x\0y", "x\ny", "-x"]
)
def test_what_is_neither_there_nor_an_id_names_nothing(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound):
        located(name)


def test_folders_files_and_ids(tmp_path):
    (tmp_path / "x.gguf").write_bytes(b"")
    assert located(str(tmp_path)) == tmp_path
    assert located(str(tmp_path / "x.gguf")) == tmp_path / "x.gguf"
    for hub_id in ("gpt2", "Qwen/Qwen2.5-0.5B-Instruct", "a_b/c.d-e"):
        assert located(hub_id) is None
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(FormatError, match="is neither a folder nor an ordinary file"):
            located(str(path))
