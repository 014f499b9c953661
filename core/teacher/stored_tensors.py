"""Arrays that a teacher keeps beside its weights, read again by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from core.errors import FormatError


def stored_tensors(place: Path, *names: str) -> list[np.ndarray] | None:
    """The arrays of a file by their names; None where there is no file.

    Raises:
        FormatError: If it is damaged, or lacks one of them.
    """
    if not place.exists():
        return None
    try:
        tensors = load_file(place)
        return [tensors[name] for name in names]
    except (OSError, SafetensorError, KeyError) as error:
        raise FormatError(
            "{path} is missing or damaged; train the teacher again.", path=place
        ) from error
