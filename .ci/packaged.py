"""Whether a wheel holds every file that the code reads: `python .ci/packaged.py dist/*.whl`.

Held against what git tracks in the packages. Exit code 1, and the names, where files are missing.
"""

import subprocess
import sys
import zipfile

PACKAGES = ("core", "gate", "pages", "assets", "app.py", "studio.py")
LEFT_OUT = ("assets/pictures/",)
"""What only README shows."""

STATIC = "assets/static/"


def tracked() -> set[str]:
    """Files that belong into a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PACKAGES], capture_output=True, text=True, check=True
    )
    names = {name for name in listed.stdout.split("\0") if name and not name.startswith(LEFT_OUT)}
    # static/ is a link in a checkout, and a copy where it is installed.
    return names | {name.removeprefix("assets/") for name in names if name.startswith(STATIC)}


def missing(wheel: str) -> list[str]:
    """Tracked files that a wheel lacks, sorted."""
    with zipfile.ZipFile(wheel) as archive:
        return sorted(tracked() - set(archive.namelist()))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        if lacking := missing(name):
            sys.exit(f"{name} lacks {', '.join(lacking)}: see package-data in pyproject.toml")
