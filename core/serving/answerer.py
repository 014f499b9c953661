"""A warm process that answers: `python -m core.serving.answerer STUDENT`.

It opens its student, says so by one line, and then reads requests, a line of JSON each, and answers
each by a line; it leaves when nobody can ask any more.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any, BinaryIO

import numpy as np

from core.answers import model_cache
from core.errors import CoreError
from core.report import Silent
from core.runs.worker.attempts import attempt
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace


def main() -> None:
    """Answer until standard input ends."""
    heard, said = sys.stdin.buffer, _own_output()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("run").addFilter(_is_unforeseen)
    workspace = Workspace()
    if sys.argv[1:]:
        _warm(workspace, sys.argv[1])
    _say(said, {"ready": True})
    for line in heard:
        request = json.loads(line)
        _say(said, _reply(workspace, request["recipe"], request["settings"]))


def _reply(workspace: Workspace, recipe: str, settings: dict[str, Any]) -> dict[str, Any]:
    outcome = attempt(recipe, settings, Silent(), workspace)
    if outcome.result is not None:
        return {"result": outcome.result}
    return {"error": outcome.error or "The question was stopped.", "kind": outcome.error_kind}


def _warm(workspace: Workspace, name: str) -> None:
    """Ask one question, so that no other waits for what the first has to open.

    What is wrong with the student, whoever asks next is told.
    """
    try:
        graph = model_cache.student(workspace, name).graph
        topics = np.flatnonzero(graph.degree(np.arange(graph.entity_count)))
        asked = {
            "student": name,
            "question": "What is it?",
            "topic": graph.entity_id(int(topics[0])),
        }
        load_recipe("answer_question")(asked, Silent(), workspace)
    except CoreError as error:
        logging.getLogger(__name__).warning("%s", error)


def _own_output() -> BinaryIO:
    """Standard output for answers alone: what libraries print there goes to standard error."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


def _say(output: BinaryIO, reply: dict[str, Any]) -> None:
    output.write(json.dumps(reply).encode() + b"\n")
    output.flush()


def _is_unforeseen(record: logging.LogRecord) -> bool:
    """Whether a log says more than its asker was told: a mistake of theirs is no news here."""
    return not (record.exc_info and isinstance(record.exc_info[1], CoreError))


if __name__ == "__main__":
    main()
