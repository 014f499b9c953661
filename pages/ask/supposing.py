"""The stage of a student's answer, of which the reader may change what there is."""

from __future__ import annotations

from core.graph.knowledge_graph import KnowledgeGraph
from core.results.answer import Answer
from core.settings import AskSettings
from pages.parts.answers.what_if import Asked, WhatIf
from pages.parts.asking import ask_resident
from pages.parts.stage.answered import answered
from pages.parts.stage.stage import stage
from pages.parts.state import asked_text


def supposing(answer: Answer, settings: AskSettings, graph: KnowledgeGraph, key: str) -> None:
    """Draw an answer, let the reader change things, and show what becomes of it.

    Args:
        answer: To the question as it is, about one topic.
        settings: The question.
        graph: Of which it was asked.
        key: Prefix of the widgets' keys.
    """
    what_if = WhatIf(Asked.of_answer(answer), graph, key)
    what_if.begin(from_address=asked_text("ask") == answer.question)
    supposed = what_if.settings() if what_if.is_otherwise else None
    now = supposed and ask_resident(AskSettings(**settings.model_dump() | supposed))
    drawn = answered(now or answer, "student", answer if now else None, what_if.drawn())
    if drawn:
        stage(drawn, f"{key}.stage", what_if.change, in_address=True)
    if now:
        what_if.outcome(answer, now)
    what_if.single()
    what_if.more()
