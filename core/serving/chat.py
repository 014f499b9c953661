"""OpenAI's chat completions: what is asked in one, and an answer told as one.

Each question stands by itself: the last message of the user is the question, and what was said
before it is not read. An answer is computed, not sampled, so settings of sampling change nothing;
what could not be kept (several choices, a schema) is refused. Where the client asks for it, a
function of its own takes the answer (`tool_calls`).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.foreign_text import printable
from core.results.answer import Answer
from core.results.answer_lines import answer_text
from core.serving.refusals import Refused
from core.serving.tool_calls import MOST_TOOLS, Chosen, Function, Tool, called, wanted
from core.settings.shared import Confidence

MOST_MESSAGES = 1000


class HowToAnswer(Confidence):
    """What a client may say beside its question."""

    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )
    also: tuple[str, ...] = Field(
        (), max_length=3, description="Entity ids that it is about as well."
    )
    decoding: Literal["constrained", "free"] = Field(
        "constrained", description="constrained: only paths that exist are spoken; free: any."
    )


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Part(_Said):
    """A part of a message; only text can be asked."""

    type: str
    text: str | None = None


class ChatMessage(_Said):
    """One message of a conversation."""

    role: str
    content: str | tuple[Part, ...] | None = None

    def text(self) -> str:
        """What it says.

        Raises:
            Refused: If a part of it is no text.
        """
        if isinstance(self.content, str):
            return self.content
        parts = self.content or ()
        if any(part.type != "text" or part.text is None for part in parts):
            raise Refused(
                400, "A question is text: send no other parts.", "not_text", None, "messages"
            )
        return "\n".join(part.text or "" for part in parts)


class ResponseFormat(_Said):
    """In what an answer is written."""

    type: str


class ChatRequest(_Said):
    """A request for a chat completion; fields that change nothing are not read."""

    model: str = Field(description="The student's name.")
    messages: tuple[ChatMessage, ...] = Field(
        min_length=1, max_length=MOST_MESSAGES, description="The last of the user is the question."
    )
    stream: bool = Field(False, description="Line by line, as server-sent events.")
    n: int | None = Field(None, description="1: there is one answer.")
    logprobs: bool | None = Field(None, description="Not given: see `pathdistill.answers`.")
    tools: tuple[Tool, ...] | None = Field(
        None, max_length=MOST_TOOLS, description="Functions, one of which may take the answer."
    )
    tool_choice: str | Chosen | None = Field(
        None, description="The function that takes it; `required` where one is offered."
    )
    response_format: ResponseFormat | None = Field(
        None, description="`text`, or `json_object` for the record of the answer as the content."
    )
    pathdistill: HowToAnswer = Field(
        default_factory=HowToAnswer, description="How to answer; `extra_body` of OpenAI's client."
    )

    def question(self) -> str:
        """What is asked.

        Raises:
            Refused: If nothing is, or it is to be answered as it cannot be.
        """
        if self.n not in (None, 1):
            raise Refused(400, "There is one answer to a question: leave `n` at 1.", "n", None, "n")
        if self.logprobs:
            sentence = "There are no log-probabilities of tokens: read `pathdistill.answers`."
            raise Refused(400, sentence, "logprobs", None, "logprobs")
        self.function()  # refuses what cannot be called
        if self.response_format and self.response_format.type not in ("text", "json_object"):
            sentence = "Answers are `text` or `json_object`: other formats cannot be had."
            raise Refused(400, sentence, "response_format", None, "response_format")
        asked = [message for message in self.messages if message.role == "user"]
        if not asked or not asked[-1].text().strip():
            sentence = "Nothing is asked: send a message of the role `user`."
            raise Refused(400, sentence, "no_question", None, "messages")
        return asked[-1].text()

    def function(self) -> Function | None:
        """The client's function that is to take the answer; None where it is to be a text.

        Raises:
            Refused: As `wanted`.
        """
        return wanted(self.tools or (), self.tool_choice)


def completion(request: ChatRequest, answer: Answer) -> dict[str, Any]:
    """An answer as a chat completion, its record beside it as `pathdistill`."""
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    function, finish = request.function(), "stop"
    if function is None:
        message["content"] = _content(request, answer)
    else:
        message["tool_calls"], finish = [called(function, answer, _call_id())], "tool_calls"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    return {
        **_head(request, "chat.completion"),
        "choices": [choice],
        "pathdistill": answer.as_record(),
    }


def chunks(request: ChatRequest, answer: Answer) -> Iterator[str]:
    """The same as server-sent events: a line of the text each, its record with the last."""
    head = _head(request, "chat.completion.chunk")
    function, finish = request.function(), "stop"
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if function is None:
        lines = _content(request, answer).splitlines(keepends=True)
        deltas += [{"content": line} for line in lines]
    else:
        call, finish = {"index": 0, **called(function, answer, _call_id())}, "tool_calls"
        deltas = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    for delta in deltas:
        yield _event({**head, "choices": [_choice(delta, None)]})
    last = {**head, "choices": [_choice({}, finish)], "pathdistill": answer.as_record()}
    yield _event(last)
    yield "data: [DONE]\n\n"


def _content(request: ChatRequest, answer: Answer) -> str:
    if request.response_format and request.response_format.type == "json_object":
        return json.dumps(answer.as_record(), ensure_ascii=False)
    return printable(answer_text(answer))


def _call_id() -> str:
    return f"call_{uuid.uuid4().hex}"


def _head(request: ChatRequest, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": request.model,
    }


def _choice(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"
