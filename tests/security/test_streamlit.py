"""Holes of Streamlit's file routes, replayed by somebody who has signed in."""

import pytest

ROOTS = (
    "/component/pages.parts.pictures.graph_view",
    "/_stcore/bidi-components/graph_view",
    "/app/static",
)
CLIMBS = (
    "/../../../../../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/..%5c..%5c..%5c..%5cetc%5cpasswd",
    "/....//....//....//....//etc/passwd",
    "/%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/x%00/../../etc/passwd",
)
SHARES = (
    "/%5c%5cevil.example%5cshare%5cx.js",
    "//evil.example/share/x.js",
    "/%2f%2fevil.example/share/x.js",
    "/C%3a%5cWindows%5cwin.ini",
    "/%5c%5c%3f%5cUNC%5cevil.example%5cshare",
)


@pytest.mark.parametrize("root", [*ROOTS, "/static", "/media", ""])
@pytest.mark.parametrize("climb", CLIMBS)
def test_cve_2024_42474_no_path_climbs_out_of_the_static_folder(owner, root, climb):
    """Streamlit's static route gave any file of a Windows machine."""
    answer = owner.ask("GET", root + climb)
    assert b"root:" not in answer.body
    # Streamlit answers a path that it does not know with its own start page.
    assert answer.status in (400, 403, 404) or b"<title>Streamlit</title>" in answer.body


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.parametrize("share", SHARES)
def test_cve_2026_33682_no_path_of_a_share_reaches_the_file_system(owner, root, share):
    """Streamlit resolved `\\\\host\\share` before refusing it: Windows signed in there."""
    answer = owner.ask("GET", root + share)
    assert answer.status in (400, 403, 404)
    assert b"evil" not in answer.body


@pytest.mark.parametrize("root", [*ROOTS, "/static", "/media"])
def test_cve_2026_33682_nor_does_a_stranger_come_so_far(stranger, root):
    for path in (*CLIMBS, *SHARES):
        assert stranger.ask("GET", root + path).body in (b"Sign in first.", b"")


def test_cve_2024_42474_links_in_the_static_folder_lead_nowhere_else():
    """What is served is ours: no link in it points out of it."""
    from serving import ROOT

    static = (ROOT / "static").resolve()
    for path in static.rglob("*"):
        assert path.resolve().is_relative_to(static)
