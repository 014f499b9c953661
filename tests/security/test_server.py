"""The real server: who gets through which of its routes, what it says, and whom it calls."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import serving
from serving import Server, serve, stream
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core import passwords
from core.workspace import Workspace

HERE = Path(__file__).parent
DONE = "script_finished"
OPEN = "--server.address=0.0.0.0"


def opens(server, **headers):
    try:
        with stream(server, **headers):
            return True
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


def test_no_route_answers_a_stranger(stranger, locked_home):
    """Every route that the server has, whatever Streamlit adds to them, in every method."""
    asked = 0
    for kind, path, methods in serving.routes(locked_home):
        if kind == "WebSocketRoute":
            assert not opens(stranger)
            continue
        path = re.sub(r"\{[^}]*\}", "x", path)
        for method in methods or ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]:
            for below in (path or "/", f"{path}/index.html", f"{path}?password=x"):
                answer = stranger.ask(method, below)
                assert answer.status in (401, 303), (method, below, answer.status)
                assert answer.body in (b"", b"Sign in first."), (method, below)
                asked += 1
    assert asked > 100
    # 303 is signing out, of which there is nothing.
    assert stranger.ask("GET", "/auth/logout").headers["location"] == "/"


@pytest.mark.parametrize(
    "path", ["/", "/ask", "/runs?run=x", "/models", "/static/js/x.js", "/x.html"]
)
def test_a_deep_link_shows_a_stranger_the_login_page(stranger, path):
    answer = stranger.ask("GET", path, Accept="text/html")
    assert answer.status == 401
    assert b'type="password"' in answer.body
    assert b"streamlit" not in answer.body.lower()


def test_the_owner_gets_through_and_signs_out(owner):
    assert owner.ask("GET", "/_stcore/health").status == 200
    assert b"<!DOCTYPE html>" in owner.ask("GET", "/ask", Accept="text/html").body
    assert owner.ask("GET", "/app/static/vis-network/LICENSE-MIT").status == 200
    assert opens(owner)
    owner.ask("GET", "/auth/logout")
    assert owner.ask("GET", "/_stcore/health").status == 401
    assert not opens(owner)


def test_a_guest_reads_and_uploads_nothing(guest):
    assert guest.ask("GET", "/_stcore/health").status == 200
    assert opens(guest)
    for method in ("PUT", "DELETE"):
        assert (
            guest.ask(method, "/_stcore/upload_file/x/y", b"x").body == b"A guest looks and asks."
        )


def test_a_page_of_another_site_opens_no_websocket(owner):
    assert opens(owner)
    for origin in ("http://evil.example", "null", None, f"http://127.0.0.1:{owner.port + 1}"):
        assert not opens(owner, origin=origin)


def test_every_answer_forbids_frames_and_outside_sources(stranger, owner):
    for server in (stranger, owner):
        for path in ("/", "/ask", "/_stcore/health", "/media/x", "/component/x", "/nothing/here"):
            headers = server.ask("GET", path, Accept="text/html").headers
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"]
            assert not re.search(r"https?:|\*|script-src[^;]*unsafe-inline", policy)
            assert headers["access-control-allow-origin"] is None


def test_what_is_written_into_an_address_is_printed_nowhere(stranger, owner):
    secret = "hunter2-in-an-address"
    for server in (stranger, owner):
        server.ask("GET", f"/?password={secret}", Accept="text/html")
        server.ask("GET", f"/{secret}/../../x?token={secret}")
        server.ask("POST", f"/login?password={secret}")
        server.ask("GET", f"/_stcore/health?{secret}", Host=f"{secret}.example")
        with (
            pytest.raises(InvalidStatus),
            connect(
                f"ws://127.0.0.1:{server.port}/_stcore/stream?password={secret}",
                origin="http://evil",
            ),
        ):
            pass
    with connect(
        f"ws://127.0.0.1:{owner.port}/_stcore/stream?password={secret}",
        origin=owner.url,
        additional_headers={
            "Cookie": f"pathdistill_session={owner.cookies['pathdistill_session']}"
        },
        subprotocols=[Subprotocol("streamlit")],
    ):
        pass
    assert secret not in stranger.said()
    assert "PathDistill: http://" in stranger.said()


# --- starting -----------------------------------------------------------------------------------


def started(home, *flags, script="app.py"):
    """A start that should fail: its exit code and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true", *flags],
        cwd=serving.ROOT,
        env={**os.environ, "PATHDISTILL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=serving.PATIENCE,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_beyond_this_machine_it_does_not_start_without_a_login(tmp_path, address):
    code, said = started(tmp_path, f"--server.address={address}", "--server.port=0")
    assert code == 2
    assert "python -m core password" in said
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_it_does_not_start_with_passwords_that_cannot_be_read(tmp_path):
    passwords.place(Workspace(tmp_path)).write_text("[]", encoding="utf-8")
    passwords.place(Workspace(tmp_path)).chmod(0o600)
    code, said = started(tmp_path, "--server.port=0")
    assert code == 2
    assert "set them anew" in said
    assert "Traceback" not in said


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
@pytest.mark.parametrize(("words", "address"), [([], "localhost"), (["HOST=0.0.0.0"], "0.0.0.0")])
def test_make_app_serves_this_machine_unless_told_otherwise(words, address):
    done = subprocess.run(
        ["make", "-n", "app", *words], cwd=serving.ROOT, capture_output=True, text=True, check=True
    )
    assert f"streamlit run app.py --server.address {address} " in done.stdout


def listening(port):
    """Addresses where something listens on a port of this machine, as the kernel says."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                found.add(local.rpartition(":")[0])
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks Linux")
def test_a_bare_start_serves_this_machine_only_and_calls_nobody(tmp_path):
    """No flag but the port: what .streamlit/config.toml says is what holds."""
    seen = tmp_path / "seen"
    watch = {"WATCHED": str(seen), "PYTHONPATH": str(HERE / "watched")}
    with serve(tmp_path / "workspace", env=watch) as server:
        assert listening(server.port) == {
            f"{int.from_bytes(socket.inet_aton('127.0.0.1'), 'little'):08X}"
        }
        assert server.ask("GET", "/", Accept="text/html").status == 200
        assert server.ask("GET", "/", Host="evil.example").status == 400
        assert opens(server)
        assert not opens(server, origin="http://evil.example")
    assert not seen.exists(), seen.read_text(encoding="utf-8")


def test_open_to_others_it_calls_nobody_either(locked_home, tmp_path):
    seen = tmp_path / "seen"
    watch = {"WATCHED": str(seen), "PYTHONPATH": str(HERE / "watched")}
    with serve(locked_home, OPEN, env=watch) as server:
        assert server.sign_in("the owner's own words").status == 303
        assert opens(server)
        assert not opens(server, origin="http://evil.example")
        stranger = Server(server.port, server.log)
        assert not opens(stranger, origin="http://evil.example")
    assert not seen.exists(), seen.read_text(encoding="utf-8")


def test_the_watch_sees_a_look_up_of_the_outside_address(locked_home, tmp_path):
    """What Streamlit does by itself at such a start, which the two tests above would notice."""
    seen = tmp_path / "seen"
    watch = {"WATCHED": str(seen), "PYTHONPATH": str(HERE / "watched")}
    with serve(locked_home, OPEN, "--logger.hideWelcomeMessage=false", env=watch):
        pass
    assert "checkip" in seen.read_text(encoding="utf-8")


def shown(server):
    """What a browser is sent to show, until the page is whole."""
    wanted = BackMsg()
    wanted.rerun_script.page_name = ""
    with stream(server) as browser:
        browser.send(wanted.SerializeToString())
        sent = b""
        while (message := ForwardMsg.FromString(browser.recv(timeout=30))).WhichOneof(
            "type"
        ) != DONE:
            sent += message.delta.SerializeToString()
    return sent


def test_the_pages_do_not_open_without_the_gate(tmp_path):
    """`streamlit run studio.py` would have no login: its pages say so instead."""
    with serve(tmp_path / "workspace", script="studio.py") as server:
        assert b"behind its login" in shown(server)


def test_a_failing_page_tells_nothing_of_this_machine(tmp_path):
    failing = tmp_path / "failing.py"
    failing.write_text("raise RuntimeError('for nobody else')", encoding="utf-8")
    with serve(tmp_path / "workspace", script=str(failing)) as server:
        sent = shown(server)
    for secret in (b"for nobody else", b"failing.py", str(serving.ROOT).encode()):
        assert secret not in sent
