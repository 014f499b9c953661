"""Keys that let programs in: one a line of a file that only its owner can read.

What is kept in memory, and compared, is a key's hash, always with all of them: how long it takes
tells nothing. A key is never logged, counted by, or shown.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from core.errors import FormatError, SettingsError

SHORTEST, LONGEST = 20, 256  # characters of a key
LARGEST = 2**16  # bytes of the file


@dataclass(frozen=True)
class Keys:
    """The hashes of all keys."""

    hashes: tuple[bytes, ...]

    def holder(self, given: str) -> int | None:
        """Whose key this is, as its place among them; None if it is nobody's."""
        hashed, found = _hashed(given), None
        for place, known in enumerate(self.hashes):
            if hmac.compare_digest(hashed, known):
                found = place
        return found


def read_keys(path: Path) -> Keys:
    """The keys of a file: a line each; blank lines and those that begin with `#` are none.

    Raises:
        FormatError: If it cannot be read, or holds no key, or something else.
        SettingsError: If others can read it.
    """
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise SettingsError(
                    "Others can read the keys in {path}: chmod 600 {path}.", path=path
                )
            held = file.read(LARGEST + 1)
        lines = [line.strip() for line in held.decode("ascii").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(
            "The keys in {path} cannot be read: write one key of letters and digits a line.",
            path=path,
        ) from error
    keys = [line for line in lines if line and not line.startswith("#")]
    sound = all(SHORTEST <= len(key) <= LONGEST and " " not in key for key in keys)
    if not keys or not sound or len(held) > LARGEST:
        raise FormatError(
            "The keys in {path} cannot be used: one key a line, each of {shortest} to {longest} "
            "letters and digits, such as `openssl rand -hex 24` makes.",
            path=path,
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return Keys(tuple(map(_hashed, keys)))


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
