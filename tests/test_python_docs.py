"""docs/python.md: its code runs, from the first block to the last, and shows what it says."""

import ast
import doctest
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from core.results.record import Record
from tests.family_loop import small_students

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def shown(code, namespace):
    """What a notebook shows under a cell: what is printed, and the value of a last expression."""
    tree, printed = ast.parse(code), StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(tree, PAGE.name, "exec"), namespace)
        value = last and eval(compile(ast.Expression(last.value), PAGE.name, "eval"), namespace)
    text = str(value) if isinstance(value, Record) else repr(value)
    return printed.getvalue() + ("" if value is None else f"{text}\n")


@pytest.mark.slow
def test_the_page_runs_and_shows_what_it_says():
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) > 10
    namespace = {}
    with small_students():
        for code, expected in blocks:
            found = shown(code, namespace)
            if expected:
                assert doctest.OutputChecker().check_output(expected, found, ALIKE), (code, found)
