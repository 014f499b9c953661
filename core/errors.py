"""Errors, sorted by what the reader can do about them.

Every message is one sentence that says what was found, where, and what to do next; pages show it in
a box, in the reader's language, and the command line prints it and exits with `exit_code`.

    CoreError
    |-- CallerError            the caller can mend it (exit code 2)
    |   |-- FormatError        a file does not read as what it claims to be
    |   |-- SettingsError      a setting is out of range or does not fit the others
    |   |-- NotFound           a graph, question set, teacher, student, run or entity by that name
    |   |   `-- NoTopic        nothing in a question is a name that the graph knows
    |   |-- AlreadyExists      a name is taken
    |   |-- Stale              labels or models made for another graph or teacher
    |   |-- NotAllowed         a guest looks and asks only
    |   `-- WorkspaceError     the workspace is full, read-only, or not a folder
    |       `-- WorkspaceGone  it, or its store, was moved or deleted under a program that uses it
    |-- RunFailed              a run ended in failure; its log says why (exit code 1)
    `-- RunStopped             a run was asked to stop and did (exit code 1)
"""

from __future__ import annotations

import re

from core.foreign_text import STEERING
from core.messages import Message, Translate

LONGEST_SENTENCE = 1000
"""Characters of a message; what is cut out stands in its middle, between what and what to do."""


class CoreError(Exception):
    """Anything PathDistill says on purpose: one line that can be printed, whatever it quotes."""

    exit_code = 1

    def __init__(self, template: str, /, **values: object) -> None:
        """See `Message`; one that is made already is taken as it is."""
        self.message = template if isinstance(template, Message) else Message(template, **values)
        super().__init__(_one_line(self.message))

    def told(self, translate: Translate) -> str:
        """The sentence in another language."""
        return _one_line(self.message.told(translate))


class CallerError(CoreError):
    """Something the caller asked for cannot be done as asked."""

    exit_code = 2


class FormatError(CallerError):
    """A file does not read as what it claims to be; the message holds file, line and finding."""


class SettingsError(CallerError):
    """A setting is out of range or does not fit the others."""


class NotFound(CallerError):
    """No graph, question set, teacher, student, run or entity has that name."""


class NoTopic(NotFound):
    """Nothing in a question is a name that the graph knows."""


class AlreadyExists(CallerError):
    """The name is taken; choose another or delete what holds it."""


class Stale(CallerError):
    """Labels or a model belong to another graph or teacher than the one at hand."""


class NotAllowed(CallerError):
    """Whoever asks may look and ask, and nothing else."""


class WorkspaceError(CallerError):
    """The workspace cannot be written: full, read-only, or not a folder."""


class WorkspaceGone(WorkspaceError):
    """The workspace or its store was moved or deleted while this program used it."""


class RunFailed(CoreError):
    """A run ended in failure; its log says why."""


class RunStopped(CoreError):
    """A run was asked to stop and did so at a safe point."""


def _one_line(text: str) -> str:
    """A text without what breaks or turns a line, and without half characters, cut to measure."""
    if len(text) > LONGEST_SENTENCE:
        half = LONGEST_SENTENCE // 2
        text = f"{text[:half]} … {text[-half:]}"
    text = re.sub(r"[\t\r\n\v\f]+", " ", text)
    return STEERING.sub(lambda found: ascii(found[0])[1:-1], text)
