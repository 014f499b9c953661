"""Passwords that let people in: one a role, kept in the workspace as scrypt hashes.

    passwords.json     {"owner": {"n": 32768, "r": 8, "p": 3, "salt": "...", "hash": "..."}}

Only the person whose workspace it is can read the file (mode 0600); a password itself is nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import FormatError, SettingsError
from core.messages import Message
from core.workspace import Workspace, writing

ROLES = ("owner", "guest")
SHORTEST = 10  # characters
LONGEST = 1024  # characters; no more are hashed for a stranger
COST = {"n": 2**15, "r": 8, "p": 3}  # 32 MiB and a quarter of a second for each try
DEAREST = {"n": 2**18, "r": 16, "p": 8}


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password as scrypt leaves it: its cost, its salt and its hash, both in hexadecimal."""

    n: int
    r: int
    p: int
    salt: str
    hash: str

    def fits(self, password: str) -> bool:
        """Whether it was made from this password; takes the same time whatever the answer."""
        made = _scrypt(password, self.n, self.r, self.p, bytes.fromhex(self.salt))
        return hmac.compare_digest(made, bytes.fromhex(self.hash))


def set_password(workspace: Workspace, role: str, password: str) -> Path:
    """Keep a password for a role in place of an earlier one.

    Returns:
        The file that holds its hash.

    Raises:
        SettingsError: If the password is too short or too long.
        FormatError: If the file holds something else.
        WorkspaceError: If the workspace cannot be written.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(
            "A password has {shortest} to {longest} characters, and this one has {count}: "
            "choose another.",
            shortest=SHORTEST,
            longest=LONGEST,
            count=len(password),
        )
    salt = secrets.token_bytes(16)
    hashed = Hashed(**COST, salt=salt.hex(), hash=_scrypt(password, **COST, salt=salt).hex())
    return _write(workspace, {**read_passwords(workspace), role: hashed})


def remove_password(workspace: Workspace, role: str) -> Path:
    """Forget the password of a role, where there is one.

    Raises:
        FormatError: If the file holds something else.
        WorkspaceError: If the workspace cannot be written.
    """
    kept = {name: hashed for name, hashed in read_passwords(workspace).items() if name != role}
    return _write(workspace, kept)


def read_passwords(workspace: Workspace) -> dict[str, Hashed]:
    """The hashes by role; empty where no password was set.

    Raises:
        FormatError: If the file is damaged.
        SettingsError: If others can read it.
    """
    path = place(workspace)
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SettingsError(
                "Others can read the passwords in {path}: chmod 600 {path}.", path=path
            )
        held = json.loads(path.read_bytes())
        if not set(ROLES).issuperset(held):
            raise ValueError(Message("it names other roles"))
        return {role: _checked(hashed) for role, hashed in held.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise FormatError(
            "The passwords in {path} cannot be read: delete the file and set them anew with "
            "`python -m core password`.",
            path=path,
        ) from error


def place(workspace: Workspace) -> Path:
    """The file that holds the hashes, whether it is there or not."""
    return workspace.root / "passwords.json"


def _checked(given: dict[str, int | str]) -> Hashed:
    """A hash from the file, if it costs no more than this machine can bear."""
    hashed = Hashed(**given)  # type: ignore[arg-type]
    for name, most in DEAREST.items():
        if not (type(cost := getattr(hashed, name)) is int and 1 <= cost <= most):
            raise ValueError(Message("{name} is {cost!r}", name=name, cost=cost))
    if hashed.n & (hashed.n - 1) or hashed.n < 2:
        raise ValueError(Message("n is no power of two"))
    if len(bytes.fromhex(hashed.salt)) < 16 or len(bytes.fromhex(hashed.hash)) != 64:
        raise ValueError(Message("the salt or the hash is too short"))
    return hashed


def _scrypt(password: str, n: int, r: int, p: int, salt: bytes) -> bytes:
    # The same password may be typed as other code points on another keyboard.
    typed = unicodedata.normalize("NFKC", password).encode()
    return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r + 2**20, dklen=64)


def _write(workspace: Workspace, passwords: dict[str, Hashed]) -> Path:
    path = place(workspace)
    draft = path.with_name(f".passwords.{secrets.token_hex(4)}")
    with writing(workspace.root):
        workspace.root.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({role: asdict(hashed) for role, hashed in passwords.items()}, file)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path
