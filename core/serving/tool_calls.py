"""An answer as a call of a function that the client offers, where it asks for that.

    tools=[{"type": "function", "function": {"name": "take", "parameters": {"type": "object",
            "properties": {"decision": {}, "answers": {}}, "required": ["decision"]}}}],
    tool_choice={"type": "function", "function": {"name": "take"}}

    -> take(decision=..., answers=[...])

The arguments are fields of the record of the answer, and `text`, the answer in words: those that
the function's `parameters` name, all where they name none. Values are as the record has them,
whatever types the client wrote. Nothing is called unless `tool_choice` asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.foreign_text import printable
from core.results.answer import Answer
from core.results.answer_lines import answer_text
from core.serving.refusals import Refused

MOST_TOOLS = 128
TEXT = "text"
GIVEN = (TEXT, *(one.name for one in fields(Answer)))
"""What an argument can be named."""


class _Offered(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Parameters(_Offered):
    """The names in a function's JSON schema; the rest of it is not read."""

    properties: dict[str, Any] = Field(default_factory=dict)
    required: tuple[str, ...] = ()


class Function(_Offered):
    """A function of the client's."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    parameters: Parameters | None = None

    def arguments(self, answer: Answer) -> str:
        """What it is called with, as JSON."""
        given = {TEXT: printable(answer_text(answer)), **answer.as_record()}
        named = self.parameters.properties if self.parameters else {}
        chosen = {name: given[name] for name in given if not named or name in named}
        return json.dumps(chosen, ensure_ascii=False)


class Tool(_Offered):
    """A tool as OpenAI's clients send it."""

    type: str
    function: Function | None = None


class _ChosenFunction(_Offered):
    name: str


class Chosen(_Offered):
    """The tool that a client wants called."""

    type: str
    function: _ChosenFunction | None = None


def wanted(tools: Sequence[Tool], choice: str | Chosen | None) -> Function | None:
    """The function that is to take the answer; None where the answer is to be a text.

    Raises:
        Refused: If none of that name is offered, it is not clear which, or it must be given what
            no answer has.
    """
    if choice in (None, "none", "auto"):
        return None
    offered = {tool.function.name: tool.function for tool in tools if tool.function is not None}
    if isinstance(choice, Chosen):
        name = choice.function.name if choice.function else ""
        if name not in offered:
            raise _refused(f"`tools` offers no function {name[:100]!r}.")
        found = offered[name]
    elif choice == "required" and len(offered) == 1:
        (found,) = offered.values()
    else:
        raise _refused("Name the function that takes the answer, or offer one and say `required`.")
    required = found.parameters.required if found.parameters else ()
    lacking = [name for name in required if name not in GIVEN]
    if lacking:
        raise _refused(f"An answer has no {lacking[0][:100]!r}: it has {', '.join(GIVEN)}.")
    return found


def called(function: Function, answer: Answer, id: str) -> dict[str, Any]:
    """The call, as it stands in a message."""
    told = {"name": function.name, "arguments": function.arguments(answer)}
    return {"id": id, "type": "function", "function": told}


def _refused(sentence: str) -> Refused:
    return Refused(400, sentence, "tool_choice", None, "tool_choice")
