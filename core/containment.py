"""The one gate between text that was written elsewhere and a path on this disk.

A name that a person typed, a member of an archive, a file that an index names: each is untrusted.
What passes here names one thing, the same on every system, inside the folder that it must stay in.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from core.errors import FormatError
from core.messages import Message

NAME_BYTES = 255
"""What one name may take in UTF-8 on the file systems in use; 64 letters of four bytes are 256."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.I)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, marks of direction, half letters


def fault(name: str) -> Message | None:
    """What keeps a text from being the name of one file or folder on every system; None if nothing.

    Returns:
        The end of a sentence that begins with the name, e.g. `is reserved by Windows`.
    """
    if name in ("", ".", "..") or name.startswith("~"):
        return Message("names no file or folder of its own")
    if any(letter in '/\\:*?"<>|' for letter in name):
        return Message("holds a sign that separates folders, drives or patterns")
    if any(unicodedata.category(letter) in _UNSEEN for letter in name):
        return Message("holds a sign that cannot be seen")
    if unicodedata.normalize("NFKC", name) != name:
        return Message("is written with look-alikes of other letters")
    if name != name.strip() or name.endswith("."):
        return Message("begins or ends with a blank, or ends with a dot")
    if _RESERVED.fullmatch(name):
        return Message("is reserved by Windows")
    if len(name.encode()) > NAME_BYTES:
        return Message("is longer than {name_bytes} bytes", name_bytes=NAME_BYTES)
    return None


def within(root: Path, untrusted: str) -> Path:
    """The place that a relative path names inside a folder, links followed; it need not exist.

    Args:
        root: The folder that it must stay in.
        untrusted: Names joined by `/`.

    Raises:
        FormatError: If a name would not be one everywhere (`..`, a drive, a scheme, a reserved
            word), or the place is the folder itself or outside of it, also by way of a link.
    """
    for name in untrusted.split("/"):
        if found := fault(name):
            raise FormatError(
                "The path {path!r} cannot be used: {part!r} {fault}.",
                path=untrusted,
                part=name,
                fault=found,
            )
    try:
        place, root = (root / untrusted).resolve(), root.resolve()
    except RuntimeError as error:  # links that lead to each other
        raise FormatError(
            "The path {path!r} cannot be used: {error}.", path=untrusted, error=error
        ) from error
    if root not in place.parents:
        raise FormatError(
            "The path {path!r} leads out of {folder!r} by a link.",
            path=untrusted,
            folder=root.name,
        )
    return place
