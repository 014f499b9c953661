"""The gate between foreign text and paths, against what has led out of other programs."""

import ast
from pathlib import Path

import pytest

from core.containment import fault, within
from core.errors import CallerError, FormatError, SettingsError
from core.workspace import KINDS, Workspace, write_json

ROOT = Path(__file__).parents[2]

LEADS_OUT = [
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "/etc/passwd",
    "//server/share",
    "\\\\server\\share",
    "\\etc\\passwd",
    "..\\x",
    "C:\\x",
    "C:x",
    "c:/x",
    "file:///etc/passwd",
    "file:x",
    "http://host/x",
    "~/x",
    "~root",
    "a//b",
    "./a",
    "",
    ".",
    "a/",
    "a\0b",
    "a\nb",
    "a\u202eb",  # from here on it is shown from right to left
    "a\u200bb",
    "\ud83d",  # half an emoji
    "．．/x",  # dots that normalise to dots
    "a／b",
    "e\u0301",  # two code points that one file system stores as one
    "CON",
    "nul.txt",
    "com1.tar.gz",
    "LPT9",
    "x.",
    "x ",
    " x",
    "\U00020000" * 64,  # 256 bytes
]

STAYS = ["a", "a/b.tsv", ".hidden/x", "图谱/三元组.tsv", "contents", "com10", "\U00020000" * 63]


@pytest.mark.parametrize("path", LEADS_OUT, ids=ascii)
def test_what_leads_out_or_is_no_name_everywhere_is_refused_in_one_sentence(tmp_path, path):
    with pytest.raises(FormatError, match="cannot be used") as refused:
        within(tmp_path, path)
    assert "\n" not in str(refused.value) and "\u202e" not in str(refused.value)
    str(refused.value).encode()  # half an emoji would not print


@pytest.mark.parametrize("path", STAYS, ids=ascii)
def test_plain_paths_stay(tmp_path, path):
    assert within(tmp_path, path) == tmp_path.resolve() / path
    assert all(fault(name) is None for name in path.split("/"))


def test_links_are_followed_before_anything_is_allowed(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "away").symlink_to(outside)
    (inside / "itself").symlink_to(inside)
    (inside / "round").symlink_to(inside / "round")
    (inside / "gone").symlink_to(outside / "not there")
    for path in ("away", "away/x", "itself", "gone"):
        with pytest.raises(FormatError, match="leads out of 'inside' by a link"):
            within(inside, path)
    with pytest.raises(FormatError, match="cannot be used"):
        within(inside, "round/x")
    (tmp_path / "entry").symlink_to(inside)  # the folder itself may stand behind one
    assert within(tmp_path / "entry", "x") == inside.resolve() / "x"


@pytest.mark.parametrize("name", LEADS_OUT, ids=ascii)
def test_cve_2026_28414_no_name_reaches_a_file_outside_of_its_folder(name):
    """Gradio: a path that begins with a slash was taken as relative, and any file was read."""
    workspace = Workspace()
    for kind in KINDS:
        for act in (workspace.folder, workspace.exists, workspace.delete, workspace.free_name):
            with pytest.raises(CallerError):
                act(kind, name)
        with pytest.raises(CallerError), workspace.publish(kind, name, replace=True):
            raise AssertionError(f"{name!r} was opened for writing")
    assert not workspace.root.exists()


def test_a_course_to_replay_is_a_run_or_a_student_by_name():
    from core.recipes.distill_student import recorded_schedule  # imports torch: only where needed

    workspace = Workspace()
    elsewhere = workspace.root / "elsewhere"
    elsewhere.mkdir(parents=True)
    (workspace.root / "runs").mkdir()
    write_json(elsewhere / "schedule.json", {})
    with pytest.raises(SettingsError, match="cannot be used"):
        recorded_schedule("../elsewhere", workspace)


TRUSTED = {"kind", "run_id", "run", "run.id", "job['id']"}
"""What may be joined to the workspace beside constants: kinds, and the ids of runs in the store."""


def _joined(tree):
    """The parts of every `<...>.root / part / part` of a module."""
    for node in ast.walk(tree):
        parts, at = [], node
        while isinstance(at, ast.BinOp) and isinstance(at.op, ast.Div):
            parts.append(at.right)
            at = at.left
        if parts and isinstance(at, ast.Attribute) and at.attr == "root":
            yield parts


def test_nothing_but_the_workspace_joins_given_text_to_its_folder():
    found = []
    sources = {*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")}
    for path in sources - {ROOT / "core" / "workspace.py"}:
        for parts in _joined(ast.parse(path.read_text(encoding="utf-8"))):
            given = {ast.unparse(p) for p in parts if not isinstance(p, ast.Constant)}
            given = {text for text in given if not text.rpartition(".")[2].isupper()}
            if given - TRUSTED:
                found.append(f"{path.relative_to(ROOT)}: {given - TRUSTED}")
    assert found == []
