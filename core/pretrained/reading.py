"""Asking about a model's files: always another process, once as long as they stay as they are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from core.errors import FormatError
from core.limited_process import Unreadable, ask
from core.messages import Message
from core.pretrained.folders import Identity, identity

MISFITS = (
    OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, ArithmeticError,
    AssertionError, ImportError, SafetensorError,
)  # fmt: skip
"""What libraries raise over files that are not quite what they expect."""


def in_short(error: BaseException) -> Message:
    """What an error of a library says, on one line, for a sentence of ours."""
    if "trust_remote_code" in str(error):  # what it advises, we never do
        return Message("it needs code of its own, which is never run")
    if error.args and isinstance(error.args[0], Message):
        return error.args[0]
    return Message(" ".join(str(error).split())[:200] or type(error).__name__)


def found_in(path: Path, module: str) -> Any:
    """What a module that answers (see `core.limited_process`) finds in a model's files.

    Args:
        path: A folder or a file.
        module: Its name, e.g. `core.pretrained.inspection`.

    Raises:
        FormatError: If the files are refused, or too much for that module.
    """
    refused, found = _answer(module, path.absolute(), identity(path))
    if refused:
        raise FormatError(refused)
    return found


@lru_cache
def _answer(module: str, path: Path, files: Identity) -> tuple[Message | None, Any]:
    """The message that refuses the files, or what was found."""
    try:
        return None, ask(module, path)
    except Unreadable as error:
        return (
            Message(
                "{path} cannot be read as a language model: {reason}.",
                path=path,
                reason=in_short(error),
            ),
            None,
        )
    except FormatError as error:
        return error.message, None
