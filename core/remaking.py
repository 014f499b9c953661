"""What something in the workspace that is damaged can be made again from, in words.

Its summary says where it came from; where that is what is damaged, the sentence is general.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import manifests
from core.messages import Message

SUMMARIES = {
    "graphs": "import.json",
    "questions": "set.json",
    "teachers": "card.json",
    "labels": "card.json",
    "students": "card.json",
    "evaluations": "evaluation.json",
}
"""The file of each kind that says what it is and what it was made from."""

_AGAIN = {
    "graphs": ("import it again from {sources}", "import it again from its files"),
    "questions": (
        "import or generate it again for the graph {graph!r}",
        "import or generate it again",
    ),
    "teachers": (
        "make it again on the graph {graph!r} with the questions {questions!r}",
        "make it again from its graph and questions",
    ),
    "labels": (
        "label the questions {questions!r} again with the teacher {teacher!r}",
        "label its questions again with their teacher",
    ),
    "students": (
        "distil it again from the teacher {teacher!r}",
        "distil it again from its teacher",
    ),
    "evaluations": (
        "evaluate {model!r} again on the questions {question_set!r}",
        "evaluate again",
    ),
}

_NAMED = {
    "graphs": ("sources",),
    "questions": ("graph",),
    "teachers": ("graph", "questions"),
    "labels": ("questions", "teacher"),
    "students": ("teacher",),
    "evaluations": ("model", "question_set"),
}
"""What of a summary a sentence holds."""


def advice(folder: Path, kind: str) -> Message:
    """What to do about something that is damaged, as part of a sentence."""
    if kind not in _AGAIN:
        return Message("make it again")
    known, unknown = _AGAIN[kind]
    try:
        return Message(known, **_origin(folder, kind))
    except (OSError, ValueError, KeyError, TypeError):  # the summary itself is what is damaged
        return Message(unknown)


def _origin(folder: Path, kind: str) -> Mapping[str, Any]:
    summary = SUMMARIES[kind]
    if manifests.what_is_wrong(folder, summary):
        raise ValueError
    card = json.loads((folder / summary).read_bytes())
    if "files" in card:
        card["sources"] = ", ".join(Path(file["file"]).name for file in card["files"])
    return {name: card[name] for name in _NAMED[kind]}
