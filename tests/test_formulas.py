"""Every formula of the docs names the test that computes it, and that test is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs/distillation.md").read_text())


def names_in(path):
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if hasattr(node, "name")}


def test_the_docs_name_tests_of_their_formulas():
    assert len(NAMED) >= 10


def test_each_named_test_is_there():
    missing = [f"{file}::{name}" for file, name in NAMED if name not in names_in(ROOT / file)]
    assert missing == []
