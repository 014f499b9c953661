"""A teacher's reasoning, of which the reader may change what there is, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace

from core.results.trace import Trace
from core.settings import ExplainSettings
from pages.parts.answers.teacher_answer import teacher_answer
from pages.parts.answers.trace_view import reasoning_at
from pages.parts.answers.what_if import Asked, WhatIf
from pages.parts.asking import ask_resident
from pages.parts.stage.stage import stage
from pages.parts.stage.thinking import thinking
from pages.parts.state import open_graph


def supposing(trace: Trace, graph_name: str, key: str, passes_messages: bool) -> None:
    """Show a reasoning, let the reader change things, and show what becomes of it.

    Args:
        trace: What `explain_question` says of the question as it is, about one topic.
        graph_name: The teacher's graph.
        key: Prefix of the widgets' keys.
        passes_messages: Whether the teacher passes messages.
    """
    what_if = WhatIf(Asked.of_trace(trace), open_graph(graph_name), key)
    what_if.begin()
    supposed = _ask(trace, what_if) if what_if.is_otherwise else None
    now = supposed or (nothing_left(trace) if what_if.is_otherwise else trace)
    drawn = thinking(now, trace if what_if.is_otherwise else None, what_if.drawn())
    hop = stage(drawn, f"{key}.stage", what_if.change, in_address=True)
    if supposed:
        what_if.outcome(teacher_answer(trace), teacher_answer(supposed))
    what_if.single()
    what_if.more()
    reasoning_at(now, hop, passes_messages)


def nothing_left(trace: Trace) -> Trace:
    """A reasoning about a question from whose topic nothing leads on."""
    return replace(
        trace, hops=(), edges=(), paths=(), answers=(), missing=(), unsaid=0.0, rest=0.0,
        parting=None, message_passing=None,
    )  # fmt: skip


def _ask(trace: Trace, what_if: WhatIf) -> Trace | None:
    """The reasoning as things are supposed to be; None, with a sentence, where there is none."""
    supposed = what_if.settings()
    if supposed is None:
        return None
    asked = {"teacher": trace.teacher, "question": trace.question}
    return ask_resident(ExplainSettings(**asked, **supposed))
