"""What may be said to mean a model: a preset, the id of a hub model, a folder or a file.

Never an address: nothing is requested of a place that a setting names. Ids go to the hub alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from core.errors import FormatError, NotFound
from core.messages import Message

LONGEST = 1024

_ADDRESS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]+:|\s*(//|\\\\)")
"""A scheme of two letters or more (one is a drive), or a machine of the network."""

_HUB_ID = re.compile(r"(\w[\w.-]*/)?\w[\w.-]*", re.ASCII)


def _checked(name: str) -> str:
    if _ADDRESS.match(name):
        raise ValueError(
            Message("an address is not a model; name a Hugging Face id, a folder or a file")
        )
    if len(name) > LONGEST or not name.isprintable():
        raise ValueError(
            Message(
                "take at most {longest} letters, none of them a control character", longest=LONGEST
            )
        )
    return name


ModelName = Annotated[str, AfterValidator(_checked)]
"""A setting that names a model."""


def located(name: str) -> Path | None:
    """The folder or file that a name means; None where it is the id of a model on the hub.

    Raises:
        FormatError: If it names something that is neither a folder nor an ordinary file.
        NotFound: If it can name nothing at all.
    """
    try:
        _checked(name)
        path = Path(name)
        if name and (path.is_dir() or path.is_file()):
            return path
        if name and path.exists():
            raise FormatError(
                "{name} is neither a folder nor an ordinary file; it is not opened.", name=name
            )
    except (ValueError, OSError) as error:
        raise NotFound("{name!r} names no model: {error}.", name=name[:80], error=error) from error
    if not _HUB_ID.fullmatch(name) or name.endswith(".gguf"):
        raise NotFound(
            "There is no file {name!r} and no folder; name a GGUF file, a folder or the id "
            "of a model on the Hugging Face hub.",
            name=name[:80],
        )
    return None
