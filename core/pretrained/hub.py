"""Models of the Hugging Face hub: a copy on this machine, which is then a folder like any other.

This is the only place that asks the hub for anything, and only for files that hold data.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import NotFound
from core.pretrained.presets import PRESETS

_DATA = ("*.json", "*.txt", "*.model", "*.safetensors")
_DOUBLE = ("onnx/*", "openvino/*", "original/*", "consolidated*")
"""The same weights in other forms."""


def downloaded(hub_id: str) -> Path | None:
    """The folder of a model that was downloaded before, maybe without its weights."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(hub_id, "config.json")
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def download(hub_id: str) -> Path:
    """The folder of a model of the hub, downloaded where it is not yet.

    Raises:
        NotFound: If the hub has none, or cannot be reached.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(hub_id, allow_patterns=list(_DATA), ignore_patterns=list(_DOUBLE))
        )
    except (OSError, ValueError) as error:
        packaged = ", ".join(one.name for one in PRESETS.values() if one.package is not None)
        raise NotFound(
            "{hub_id!r} is neither a folder nor within reach on the Hugging Face hub; without the "
            "hub there is {packaged}.",
            hub_id=hub_id,
            packaged=packaged,
        ) from error
