"""Signing in at an identity provider: whom Streamlit's own login lets through the gate."""

import http.client
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from provider import CLIENT, provided
from serving import Server, serve
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from test_server import opens, started

ADA = {"sub": "1", "email": "Ada@example.org", "email_verified": True, "name": "Ada"}
BOB = {"sub": "248289761001"}
NO_GUEST = b"A guest looks and asks."
SECRET = "0123456789abcdef0123456789abcdef"


def secrets(url, secret=SECRET, people='owner = ["ada@example.org"]\nguest = ["248289761001"]'):
    return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secret}"
client_id = "{CLIENT["client_id"]}"
client_secret = "{CLIENT["client_secret"]}"
server_metadata_url = "{url}/.well-known/openid-configuration"

[people]
{people}
"""


@pytest.fixture(scope="module")
def provider():
    with provided() as found:
        yield found


@pytest.fixture(scope="module")
def server(provider, tmp_path_factory):
    """A server open to others, with no password: only the provider lets people in."""
    folder = tmp_path_factory.mktemp("identity")
    (folder / "secrets.toml").write_text(secrets(provider.url), encoding="utf-8")
    flags = ("--server.address=0.0.0.0", f"--secrets.files={folder / 'secrets.toml'}")
    with serve(folder / "workspace", *flags) as running:
        yield running


def sign_in(server, provider, person):
    """A browser that has been to the provider and back as somebody."""
    provider.person = person
    browser = Server(server.port, server.log)
    page = browser.ask("GET", "/runs", Accept="text/html")
    assert page.status == 401
    assert b'type="password"' not in page.body
    way = unescape(re.search(r'class="provider" href="([^"]*)"', page.body.decode())[1])
    there = urlsplit(browser.ask("GET", way).headers["location"])
    assert there.netloc == urlsplit(provider.url).netloc
    connection = http.client.HTTPConnection(there.netloc)
    connection.request("GET", f"{there.path}?{there.query}")
    back = urlsplit(connection.getresponse().getheader("location"))
    connection.close()
    browser.ask("GET", f"{back.path}?{back.query}")
    return browser


def test_the_owner_comes_in_by_a_verified_address_and_goes_out_again(server, provider):
    browser = sign_in(server, provider, ADA)
    assert browser.ask("GET", "/", Accept="text/html").status == 200
    assert opens(browser)
    assert browser.ask("PUT", "/_stcore/upload_file/a/b").body != NO_GUEST
    browser.ask("GET", "/auth/logout")
    assert browser.ask("GET", "/", Accept="text/html").status == 401


def test_a_guest_comes_in_by_the_id_that_the_provider_gave(server, provider):
    browser = sign_in(server, provider, BOB)
    assert browser.ask("GET", "/_stcore/health").status == 200
    assert browser.ask("PUT", "/_stcore/upload_file/a/b").body == NO_GUEST


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "2", "email": "eve@example.org", "email_verified": True},
        {"sub": "2", "email": "ada@example.org", "email_verified": False},
        {"sub": "2", "email": "ada@example.org"},
        {"sub": "2", "email": "ada@example.org", "email_verified": "true"},
        {"sub": "ada@example.org"},
        {"sub": "248289761001x"},
    ],
    ids=str,
)
def test_nobody_else_gets_in(server, provider, person):
    browser = sign_in(server, provider, person)
    page = browser.ask("GET", "/", Accept="text/html")
    assert page.status == 401
    assert b"ask the owner" in page.body
    assert browser.ask("GET", "/_stcore/health").status == 401
    assert not opens(browser)


def test_a_cookie_that_the_server_did_not_sign_is_nobodys(server):
    here = f'"origin": "http://127.0.0.1:{server.port}"'
    ada = f'{{"is_logged_in": true, "sub": "248289761001", {here}}}'
    elsewhere = ada.replace("127.0.0.1", "evil.example")
    for secret, value, status in [
        (SECRET, ada, 200),  # the very same, well signed: what follows fails for its one fault
        ("x" * 32, ada, 401),
        ("", ada, 401),
        (SECRET, elsewhere, 401),
        (SECRET, ada.replace("true", "false"), 401),
        (SECRET, ada.replace("true", "1"), 401),
        (SECRET, "[]", 401),
        (SECRET, "no JSON", 401),
    ]:
        browser = Server(server.port, server.log)
        cookie = create_signed_value(secret, "_streamlit_user", value).decode()
        browser.cookies["_streamlit_user"] = cookie
        assert browser.ask("GET", "/_stcore/health").status == status, value
    browser.cookies["_streamlit_user"] = ada
    assert browser.ask("GET", "/_stcore/health").status == 401


def test_a_stranger_reaches_the_way_in_and_nothing_else(server):
    browser = Server(server.port, server.log)
    assert browser.ask("GET", "/auth/login").status == 302
    assert browser.ask("GET", "/oauth2callback?code=x&state=y").status == 302
    for path in ("/auth/login/x", "/auth", "/_stcore/health", "/_stcore/metrics"):
        assert browser.ask("GET", path).status == 401
    assert "Traceback" not in server.said()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"secret": "short"}, "fewer than 32 characters"),
        ({"people": ""}, "Nobody could sign in"),
        ({"people": "owner = []"}, "Nobody could sign in"),
        ({"people": 'owner = ["ada@example.org"]\nguest = "bob"'}, "is no list"),
        ({"people": "owner ="}, "not readable TOML"),
    ],
)
def test_secrets_that_let_in_nobody_or_anybody_are_refused(tmp_path, change, sentence):
    (tmp_path / "secrets.toml").write_text(secrets("http://127.0.0.1:1", **change), "utf-8")
    code, said = started(tmp_path / "w", f"--secrets.files={tmp_path / 'secrets.toml'}")
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
