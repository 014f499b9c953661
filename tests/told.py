"""What errors say: the templates that stand in the code, read and not run."""

import ast
from pathlib import Path

from core import errors

ROOT = Path(__file__).parents[1]
NAMES = {"Message"} | {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.CoreError)
}
AMONG = ("_AGAIN", "FINDINGS")
"""Tables of templates that become messages where they are used."""


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def texts(node):
    """The literals that an expression may be."""
    if isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def sentences(node):
    """The literals of a table that are no keys of it: those with a blank."""
    yield from (text for text in texts(node) if " " in text)


def in_file(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and name_of(node) in NAMES:
            yield from texts(node.args[0])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in AMONG:
            yield from (text for one in ast.walk(node.value) for text in sentences(one))


def templates():
    """By file of the project."""
    files = sorted(file for part in ("core", "gate") for file in (ROOT / part).rglob("*.py"))
    found = {}
    for file in files:
        there = list(dict.fromkeys(in_file(ast.parse(file.read_text(encoding="utf-8")))))
        if there:
            found[str(file.relative_to(ROOT))] = there
    return found


def unreadable():
    """Errors whose text is put together before they are made, so that nobody can translate it."""
    files = sorted(file for part in ("core", "gate") for file in (ROOT / part).rglob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and name_of(node) in NAMES:
                wrong = isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
                if wrong:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}"
