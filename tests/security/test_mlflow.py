"""Holes of MLflow's server, replayed: routes that its login did not stand before."""

import pytest

JOBS = [
    ("POST", "/ajax-api/3.0/jobs/", b'{"job_name": "x", "params": {}}'),
    ("GET", "/ajax-api/3.0/jobs/1", None),
    ("PATCH", "/ajax-api/3.0/jobs/cancel/1", None),
    ("POST", "/ajax-api/3.0/jobs/search", b"{}"),
    ("POST", "/_stcore/agent/interact", b"{}"),
    ("POST", "/_stcore/agent/mcp", b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'),
]
BESIDE = [
    ("POST", "/v1/traces", b""),
    ("POST", "/ajax-api/3.0/mlflow/assistant/message", b"{}"),
    ("GET", "/ajax-api/3.0/mlflow/assistant/config", None),
    ("GET", "/gateway/endpoints", None),
    ("GET", "/static-files/%2e%2e/x", None),
    ("GET", "//_stcore/metrics", None),
    ("GET", "/_stcore/metrics/", None),
    ("GET", "/%5fstcore/metrics", None),
    ("GET", "/_STCORE/METRICS", None),
    ("GET", "/_stcore/health/../metrics", None),
    ("GET", "/login/../_stcore/metrics", None),
    ("GET", "/auth/login/../../_stcore/metrics", None),
    ("GET", "/oauth2callback/x", None),
]


@pytest.mark.parametrize(("method", "path", "body"), JOBS, ids=lambda one: str(one)[:40])
def test_cve_2026_0545_no_job_starts_without_a_login(stranger, method, path, body):
    """MLflow started jobs for anybody: `/ajax-api/3.0/jobs` was left out of its login."""
    answer = stranger.ask(method, path, body, Content_Type="application/json")
    assert (answer.status, answer.body) == (401, b"Sign in first.")


@pytest.mark.parametrize(("method", "path", "body"), BESIDE, ids=lambda one: str(one)[:40])
def test_cve_2026_2652_no_route_lies_beside_the_login(stranger, method, path, body):
    """MLflow's login covered one of its two frameworks, and paths as one of them spelled them."""
    answer = stranger.ask(method, path, body)
    assert (answer.status, answer.body) == (401, b"Sign in first.")


def test_cve_2026_0545_a_guest_starts_none_either(guest):
    for method, path, body in JOBS:
        if method != "GET":
            answer = guest.ask(method, path, body, Content_Type="application/json")
            assert (answer.status, answer.body) == (403, b"A guest looks and asks.")
