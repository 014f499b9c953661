"""Words: both languages complete, every key used, foreign text inert."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from stand_ins.screens import as_read
from streamlit.testing.v1 import AppTest

from pages.parts.text import CATALOGUE, literal

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "studio.py", *sorted((ROOT / "pages").rglob("*.py"))]
SPEAKING = [path for path in SOURCES if not path.name.startswith("text_")]
HAN = re.compile("[\u3400-\u9fff]")


def pattern(node: ast.AST) -> str | None:
    """A string, or an f-string with anything in its gaps, as a regular expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) or "[^.]+" for part in node.values)
    return None


def told() -> list[tuple[str, str]]:
    """Where `t` is called, and with what key or pattern of keys."""
    calls = []
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t":
                key = pattern(node.args[0])
                if key is not None:
                    calls.append((f"{path.name}:{node.lineno}", key))
    return calls


def test_every_key_that_is_asked_for_exists():
    missing = [
        (where, key) for where, key in told() if not any(re.fullmatch(key, k) for k in CATALOGUE)
    ]
    assert not missing


def test_every_key_is_used():
    spoken = {
        key
        for path in SPEAKING
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (key := pattern(node)) and re.match(r"[a-z_]+\\.", key)
    }
    below = {rf"{key}\.[^.]+" for key in spoken}  # a prefix that a helper completes
    patterns = [re.compile(key) for key in spoken | below]
    assert not [key for key in CATALOGUE if not any(p.fullmatch(key) for p in patterns)]


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same_things(key):
    english, chinese = CATALOGUE[key]
    assert english.strip() and chinese.strip()
    gaps = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in CATALOGUE[key]]
    assert gaps[0] == gaps[1]
    assert HAN.search(chinese) or english == chinese or not re.search("[a-z]{4} [a-z]{4}", english)


def told_in(locale_or_query: str) -> str:
    app = AppTest.from_string(
        "import streamlit as st\nfrom pages.parts.text import t\nst.write(t('page.ask'))"
    )
    app.query_params["lang"] = locale_or_query
    return app.run().markdown[0].value


def test_the_address_decides_the_language():
    assert told_in("zh") == "提问"
    assert told_in("en") == "Ask"
    assert told_in("tlh") == "Ask"


@pytest.mark.parametrize(
    "text",
    [
        "*a* _b_",
        "<img src=x onerror=alert(1)>",
        "[x](http://y)",
        "$x^2$",
        "`code`",
        "# title",
        "1. x",
    ],
)
def test_markdown_characters_are_escaped(text):
    escaped = literal(text)
    assert as_read(escaped) == text
    assert not re.search(r"(?<!\\)[*_<>\[\]()$`#.]", escaped)


@pytest.mark.parametrize(
    "text", [":red[x]", ":smile:", ":material/home:", "a -> b", "c <- d", "e -- f"]
)
def test_shortcodes_and_arrows_are_broken(text):
    inert = re.sub(r"\\(.)", r"\1", literal(text))
    assert inert.replace("\u2060", "") == text
    assert not re.search(r":\w+:|:material/|->|<-|--", inert)


def test_line_breaks_cannot_begin_a_block():
    assert literal("a\n\n# b") == r"a \# b"
