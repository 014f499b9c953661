"""The gate alone, before an application that refuses nothing: who gets there, and as whom."""

import re
import time
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core import passwords
from core.workspace import Workspace
from gate import guard, login_page, sessions, tries
from gate.guard import Guard
from gate.login import COOKIE, Login
from gate.visitors import HEADER, Role, Visitor

OWNERS = "the owner's own words"
GUESTS = "what guests are told"
HERE = "http://localhost:8501"
THERE = "http://192.0.2.7:8501"
HTML = {"accept": "text/html"}
CHEAP = {"n": 2, "r": 1, "p": 1}
LOCAL = ("127.0.0.1", 5000)
REMOTE = ("198.51.100.9", 5000)


async def _told(request):
    return JSONResponse({"visitor": request.headers.get(HEADER), "path": request.url.path})


async def _echo(socket):
    await socket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(f"{socket.headers[HEADER]}: {await socket.receive_text()}")


@pytest.fixture
def login(monkeypatch):
    monkeypatch.setattr(passwords, "COST", CHEAP)
    return Login(Workspace())


@pytest.fixture
def set_passwords(login):
    passwords.set_password(Workspace(), "owner", OWNERS)
    passwords.set_password(Workspace(), "guest", GUESTS)


@pytest.fixture
def client(login):
    """A browser at the gate: `client()` on this machine, `client(REMOTE, THERE)` elsewhere."""

    def made(of=LOCAL, base=HERE, address="localhost", allowed=()):
        routes = [Route("/{path:path}", _told, methods=["GET", "POST", "PUT"])]
        routes += [WebSocketRoute("/stream", _echo)]
        middleware = [Middleware(Guard, login=login, address=address, allowed=allowed)]
        app = Starlette(routes=routes, middleware=middleware)
        return TestClient(app, base_url=base, client=of, follow_redirects=False)

    return made


def stream(browser, **headers):
    """The WebSocket; the client's own default is another host."""
    address = f"{browser.base_url}/stream".replace("http", "ws", 1)
    return browser.websocket_connect(address, headers={"origin": str(browser.base_url), **headers})


def is_open(browser, **headers):
    try:
        with stream(browser, **headers) as socket:
            socket.send_text("one")
            return socket.receive_text().endswith("one")
    except WebSocketDisconnect:
        return False


def sign_in(client, password=OWNERS, **more):
    form = {"password": password, "to": "/ask?lang=zh", **more}
    return client.post("/login", data=form, headers={"origin": str(client.base_url)})


# --- this machine only --------------------------------------------------------------------------


def test_without_a_login_this_machine_is_the_owner(client):
    assert is_open(client())
    assert client().get("/ask").json()["visitor"] == str(Visitor(Role.OWNER, False))


@pytest.mark.parametrize("of", [REMOTE, ("2001:db8::1", 1), ("testclient", 1)])
def test_without_a_login_nobody_else_comes_in(client, of):
    assert client(of).get("/ask").status_code == 403
    assert not is_open(client(of))


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
def test_without_a_login_whoever_comes_through_a_proxy_stays_out(client, name):
    assert client().get("/ask", headers={name: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "192.0.2.7:8501",
        "localhost/ask?",
        "localhost#",
        "user@localhost",
        "localhost:port",
        "",
    ],
)
def test_a_foreign_host_is_refused_on_every_kind_of_route(client, host):
    browser = client()
    for path in ("/", "/static/x.js", "/media/x", "/_stcore/health"):
        answer = browser.get(path, headers={"host": host})
        assert answer.status_code == 400, path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert not is_open(browser, host=host, origin=f"http://{host}")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8501", "[::1]:8501"])
def test_the_names_of_this_machine_are_served(client, host):
    assert client().get("/", headers={"host": host}).status_code == 200


def test_beyond_this_machine_any_address_is_served_but_no_foreign_name(client, set_passwords):
    browser = client(REMOTE, THERE, address="0.0.0.0")
    assert browser.get("/", headers=HTML).status_code == 401
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400


def test_names_that_are_given_take_the_place_of_those_known(client):
    browser = client(allowed=["kg.example"])
    assert browser.get("/", headers={"host": "kg.example"}).status_code == 200
    assert browser.get("/", headers={"host": "localhost"}).status_code == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:9999", None])
def test_pages_of_other_sites_change_nothing_and_open_no_websocket(client, origin):
    headers = {} if origin is None else {"origin": origin}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client().request(method, "/x", headers=headers).status_code == 403
    assert not is_open(client(), **(headers or {"origin": ""}))


def test_nobody_can_send_the_header_that_names_the_visitor(client, set_passwords):
    browser = client()
    sign_in(browser, GUESTS)
    for name in ("x-visitor", HEADER[:-1], "X-Forwarded-User"):
        told = browser.get("/", headers={name: str(Visitor(Role.OWNER, True))}).json()
        assert told["visitor"] == str(Visitor(Role.GUEST, True))


