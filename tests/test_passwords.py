"""Passwords: what is kept of them, and what is refused."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core import passwords
from core.errors import FormatError, SettingsError
from core.workspace import Workspace

ROOT = Path(__file__).parents[1]
WORDS = "correct horse 电池"


@pytest.fixture
def space(monkeypatch):
    monkeypatch.setattr(passwords, "COST", {"n": 2, "r": 1, "p": 1})
    return Workspace()


def test_a_password_is_kept_as_a_salted_hash_that_only_its_owner_reads(space):
    path = passwords.set_password(space, "owner", WORDS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = passwords.read_passwords(space)["owner"]
    assert WORDS not in path.read_text(encoding="utf-8")
    assert first.fits(WORDS)
    assert not first.fits(f"{WORDS}!")
    passwords.set_password(space, "guest", WORDS)
    held = passwords.read_passwords(space)
    assert held["owner"] == first
    assert held["guest"].hash != first.hash
    assert [entry.name for entry in space.root.iterdir()] == ["passwords.json"]


def test_the_cost_is_recorded_so_that_an_old_hash_still_fits(space, monkeypatch):
    passwords.set_password(space, "owner", WORDS)
    monkeypatch.setattr(passwords, "COST", {"n": 4, "r": 2, "p": 1})
    assert passwords.read_passwords(space)["owner"].fits(WORDS)


def test_a_try_costs_what_it_should(space, monkeypatch):
    """As much memory and work as is asked of scrypt for passwords: 128 * n * r bytes, p times."""
    monkeypatch.undo()
    assert 128 * passwords.COST["n"] * passwords.COST["r"] >= 32 * 2**20
    assert passwords.COST["n"] * passwords.COST["r"] * passwords.COST["p"] >= 2**19


def test_composed_and_decomposed_letters_are_one_password(space):
    passwords.set_password(space, "owner", "café au lait")
    assert passwords.read_passwords(space)["owner"].fits("cafe\u0301 au lait")


@pytest.mark.parametrize("password", ["", "too short", "x" * 1025])
def test_a_password_too_short_or_too_long_is_refused(space, password):
    with pytest.raises(SettingsError, match="10 to 1024 characters"):
        passwords.set_password(space, "owner", password)
    assert not passwords.place(space).exists()


def test_a_password_is_taken_away(space):
    passwords.set_password(space, "owner", WORDS)
    passwords.remove_password(space, "owner")
    assert passwords.read_passwords(space) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"n": 2**30},
        {"n": 3},
        {"n": "32768"},
        {"r": 10**9},
        {"p": True},
        {"salt": ""},
        {"salt": "zz"},
        {"hash": "00"},
        {"more": 1},
    ],
)
def test_a_hash_that_would_cost_too_much_or_is_none_is_refused(space, change):
    path = passwords.set_password(space, "owner", WORDS)
    held = json.loads(path.read_text(encoding="utf-8"))
    held["owner"] |= change
    path.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(FormatError, match="set them anew"):
        passwords.read_passwords(space)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"owner": []}', b'{"x": 1}', b"[1]", b"7"]
)
def test_a_damaged_file_is_said_in_one_sentence(space, content):
    path = passwords.set_password(space, "owner", WORDS)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="set them anew"):
        passwords.read_passwords(space)


def test_a_file_that_others_can_read_is_refused(space):
    passwords.set_password(space, "owner", WORDS).chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        passwords.read_passwords(space)


def typed(*answers: str, flags: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit code and screen of the command at a terminal where these lines are typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "core", "password", *flags])
    screen = b""
    waiting = list(answers)
    while True:
        try:
            read = os.read(terminal, 1024)
        except OSError:  # Linux says so when the other end is closed
            read = b""
        if not read:
            break
        screen += read
        if waiting and screen.endswith((b"Password: ", b"Once more: ")):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def test_the_command_asks_twice_and_shows_nothing(space):
    code, screen = typed(WORDS, WORDS, flags=("--role", "guest"))
    assert code == 0, screen
    assert WORDS not in screen
    assert passwords.read_passwords(space)["guest"].fits(WORDS)


def test_two_different_passwords_change_nothing(space):
    code, screen = typed(WORDS, f"{WORDS}x")
    assert (code, "nothing was changed" in screen) == (2, True)
    assert passwords.read_passwords(space) == {}


def test_no_password_is_read_from_a_pipe(space):
    done = subprocess.run(
        [sys.executable, "-m", "core", "password"],
        cwd=ROOT,
        input=f"{WORDS}\n{WORDS}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "at a terminal" in done.stderr
    assert passwords.read_passwords(space) == {}
