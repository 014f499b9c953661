"""Which code a process runs, so that one that began before an update can be told from its asker."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

CORE = Path(__file__).resolve().parents[1]


@cache
def code_version() -> str:
    """A fingerprint of the package's files, as they are when a process first wants to know."""
    digest = hashlib.sha256()
    for file in sorted(CORE.rglob("*.py")):
        digest.update(f"{file.relative_to(CORE)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
