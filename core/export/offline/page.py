"""A student as one HTML file: model, tokenizer, graph, rules and words, and scripts that use them.

The file opens no connection, which its own policy forbids: scripts and style are named in it by
their hashes, and nothing else may be loaded. Whatever comes from a graph or a person stands in a
block of JSON without a `<`, and reaches the screen as text alone (`page.js`).
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from babel.messages.pofile import read_po

from core.errors import FormatError
from core.export.offline.data import page_data
from core.records import LONGEST_QUESTION
from core.student.language_model import Student

MOST_BYTES = 10_000_000
"""Of a file."""

LANGUAGES = ("en", "zh")

_HERE = Path(__file__).parent
_WORDS = Path(__file__).parents[3] / "assets" / "words"
_SCRIPTS = (
    *("text", "tokenizer", "model", "graph", "linking", "topics", "student", "answer"),
    *("drawing", "page"),
)
_TEXTS = ("offline.", "ask.", "verdict.", "lacking.none", "common.and_more")


@dataclass(frozen=True, kw_only=True)
class Score:
    """How often a student was right at first.

    Attributes:
        alone: Whether without its teacher's text encoder, as in the file.
        hits: Share of the questions, 0 to 1.
        questions: How many, of those that have an answer.
        set, split: Which.
    """

    alone: bool
    hits: float
    questions: int
    set: str
    split: str


@dataclass(frozen=True, kw_only=True)
class Background:
    """What the page says beside its answers.

    Attributes:
        base: The student's kind, e.g. `tiny-bilingual`.
        changes: Facts and names that were changed in the graph since the student learned it.
        scores: That were measured.
        examples: Questions to try, by language.
    """

    base: str
    changes: int
    scores: Sequence[Score]
    examples: Mapping[str, Sequence[str]]


def write_page(path: Path, student: Student, background: Background) -> None:
    """Write a student with its graph as one HTML file.

    Raises:
        FormatError: If the student is none that a page can run, or all of it is too large.
    """
    card = student.card
    about = {
        **asdict(background),
        "student": student.name,
        "graph": student.graph.name,
        "hash": student.graph.hash,
        "teacher": card["teacher"],
        "weights": card["parameters"],
        "heard": card.get("certainty_heard") is not None,
        "made": time.strftime("%Y-%m-%d"),
    }
    data = {**page_data(student), "about": about, "texts": {one: _texts(one) for one in LANGUAGES}}
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    script = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    style = _read("style.css")
    policy = (
        f"default-src 'none'; script-src '{_source(script)}'; style-src '{_source(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = (
        Template(_read("page.html"))
        .substitute(
            policy=policy,
            title=escape(student.name),
            style=style,
            noscript="".join(
                f"<p>{escape(_texts(one)['offline.no_script'])}</p>" for one in LANGUAGES
            ),
            longest=LONGEST_QUESTION,
            data=written.replace("<", "\\u003c"),
            script=script,
        )
        .encode()
    )
    if len(page) > MOST_BYTES:
        raise FormatError(
            "The student {name!r} with its graph would be an HTML file of {size:.1f} MB, and "
            "{most:.0f} MB fit: take a tiny student, or a smaller graph.",
            name=student.name,
            size=len(page) / 1e6,
            most=MOST_BYTES / 1e6,
        )
    path.write_bytes(page)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """A script or style, as a policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _texts(language: str) -> dict[str, str]:
    """What the page says, by key; its emphasis is the page's own."""
    with (_WORDS / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        one.id: one.string.replace("**", "")
        for one in catalogue
        if isinstance(one.id, str) and isinstance(one.string, str) and one.id.startswith(_TEXTS)
    }