# --- signing in ---------------------------------------------------------------------------------


def test_a_stranger_sees_the_login_page_and_nothing_else(client, set_passwords):
    for path in ("/", "/ask?password=hunter2", "/runs", "/anything/at/all"):
        page = client().get(path, headers=HTML)
        assert page.status_code == 401
        assert 'type="password"' in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "script" not in page.text
    assert client().get("/media/x.csv").text == "Sign in first."
    assert not is_open(client())


@pytest.mark.parametrize(
    ("password", "role"), [(OWNERS, Role.OWNER), (GUESTS, Role.GUEST), (f"{OWNERS} ", None)]
)
def test_a_password_opens_a_session_of_its_role(client, set_passwords, password, role):
    browser = client()
    answer = sign_in(browser, password)
    if role is None:
        assert answer.status_code == 401
        assert COOKIE not in browser.cookies
        return
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask?lang=zh")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.get("/ask").json()["visitor"] == str(Visitor(role, True))


def test_the_cookie_stays_off_plain_http_where_there_is_tls(client, set_passwords):
    assert "secure" in sign_in(client(base="https://localhost")).headers["set-cookie"].lower()


def test_a_password_in_an_address_is_not_read(client, set_passwords):
    browser = client()
    for path in (f"/?password={OWNERS}", f"/login?password={OWNERS}"):
        assert browser.get(path, headers=HTML).status_code == 401
        answer = browser.post(path, headers={"origin": HERE, **HTML})
        assert answer.status_code in (400, 401)
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\e"]
)
def test_signing_in_leads_to_no_other_site(client, set_passwords, to):
    location = sign_in(client(), to=to).headers["location"]
    assert re.match(r"/[^/\\]", location)


def test_a_login_form_of_another_site_is_refused(client, set_passwords):
    for origin in ("http://evil.example", "null"):
        answer = client().post("/login", data={"password": OWNERS}, headers={"origin": origin})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body",
    [b"password=" + b"x" * 20_000, b"&".join(b"a%d=1" % n for n in range(50)), b"\xff=\xfe", b""],
)
def test_a_strange_form_is_refused_in_words(client, set_passwords, body):
    headers = {"origin": HERE, "content-type": "application/x-www-form-urlencoded"}
    answer = client().post("/login", content=body, headers=headers)
    assert answer.status_code in (400, 401)
    assert "Traceback" not in answer.text


def test_text_of_a_visitor_is_no_markup_on_the_login_page(client, set_passwords):
    page = client().get('/"><img src=x onerror=alert(1)>?a="><script>', headers=HTML).text
    assert "<img" not in page
    assert "<script" not in page


def test_signing_out_ends_the_session_for_good(client, set_passwords):
    browser = client()
    sign_in(browser)
    token = browser.cookies[COOKIE]
    assert browser.get("/auth/logout").headers["location"] == "/"
    browser.cookies.set(COOKIE, token)
    assert browser.get("/").status_code == 401


def test_another_site_signs_nobody_out(client, set_passwords):
    browser = client()
    sign_in(browser)
    browser.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
    assert browser.get("/").status_code == 200


def test_a_new_password_ends_the_sessions_of_the_old_one(client, set_passwords):
    browser = client()
    sign_in(browser)
    passwords.set_password(Workspace(), "owner", "another password")
    assert browser.get("/").status_code == 401
    assert sign_in(browser, OWNERS).status_code == 401
    assert sign_in(browser, "another password").status_code == 303


def test_a_password_set_while_the_server_runs_is_asked_for_at_once(client, login):
    browser = client()
    assert browser.get("/").status_code == 200
    passwords.set_password(Workspace(), "owner", OWNERS)
    assert browser.get("/", headers=HTML).status_code == 401


def test_unreadable_passwords_let_nobody_in(client, set_passwords, capsys):
    browser = client()
    sign_in(browser)
    passwords.place(Workspace()).write_text("{", encoding="utf-8")
    answer = browser.get("/", headers=HTML)
    assert answer.status_code == 503
    assert "passwords.json" not in answer.text
    assert "set them anew" in capsys.readouterr().err


def test_a_guest_only_reads(client, set_passwords):
    browser = client()
    sign_in(browser, GUESTS)
    assert browser.get("/_stcore/health").status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        answer = browser.request(method, "/_stcore/upload_file/a/b", headers={"origin": HERE})
        assert answer.status_code == 403


# --- sessions end -------------------------------------------------------------------------------


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_session_ends_when_it_is_idle_and_whatever_happens_after_half_a_day():
    clock = Clock()
    held = sessions.Sessions(clock)
    idle, busy = held.open(Role.OWNER, "h"), held.open(Role.OWNER, "h")
    for _ in range(12):
        clock.now += sessions.WHOLE / 13
        assert held.find(busy)
    assert held.find(idle) is None
    clock.now += sessions.WHOLE / 12
    assert held.find(busy) is None


