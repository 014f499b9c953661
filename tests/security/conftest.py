"""A server with a login, shared by the tests that only ask it something."""

import pytest
from serving import Server, serve

from core import passwords
from core.workspace import Workspace

OWNERS = "the owner's own words"
GUESTS = "what guests are told"


@pytest.fixture(scope="session")
def locked_home(tmp_path_factory):
    """A workspace with a password for each role, cheap to try."""
    home = tmp_path_factory.mktemp("locked") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", {"n": 2, "r": 1, "p": 1})
        passwords.set_password(Workspace(home), "owner", OWNERS)
        passwords.set_password(Workspace(home), "guest", GUESTS)
    return home


@pytest.fixture(scope="session")
def locked(locked_home):
    """The real server, open to others, behind its login."""
    with serve(locked_home, "--server.address=0.0.0.0") as server:
        yield server


@pytest.fixture
def stranger(locked):
    """Somebody at the server who has not signed in."""
    return Server(locked.port, locked.log)


@pytest.fixture
def owner(locked):
    """Somebody at the server who has signed in as its owner."""
    visitor = Server(locked.port, locked.log)
    assert visitor.sign_in(OWNERS).status == 303
    return visitor


@pytest.fixture
def guest(locked):
    """Somebody at the server who has signed in as a guest."""
    visitor = Server(locked.port, locked.log)
    assert visitor.sign_in(GUESTS).status == 303
    return visitor
