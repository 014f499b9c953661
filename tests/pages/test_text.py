"""Words: every key exists and is used, foreign text is inert."""

import ast
import re
from pathlib import Path

import pytest
from stand_ins.screens import as_read
from streamlit.testing.v1 import AppTest

from pages.parts.text import has_text, literal, t
from tests.pages.test_catalogues import read

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / "studio.py", *sorted((ROOT / "pages").rglob("*.py"))]
OFFLINE = ROOT / "core" / "export" / "offline"
WORDS = {
    (one.id if isinstance(one.id, str) else one.id[0]): one.pluralizable
    for one in read("en")
    if one.id
}
"""Whether a text has plural forms, by its key."""


def pattern(node: ast.AST) -> str | None:
    """A string, or an f-string with anything in its gaps, as a regular expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(pattern(part) or "[^.]+" for part in node.values)
    return None


def told() -> list[tuple[str, str, bool]]:
    """Where `t` is called, with what key or pattern of keys, and whether a number is counted."""
    calls = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("t", "t_plain"):
                key = pattern(node.args[0])
                if key is not None:
                    counts = bool({"n", None} & {word.arg for word in node.keywords})
                    calls.append((f"{path.name}:{node.lineno}", key, counts))
    return calls


def test_every_key_that_is_asked_for_exists():
    missing = [
        (where, key) for where, key, _ in told() if not any(re.fullmatch(key, k) for k in WORDS)
    ]
    assert not missing


def test_what_counts_is_told_the_number():
    calls = [(where, key, counts) for where, key, counts in told() if "[^.]+" not in key]
    wrong = [
        (where, key)
        for where, key, counts in calls
        if WORDS.get(key.replace("\\", ""), False) and not counts
    ]
    assert not wrong
    assert t("count.facts", n=1) == "1 fact" and t("count.facts", n=1200) == "1,200 facts"


def test_a_key_without_words_is_an_error():
    with pytest.raises(KeyError, match="ask.nonsense"):
        t("ask.nonsense")
    assert not has_text("ask.nonsense") and has_text("ask.submit")


def test_every_key_is_used():
    spoken = {
        key
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (key := pattern(node)) and re.match(r"[a-z_]+\\.", key)
    }
    # The page that a student leaves as says its own, in JavaScript.
    scripts = "".join(path.read_text("utf-8") for path in OFFLINE.iterdir() if path.is_file())
    spoken |= {re.escape(key) for key in re.findall(r"offline\.[a-z_]+", scripts)}
    below = {rf"{key}\.[^.]+" for key in spoken}  # a prefix that a helper completes
    patterns = [re.compile(key) for key in spoken | below]
    assert not [key for key in WORDS if not any(p.fullmatch(key) for p in patterns)]


def test_an_error_is_told_in_the_language_of_the_reader():
    app = AppTest.from_string(
        "from core.errors import NotFound\n"
        "from pages.parts.problem import problem\n"
        "problem(NotFound('Languages.'))\n"
        "problem(NotFound('No {kind} here.', kind='*moon*'))"
    )
    app.query_params["lang"] = "zh"
    told = [as_read(error.value) for error in app.run().error]
    assert told == ["生成哪些语言的问题。", "No *moon* here."]


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
