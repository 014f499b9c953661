"""Holes of Ray, replayed: clusters that take work from anybody, and from any page in a browser."""

import json
import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
import ray_cluster

from core.errors import CallerError, SettingsError
from core.runs.backends import ray
from core.runs.store.store import Store
from core.workspace import Workspace

FAR = (
    "http://head:8265",
    "http://192.0.2.7:8265",
    "http://0.0.0.0:8265",
    "http://[::]:8265",
    "http://localhost.evil.example:8265",
    "http://127.0.0.1.evil.example:8265",
    "http://localhost@evil.example:8265",
    "http://2130706433.evil.example",
)
NONE = ("", "auto", "ray://127.0.0.1:10001", "os://x", "file:///etc/passwd", "http://", "http://[")


@pytest.fixture
def store(monkeypatch):
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    store = Store(Workspace())
    store.add("r", "stand_ins.acting", {}, "", None, backend="ray")
    yield store
    store.close()


@pytest.mark.parametrize("address", FAR)
def test_cve_2023_48022_a_cluster_elsewhere_asks_for_a_token(store, monkeypatch, address):
    """Ray ran whatever it was sent: no run goes to a cluster that takes it without a token."""
    monkeypatch.setenv("PATHDISTILL_RAY", address)
    for mode in (None, "disabled", "Token?"):
        if mode is not None:
            monkeypatch.setenv("RAY_AUTH_MODE", mode)
        with pytest.raises(SettingsError, match="could run anything"):
            ray.end(store.run("r"))


@pytest.mark.parametrize("address", NONE)
def test_cve_2023_48022_only_a_dashboard_is_an_address(store, monkeypatch, address):
    """Other schemes would have Ray import a module of that name."""
    monkeypatch.setenv("PATHDISTILL_RAY", address)
    with pytest.raises(SettingsError, match="no cluster|No Ray cluster"):
        ray.end(store.run("r"))


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_cve_2023_48022_a_cluster_on_this_machine_needs_none(store, monkeypatch, address):
    monkeypatch.setenv("PATHDISTILL_RAY", address)
    with pytest.raises(CallerError, match="cannot be reached|need ray"):
        ray.end(store.run("r"))


@pytest.fixture(scope="module")
def cluster():
    """The address of a cluster as our tests and our documents start one."""
    pytest.importorskip("ray", reason="ray is not installed")
    with ray_cluster.cluster() as address:
        yield address


def asked(address, method, path, body=None, **headers):
    """The status of a request, its headers as a browser would send them."""
    data = None if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{address}{path}", data, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_cve_2023_48022_our_cluster_is_bound_to_this_machine(cluster):
    assert urlsplit(cluster).hostname == "127.0.0.1"
    others = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None)}
    for other in (one for one in others if not one.startswith(("127.", "::1"))):
        with pytest.raises(OSError), socket.create_connection((other, urlsplit(cluster).port), 5):
            pass


@pytest.mark.parametrize(
    "browser",
    [
        {"Origin": "http://evil.example", "User_Agent": "Mozilla/5.0 (X11) Firefox/140.0"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors", "User_Agent": "x"},
        {"Origin": "http://evil.example", "User_Agent": "curl"},
    ],
)
def test_cve_2025_62593_a_page_in_a_browser_starts_no_job(cluster, browser):
    """Ray told browsers by their User-Agent alone, which a page can change."""
    job = {"entrypoint": "echo taken"}
    kind = {"Content_Type": "application/json"}
    assert asked(cluster, "POST", "/api/jobs/", job, **kind, **browser) in (403, 405)
    assert asked(cluster, "DELETE", "/api/jobs/x", **browser) in (403, 405)


def test_cve_2025_62593_the_pinned_ray_is_a_mended_one():
    from packaging.version import Version
    from serving import ROOT

    pins = (ROOT / "requirements-cluster.txt").read_text(encoding="utf-8")
    pinned = next(line for line in pins.splitlines() if line.startswith("ray"))
    assert Version(pinned.partition("==")[2]) >= Version("2.52.0")
