"""The command that sets or takes away the password of a role."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum

import typer

from core import passwords
from core.command_line.options import JSON
from core.command_line.output import print_json, say
from core.errors import SettingsError
from core.workspace import Workspace


class Role(StrEnum):
    """Who comes in: the owner does everything, a guest looks and asks."""

    OWNER = "owner"
    GUEST = "guest"


ROLE = typer.Option(Role.OWNER, help="Whom it lets in: a guest looks and asks only.")
REMOVE = typer.Option(False, "--remove", help="Take the password away instead.")


def password(
    role: Role = ROLE,
    remove: bool = REMOVE,
    as_json: bool = JSON,
) -> None:
    """Set the password that the studio asks for; it is typed twice and not shown."""
    space = Workspace()
    if remove:
        path = passwords.remove_password(space, role)
        said = f"The {role} has no password any more; {path} says so."
    else:
        path = passwords.set_password(space, role, _asked_twice())
        said = f"The {role}'s password is set; its hash is in {path}."
    if as_json:
        print_json({"role": role.value, "set": not remove, "path": str(path)})
    else:
        say(said)


def _asked_twice() -> str:
    if not sys.stdin.isatty():
        raise SettingsError("A password is typed at a terminal: run this command in one.")
    typed = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != typed:
        raise SettingsError("The two passwords differ: nothing was changed.")
    return typed
