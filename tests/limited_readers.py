"""Readers that do what a hostile file may do to one; each is named by the file that it reads."""

import os
import sys
import tempfile

from core.errors import FormatError
from core.limited_process import answer


def read(path):
    """Do what the file's name says."""
    return globals()[f"_{path.name}"](path)


def _says(path):
    sys.stdout.write("a library says what it likes\n")
    os.write(1, b"in whatever way\n")
    return {"size": path.stat().st_size}


def _refuses(path):
    raise FormatError("It is not to be read.")


def _allocates(path):
    return len(bytes(1 << 30))


def _spins(path):
    while True:
        pass


def _waits(path):
    with (path.parent / "pipe").open("rb") as pipe:
        return pipe.read()


def _crashes(path):
    os.abort()


def _fails(path):
    tempfile.mkdtemp()
    raise ZeroDivisionError("what\nis this?")


def _asks(path):
    return input("Run the code? [y/N] ")


if __name__ == "__main__":
    answer(read, memory=200 << 20, seconds=1)
