"""A PostgreSQL server of our own for tests: on a socket in a temporary folder, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60  # seconds; only ever reached where the server does not start


def binary(name: str) -> str | None:
    """A program of PostgreSQL: on the path, or where Debian keeps it."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next(map(str, places), None)


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives the address of its databases, with `{}` for the name of one."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    data = folder / "data"
    # The server refuses to run as root.
    user = "nobody" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user}
    quiet |= {"cwd": folder, "env": {**os.environ, "LC_ALL": "C.UTF-8"}}
    make = [binary("initdb"), "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(make, check=True, **quiet)
    run = [binary("postgres"), "-D", data, "-k", folder, "-h", "", "-F"]
    process = subprocess.Popen(run, **quiet)
    try:
        address = f"postgresql://tester@/{{}}?host={folder}"
        _await(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def new_database(address: str) -> str:
    """A fresh database of a server; gives its address."""
    import psycopg

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return address.format(name)


def _await(address: str, process: subprocess.Popen) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(address.format("postgres")).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