def test_looking_at_a_session_does_not_keep_it_alive():
    clock = Clock()
    held = sessions.Sessions(clock)
    token = held.open(Role.OWNER, "h")
    clock.now += sessions.IDLE - 1
    assert held.find(token, used=False)
    clock.now += 2
    assert held.find(token, used=False) is None


def test_sessions_are_bounded_in_number():
    held = sessions.Sessions()
    tokens = [held.open(Role.GUEST, "h") for _ in range(sessions.MOST + 5)]
    assert [held.find(token) is None for token in tokens].count(True) == 5
    assert held.find(tokens[-1])


def test_an_open_websocket_closes_when_its_session_ends(client, set_passwords, monkeypatch):
    monkeypatch.setattr(guard, "LOOK", 0.01)
    browser = client()
    sign_in(browser)
    with stream(browser) as socket:
        socket.send_text("one")
        assert socket.receive_text() == f"{Visitor(Role.OWNER, True)}: one"
        browser.get("/auth/logout")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_nothing_said_after_a_session_ended_is_heard(client, set_passwords):
    browser = client()
    sign_in(browser)
    with stream(browser) as socket:
        browser.get("/auth/logout")
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


# --- wrong passwords ----------------------------------------------------------------------------


def test_further_tries_have_to_wait_longer_and_longer():
    clock = Clock()
    counted = tries.Tries(clock)
    waits = []
    for _ in range(20):
        clock.now += counted.wait("192.0.2.1")
        counted.wrong("192.0.2.1")
        waits.append(counted.wait("192.0.2.1"))
    assert waits[:4] == [0, 0, 1, 2]
    assert waits == sorted(waits)
    assert waits[-1] == tries.OF_ONE.longest


def test_other_clients_do_not_wait_for_one_until_there_are_many():
    counted = tries.Tries(Clock())
    for _ in range(10):
        counted.wrong("192.0.2.1")
    assert counted.wait("192.0.2.2") == 0
    for number in range(tries.OF_ALL.free + 5):
        counted.wrong(f"192.0.2.{number}")
    assert 0 < counted.wait("203.0.113.1") <= tries.OF_ALL.longest


def test_one_ipv6_network_is_one_client():
    counted = tries.Tries(Clock())
    for number in range(5):
        counted.wrong(f"2001:db8::{number}")
    assert counted.wait("2001:db8::ffff") > 0
    assert counted.wait("2001:db8:1::1") == 0


def test_wrong_tries_are_forgotten_and_bounded_in_number():
    clock = Clock()
    counted = tries.Tries(clock)
    for number in range(tries.MOST + 50):
        counted.wrong(f"10.0.{number // 256}.{number % 256}")
    assert len(counted._wrong) <= tries.MOST
    clock.now += tries.OF_ONE.forgotten + 1
    assert counted.wait("10.0.16.1") == 0


def test_a_hurried_client_is_told_to_wait_and_its_try_does_not_count(client, set_passwords):
    browser = client()
    for _ in range(3):
        assert sign_in(browser, "wrong password").status_code == 401
    answer = sign_in(browser, OWNERS)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert COOKIE not in browser.cookies
    # A right password elsewhere does not reset the count here: a guest cannot buy guesses.
    other = client(("203.0.113.5", 1), THERE, address="0.0.0.0")
    assert sign_in(other, GUESTS).status_code == 303
    assert sign_in(browser, OWNERS).status_code == 429


def test_tries_at_the_same_time_are_counted_one_after_the_other(client, set_passwords, monkeypatch):
    """Twenty tries at once are worth no more than three."""
    import asyncio

    monkeypatch.setattr(passwords.Hashed, "fits", lambda self, password: time.sleep(0.01) or False)
    login = Login(Workspace())

    async def rush():
        return await asyncio.gather(*(login.enter("192.0.2.1", "wrong") for _ in range(20)))

    assert asyncio.run(rush()).count(0.0) == 3


# --- the page -----------------------------------------------------------------------------------


def test_the_page_exists_in_both_languages(client, set_passwords):
    browser = client()
    assert "密码" in browser.get("/?lang=zh", headers=HTML).text
    assert "密码" in browser.get("/", headers={**HTML, "accept-language": "zh-CN,en"}).text
    assert "Password" in browser.get("/?lang=en", headers={**HTML, "accept-language": "zh"}).text
    assert "密码不正确" in sign_in(browser, "wrong password", lang="zh").text
    assert all(english and chinese for english, chinese in login_page.TEXT.values())


def test_the_page_asks_for_nothing_outside_itself(client, set_passwords):
    page = client().get("/", headers=HTML)
    assert not re.search(r'(src|href|action)="(?!data:|/|\?)', page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
