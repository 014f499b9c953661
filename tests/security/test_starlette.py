"""A hole of Starlette, replayed: a header Host that rewrites the path of a request."""

import socket

import pytest

POISON = [
    "localhost/login?",
    "localhost/auth/login?x=",
    "localhost/_stcore/health#",
    "localhost:8501/login",
    "localhost\\login",
    "localhost?x",
    "localhost@evil.example",
    "localhost, evil.example",
    "localhost\t/login",
    "[::1]/login",
    "[::1",
    "x" * 5000,
]


def raw(port, *lines):
    """The first line that the server answers to a request written by hand."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        return connection.makefile("rb").readline().decode()


@pytest.mark.parametrize("host", POISON)
def test_cve_2026_48710_a_host_cannot_stand_for_the_path(stranger, owner, host):
    """Starlette put `request.url` together from the header, and checks of its path were passed.

    Refused before anything looks at the path, for somebody who has signed in too.
    """
    cookie = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
    for more in ([], [f"Cookie: {cookie}"]):
        for path in ("/_stcore/metrics", "/", "/login"):
            answer = raw(stranger.port, f"GET {path} HTTP/1.1", f"Host: {host}", *more)
            assert answer.split()[1] == "400", answer


def test_cve_2026_48710_the_path_is_judged_as_it_was_sent(stranger):
    for line in (
        "GET http://127.0.0.1/login HTTP/1.1",
        "GET http://evil.example/auth/login HTTP/1.1",
        "GET /_stcore/metrics?/login HTTP/1.1",
        "GET /_stcore/metrics;/login HTTP/1.1",
        "GET /_stcore/metrics%3f/login HTTP/1.1",
    ):
        assert raw(stranger.port, line, "Host: 127.0.0.1").split()[1] in ("400", "401")


def test_cve_2026_48710_two_hosts_or_none_are_refused(stranger):
    line = "GET / HTTP/1.1"
    two = raw(stranger.port, line, "Host: 127.0.0.1", "Host: evil.example")
    assert two.split()[1] == "400"
    assert raw(stranger.port, line).split()[1] == "400"
    assert raw(stranger.port, "GET / HTTP/1.0").split()[1] == "400"
