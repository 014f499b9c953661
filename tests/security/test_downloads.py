"""Exports leave by one route: to the owner alone, nothing but exports, and never through memory."""

import os
import re
import socket
import zipfile
from io import BytesIO

import psutil
import pytest
from serving import serve

from core.workspace import Workspace
from gate.downloads import address

LARGE = 400_000_000


def zipped(text):
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("s/README.md", text)
    return kept.getvalue()


@pytest.fixture(scope="module")
def exported(locked_home):
    workspace = Workspace(locked_home)
    for name in ("s", "学生"):
        with workspace.publish("exports", name) as folder:
            (folder / f"{name}.zip").write_bytes(zipped(name))
    with workspace.publish("students", "s") as folder:
        (folder / "s.zip").write_bytes(b"weights")
    (workspace.root / "exports" / "link").symlink_to(workspace.root / "students" / "s")
    return workspace


@pytest.mark.parametrize("name", ["s", "学生"])
def test_the_owner_downloads_an_export_as_it_is(exported, owner, name):
    answer = owner.ask("GET", address(name))
    assert answer.status == 200 and answer.body == zipped(name)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_is_saved_and_not_opened_here(exported, owner):
    with exported.publish("exports", "p") as folder:
        (folder / "p.html").write_bytes(b"<script>alert(1)</script>")
    answer = owner.ask("GET", address("p", "html"))
    assert answer.status == 200 and answer.body == b"<script>alert(1)</script>"
    assert answer.headers["content-disposition"].startswith("attachment")
    scripts = re.search("script-src[^;]*", answer.headers["content-security-policy"])
    assert scripts and "unsafe-inline" not in scripts[0]
    assert owner.ask("GET", address("p")).status == 404
    assert owner.ask("GET", address("s", "html")).status == 404


def test_a_guest_and_a_stranger_do_not(exported, guest, stranger):
    for visitor, status in ((guest, 403), (stranger, 401)):
        answer = visitor.ask("GET", address("s"))
        assert answer.status == status and b"PK" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/exports/../students/s/s.zip",
        "/exports/..%2f..%2fstudents%2fs%2fs.zip",
        "/exports/%2e%2e%2fstudents%2fs.zip",
        "/exports/..%5cstudents%5cs.zip",
        "/exports//etc/passwd",
        "/exports/%2fetc%2fpasswd.zip",
        "/exports/file:%2f%2f%2fetc%2fpasswd.zip",
        "/exports/link.zip",
        "/exports/..%2f..%2fstudents%2fs%2fs.zip.html",
        "/exports/s%2fmanifest.html",
        "/exports/s%00.zip",
        "/exports/con.zip",
        "/exports/nothing.zip",
        "/exports/.zip",
        "/exports/s/manifest.json",
    ],
)
def test_cve_2026_28414_no_download_leads_out_of_the_exports(exported, owner, path):
    """Gradio: an odd spelling of a path reached any file from a route that sends files."""
    answer = owner.ask("GET", path)
    assert b"weights" not in answer.body and b"root:" not in answer.body
    assert b"manifest" not in answer.body and b"PK" not in answer.body
    is_studio = b"<!doctype html>" in answer.body.lower()  # which says that there is no such page
    assert answer.status in (400, 404) or is_studio


def test_what_was_damaged_is_not_sent(exported, owner):
    with exported.publish("exports", "hurt") as folder:
        (folder / "hurt.zip").write_bytes(zipped("whole"))
    (exported.folder("exports", "hurt") / "hurt.zip").write_bytes(zipped("other"))
    answer = owner.ask("GET", address("hurt"))
    assert answer.status == 404 and b"hurt.zip is not what was written" in answer.body


def test_a_large_export_takes_no_memory_while_it_is_sent(tmp_path):
    home = tmp_path / "home"
    with Workspace(home).publish("exports", "large") as folder:
        with (folder / "large.zip").open("wb") as file:
            file.truncate(LARGE)
    with serve(home) as server:
        server.ask("GET", address("large"), Range="bytes=0-9")  # its hash is checked once
        process = next(
            one
            for one in psutil.Process(os.getpid()).children()
            if f"--server.port={server.port}" in one.cmdline()
        )
        before = most = process.memory_info().rss
        got = 0
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            asked = (f"GET {address('large')} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "")
            connection.sendall("".join(f"{line}\r\n" for line in asked).encode())
            while piece := connection.recv(1 << 20):
                got += len(piece)
                most = max(most, process.memory_info().rss)
    assert got > LARGE
    assert most - before < 30_000_000
