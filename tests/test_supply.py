"""What comes from elsewhere: pinned, named with its licence, and taken along when installed."""

import hashlib
import os
import re
import subprocess
import sys
import venv
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
VENDORED = sorted(path for path in (ROOT / "assets" / "static").iterdir() if path.is_dir())


def requirements(*names: str) -> list[Requirement]:
    lines = [line for name in names for line in (ROOT / name).read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pinned() -> dict[str, str]:
    return {canonicalize_name(r.name): str(r.specifier) for r in requirements("constraints.txt")}


def needed(wanted: list[Requirement]) -> dict[str, str]:
    """Every package that some requirements bring here, direct or not, with its version."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one = wanted.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        here = distribution(name)
        found[name] = here.version.partition("+")[0]
        for text in here.requires or ():
            more = Requirement(text)
            if more.marker is None or any(
                more.marker.evaluate({"extra": extra}) for extra in extras or {""}
            ):
                wanted.append(more)
    return found


def test_every_package_that_the_requirements_bring_is_pinned():
    pins = pinned()
    brought = needed(requirements("requirements.txt", "requirements-test.txt"))
    assert len(brought) > 70
    loose = {name: version for name, version in brought.items() if pins.get(name) != f"=={version}"}
    # What a CUDA build of torch brings, torch pins itself.
    assert {name for name in loose if not re.match(r"nvidia-|cuda-|triton", name)} == set()


def test_direct_requirements_and_constraints_agree():
    direct = requirements("requirements.txt", "requirements-test.txt", "requirements-cluster.txt")
    pins = pinned()
    assert {r.name: str(r.specifier) for r in direct} == {
        r.name: pins.get(canonicalize_name(r.name)) for r in direct
    }


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_parts_are_unchanged_licensed_and_named_in_the_notice(folder):
    about = (folder / "README.md").read_text("utf-8")
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert list(folder.glob("LICENSE*"))
    scripts = [path for path in folder.iterdir() if path.suffix in (".js", ".mjs", ".css")]
    assert scripts
    for script in scripts:
        assert hashlib.sha256(script.read_bytes()).hexdigest() in about
        assert script.relative_to(ROOT).as_posix() in notice


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the checkout without its tests, to build packages from."""
    try:
        distribution("setuptools")
    except PackageNotFoundError:
        pytest.skip("setuptools, which builds the package, is not installed")
    copy = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True
    )
    if listed.returncode:
        pytest.skip("this is no checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if not name.startswith("tests/") and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    return copy


def install(python, *what):
    """Install what lies here into an environment, without asking any index."""
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--disable-pip-version-check", *map(str, what)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr


@pytest.mark.slow
def test_the_project_installs_as_a_package_and_runs_from_elsewhere(source, tmp_path):
    site = tmp_path / "site"
    install(sys.executable, "--target", site, source)
    done = subprocess.run(
        [sys.executable, "-m", "core", "graph", "list", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    parts = ("core", "gate", "pages", "assets")
    wanted = [path for part in parts for path in (source / part).rglob("*") if path.is_file()]
    names = {str(path.relative_to(source)) for path in wanted if path.suffix != ".webp"}
    assert {"assets/words/zh.po", "assets/sample/triples.tsv", "core/api.py"} <= names
    assert {name for name in names if not (site / name).is_file()} == set()


@pytest.mark.slow
def test_an_editable_install_gives_the_command_and_the_library_everywhere(source, tmp_path):
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    [site] = (tmp_path / "venv").glob("lib/python*/site-packages")
    here = [path for path in sys.path if path.endswith("site-packages")]
    (site / "requirements.pth").write_text("\n".join(here))
    programs = tmp_path / "venv" / "bin"
    install(programs / "python", "--editable", source)
    script = "import core; from core import run; print(core.__file__)"
    for command, words in (
        ([programs / "pathdistill", "--help"], "Usage:"),
        ([programs / "python", "-c", script], str(source / "core" / "__init__.py")),
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "") and words in done.stdout
