"""A hole of python-multipart, replayed: an upload whose file name is a path."""

from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.version import Version
from serving import ROOT, stream
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core import sources
from core.workspace import Workspace
from gate.visitors import Role, Visitor
from pages.parts import changes
from pages.parts.forms import importing

NAMES = (
    "../../../../../../../..{there}/taken.tsv",
    "{there}/taken.tsv",
    "..\\..\\..\\taken.tsv",
    "file://{there}/taken.tsv",
    "../taken.tsv",
)


def test_cve_2026_24486_the_parser_is_a_mended_one():
    assert Version(version("python-multipart")) >= Version("0.0.22")


def session_id(browser):
    wanted = BackMsg()
    wanted.rerun_script.page_name = ""
    browser.send(wanted.SerializeToString())
    while True:
        message = ForwardMsg.FromString(browser.recv(timeout=30))
        if message.WhichOneof("type") == "new_session":
            return message.new_session.initialize.session_id


@pytest.mark.parametrize("name", NAMES)
def test_cve_2026_24486_an_upload_lands_in_no_folder(owner, tmp_path, name):
    """Streamlit keeps an upload in memory, whatever it is called: nothing appears on the disk."""
    name = name.format(there=tmp_path)
    owner.ask("GET", "/_stcore/health")  # brings the token against forged uploads
    boundary = "boundary"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{'x' * 2**21}\r\n--{boundary}--\r\n"
    ).encode()
    with stream(owner) as browser:
        answer = owner.ask(
            "PUT",
            f"/_stcore/upload_file/{session_id(browser)}/0",
            body,
            Content_Type=f"multipart/form-data; boundary={boundary}",
            X_Xsrftoken=owner.cookies["_streamlit_xsrf"],
        )
    assert answer.status in (204, 400), answer.body
    assert not list(tmp_path.rglob("*taken*"))
    for folder in (ROOT, ROOT.parent, Path("/tmp"), Path.cwd()):
        assert not list(folder.glob("*taken.tsv"))


@pytest.mark.parametrize("name", NAMES)
def test_cve_2026_24486_what_the_studio_keeps_stays_in_its_folder(monkeypatch, tmp_path, name):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.OWNER, signed_in=False))
    sent = BytesIO(b"a\tb\tc\n")
    file = SimpleNamespace(name=name.format(there=tmp_path), size=6, getbuffer=sent.getbuffer)
    (named,) = importing.keep_uploads([file])
    kept = sources.place_of(Workspace(), named)
    assert kept.resolve().is_relative_to(Workspace().root / "uploads")
    assert not (tmp_path / "taken.tsv").exists()
    assert kept.read_bytes() == b"a\tb\tc\n"
