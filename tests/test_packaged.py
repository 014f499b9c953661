"""What is installed holds all that the code reads, and a container writes nowhere else."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path, PurePath

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "gate", "pages", "assets")
ONLY_IN_README = Path("assets/pictures")


def described():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_a_package_is_installed_with_it(package):
    tools = described()["tool"]["setuptools"]
    assert f"{package}*" in tools["packages"]["find"]["include"]
    patterns = ["*.py", *tools["package-data"]["*"], *described()["project"]["license-files"]]
    files = [file for file in (ROOT / package).rglob("*") if file.is_file()]
    names = [file.relative_to(ROOT) for file in files if "__pycache__" not in file.parts]
    assert names
    assert not [
        name
        for name in names
        if not any(fnmatch(name.name, one) or PurePath(name).match(one) for one in patterns)
        and name.parent != ONLY_IN_README
    ]


def test_a_container_is_not_run_by_root_and_writes_into_its_volume():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    words = dict(said)
    assert words["USER"] == "pathdistill"
    assert words["VOLUME"] == "/workspace" and "PATHDISTILL_HOME=/workspace" in words["ENV"]
    assert "HEALTHCHECK" in words
    order = [word for word, _ in said]
    assert order.index("USER") < order.index("CMD") and order.index("COPY") < order.index("USER")


def test_secrets_and_workspaces_stay_out_of_a_container():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".streamlit/secrets.toml", "workspace", ".git"} <= {*left_out}
