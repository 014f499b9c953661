"""A Ray cluster of one node for tests: a process of its own that ends with whoever started it."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = """
import sys, tempfile
import ray
found = ray.init(num_cpus=2, include_dashboard=True, dashboard_host="127.0.0.1",
                 dashboard_port=int(sys.argv[1]), log_to_driver=False, _temp_dir=sys.argv[2],
                 object_store_memory=80_000_000)
print("http://" + found.dashboard_url, flush=True)
sys.stdin.read()
ray.shutdown()
"""

# A busy machine takes its time to start a dozen processes.
SETTINGS = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_server_request_timeout_seconds": "600",
    "RAY_raylet_start_wait_time_s": "600",
}


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        here = str(Path(sys.executable).parent)  # where the `python` of the jobs is
        environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, port, folder],
            env={**environment, **SETTINGS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("Ray did not start")
            yield address
        finally:
            process.communicate()
