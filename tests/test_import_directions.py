"""Arrows never turn back: which part may import which, and what must never be imported at all."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from stand_ins.screens import PAGES

ROOT = Path(__file__).parents[1]

BASE = {
    "core",
    "core.addresses",
    "core.checkpoints",
    "core.errors",
    "core.findings",
    "core.foreign_text",
    "core.foreign_files",
    "core.frames",
    "core.gpus",
    "core.limited_process",
    "core.messages",
    "core.plain_text",
    "core.progress",
    "core.records",
    "core.report",
}
BASE |= {
    "core.catalogue",
    "core.pretrained",
    "core.results",
    "core.settings",
    "core.sizing",
}
BASE |= {"core.containment", "core.passwords", "core.replacing", "core.sources", "core.workspace"}
BASE |= {"core.drafts", "core.manifests", "core.remaking", "core.roots"}
LIGHT = {"core.graph", "core.questions", "core.labels", "core.verify", "core.evaluation"}
LEARNING = {"core.pretrained.models", "core.teacher", "core.student", "core.distill"}
ALLOWED = {
    **dict.fromkeys(BASE, BASE),
    "core": {"core.api", "core.workspace"},
    "core.api": BASE | LIGHT | {"core.runs"},
    "core.graph": BASE | {"core.graph"},
    "core.questions": BASE | {"core.graph", "core.questions"},
    "core.labels": BASE | {"core.graph", "core.labels"},
    "core.verify": BASE | LIGHT - {"core.labels", "core.evaluation"},
    "core.evaluation": BASE | LIGHT - {"core.labels"},
    "core.pretrained.models": BASE | {"core.pretrained.models"},
    "core.teacher": BASE | LIGHT | {"core.pretrained.models", "core.teacher"},
    "core.student": BASE | LIGHT | {"core.pretrained.models", "core.student"},
    "core.distill": BASE | LIGHT | {"core.student", "core.distill"},
    "core.export": BASE | LIGHT | {"core.student", "core.answers", "core.export"},
    "core.answers": BASE | LIGHT | {"core.teacher", "core.student", "core.answers"},
    "core.recipes": BASE | LIGHT | LEARNING | {"core.export", "core.answers", "core.recipes"},
    "core.runs": BASE | {"core.runs"},
    "core.serving": BASE | LIGHT | {"core.answers", "core.runs", "core.serving"},
    "core.command_line": BASE | LIGHT | {"core.runs", "core.serving", "core.command_line"},
    "core.__main__": {"core.command_line"},
    "gate": BASE | {"gate"},
    "pages.parts": BASE | LIGHT | {"core.runs", "gate", "pages.parts"},
    "studio": {"pages.parts"},
    "app": {"core.workspace", "gate"},
}
ALSO = {"core.recipes.sweep_knobs": {"core.runs"}}
"""Single modules that may import more than their part: what a sweep does is to queue runs."""
SECTIONS = {"ask", "compare", "distil", "graph", "models", "questions", "runs", "start", "teach"}
ALLOWED |= {f"pages.{name}": ALLOWED["pages.parts"] | {f"pages.{name}"} for name in SECTIONS}
HEAVY = {"torch", "torch_geometric", "transformers", "sentence_transformers", "accelerate"}
NEEDS_TORCH = {"core.pretrained.character_ngrams", "core.pretrained.universal_encoder"}
"""Light in its package, but imported only by who has asked for text vectors."""


def sources():
    files = [file for part in ("core", "gate", "pages") for file in (ROOT / part).rglob("*.py")]
    files += [ROOT / "studio.py", ROOT / "app.py"]
    return sorted(file.relative_to(ROOT) for file in files if file.exists())


def module_name(file):
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def area(module):
    """The part of the project that a module belongs to, e.g. `core.graph`; None if outside."""
    parts = module.split(".")
    if parts[:3] == ["core", "pretrained", "models"]:
        return "core.pretrained.models"
    if parts[0] in ("core", "pages"):
        return ".".join(parts[:2])
    if parts[0] == "gate":
        return "gate"
    return module if module in ("app", "studio") else None


def imports(tree):
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from core import errors` names a module, `from core.errors import X` what is in one.
            if node.module in ("core", "pages"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("file", sources(), ids=str)
def test_imports_point_one_way(file):
    found = set(imports(ast.parse((ROOT / file).read_text(encoding="utf-8"))))
    mine = area(module_name(file))
    allowed = ALLOWED[mine] | ALSO.get(module_name(file), set())
    against = {name for name in found if area(name) and area(name) not in allowed}
    assert not against
    packages = {name.partition(".")[0] for name in found}
    assert "sqlalchemy" not in packages or module_name(file).startswith("core.runs.store.")
    if mine.startswith("core"):
        assert "streamlit" not in packages
    else:
        assert not packages & HEAVY
    if mine in ("app", "studio"):
        own = {"streamlit", "starlette", "core", "gate", "pages"}
        assert packages <= own | set(sys.stdlib_module_names)


def loaded_after(*modules):
    """Top-level packages in a fresh interpreter that has imported some modules."""
    script = "".join(f"import {name}\n" for name in modules)
    script += "import sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_light_parts_run_without_torch_and_without_streamlit():
    light = BASE | LIGHT | {"core.api", "core.runs", "core.command_line", "core.__main__"}
    names = {module_name(file) for file in sources()}
    modules = {name for name in names if area(name) in light} - NEEDS_TORCH
    assert "core.runs.worker" in modules
    assert not loaded_after(*sorted(modules)) & (HEAVY | {"streamlit"})


def test_the_command_line_starts_without_columns():
    assert not loaded_after("core.__main__") & (HEAVY | {"numpy", "pyarrow", "pandas"})


def test_core_itself_imports_nothing_until_it_is_asked():
    assert not loaded_after("core") & (HEAVY | {"numpy", "pydantic", "tqdm"})


def test_pages_share_nothing_heavy():
    modules = [module_name(file) for file in sources() if file.parts[0] == "pages"]
    scripts = {f"pages.{page.replace('/', '.')}" for page in PAGES}  # they run when imported
    assert not loaded_after(*sorted(set(modules) - scripts)) & HEAVY


def test_core_runs_without_streamlit():
    recipes = [name for name in map(module_name, sources()) if area(name) == "core.recipes"]
    assert "streamlit" not in loaded_after(*recipes)
