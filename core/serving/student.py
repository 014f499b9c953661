"""A student as those ask it who came through the door: by its recipes, in a warm process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import CoreError
from core.results.answer import Answer
from core.results.trace import Trace
from core.serving.answerers import Answerers
from core.serving.chat import HowToAnswer
from core.serving.looking import Lookups
from core.serving.refusals import Refused
from core.settings.shared import Confidence, OneQuestion
from core.workspace import Workspace


class ExplainRequest(OneQuestion, Confidence):
    """A question to the student's teacher."""


@dataclass(eq=False)
class ServedStudent:
    """A student that is served.

    Attributes:
        name: Its name, and that of the model that clients ask for.
        answerers: The processes that answer.
        lookups: Its graph.
        decided: Told of each answer what was decided.
        began: When it began to be served, in seconds since 1970.
    """

    workspace: Workspace
    name: str
    answerers: Answerers
    lookups: Lookups
    decided: Callable[[str], None] = lambda _: None
    began: int = field(default_factory=lambda: int(time.time()))

    async def answer(self, question: str, how: HowToAnswer) -> Answer:
        """Its answer.

        Raises:
            Refused: As `Answerers.ask`.
        """
        asked = {
            "question": question,
            "student": self.name,
            **how.model_dump(mode="json", include=set(HowToAnswer.model_fields)),
        }
        answer = Answer.from_record(await self.answerers.ask("answer_question", asked))
        self.decided(str(answer.decision))
        return answer

    async def explain(self, asked: ExplainRequest) -> Trace:
        """How its teacher reasons.

        Raises:
            Refused: As `Answerers.ask`, or if its card is gone.
        """
        try:
            card = self.workspace.read("students", self.name, "card.json")
        except CoreError as error:
            raise Refused.of(type(error).__name__, str(error)) from error
        settings = {**asked.model_dump(mode="json"), "teacher": card["teacher"]}
        return Trace.from_record(await self.answerers.ask("explain_question", settings))

    def check_model(self, name: str) -> None:
        """Refuse the name of another model.

        Raises:
            Refused: If it is one.
        """
        if name != self.name:
            sentence = f"There is no model {name[:100]!r} here: ask for {self.name!r}."
            raise Refused(404, sentence, "model_not_found", None, "model")

    def model(self) -> dict[str, Any]:
        """The student as OpenAI lists models."""
        return {
            "id": self.name,
            "object": "model",
            "created": self.began,
            "owned_by": "pathdistill",
        }
