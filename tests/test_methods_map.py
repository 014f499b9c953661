"""What the map of methods names is there: files, settings, commands, and other pages."""

import re
from pathlib import Path

from core.catalogue import CATALOGUE
from core.settings import DistillSettings, HardSettings

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
FILES = [path.relative_to(ROOT).as_posix() for path in (ROOT / "core").rglob("*.py")]
COMMANDS = [entry.command for entry in CATALOGUE] + ["runs set"]
FIELDS = {*DistillSettings.model_fields, *HardSettings.model_fields}


def rows():
    """The cells of the families that the project has."""
    has = MAP.partition("## What the project has")[2].partition("## What it has not")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in has.splitlines()
        if line.startswith("|") and not line.startswith(("|---", "| family"))
    ]


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def test_every_file_is_there():
    named = [word for word in quoted(MAP) if word.endswith(".py")]
    assert len(named) > 15
    assert [one for one in named if not any(f"/{file}".endswith(f"/{one}") for file in FILES)] == []


def test_every_setting_and_command_is_there():
    found = rows()
    assert len(found) > 15 and {len(row) for row in found} == {7}
    unknown = [
        word
        for row in found
        for word in quoted(row[3])
        if word.split()[0] not in FIELDS and not word.startswith(tuple(COMMANDS))
    ]
    assert unknown == []


def test_every_link_leads_to_a_heading():
    for page, heading in re.findall(r"\]\((\w+\.md)(?:#([\w-]+))?\)", MAP):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        titles = [re.sub(r"[^\w -]", "", one).lower().replace(" ", "-")
                  for one in re.findall(r"^#+ (.+)$", text, re.M)]  # fmt: skip
        assert not heading or heading in titles, (page, heading)
