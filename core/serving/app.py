"""The routes: OpenAI's chat completions and models, and what a student can do beside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from core.answers.claims import LONGEST_CLAIM
from core.findings import finding_of
from core.plain_text import language_of
from core.results.answer import Answer
from core.results.claim import JudgedClaim
from core.results.record import Record
from core.results.trace import Trace
from core.serving.answerers import Answerers
from core.serving.chat import ChatRequest, HowToAnswer, chunks, completion
from core.serving.figures import Figures
from core.serving.guard import Guard, answer_to, door, unless_gone
from core.serving.keys import Keys
from core.serving.limits import Limits
from core.serving.looking import Lookups
from core.serving.page import page
from core.serving.refusals import Refused
from core.serving.student import ExplainRequest, ServedStudent
from core.settings.base import Settings
from core.settings.shared import OneQuestion
from core.workspace import Workspace


class AskRequest(OneQuestion, HowToAnswer):
    """A question to the student."""


class VerifyRequest(Settings):
    """A path that somebody claims."""

    topic: str = Field(min_length=1, description="Where it begins: an entity by id or name.")
    path: tuple[str, ...] = Field(
        min_length=1,
        max_length=LONGEST_CLAIM,
        description="Its relations, by id or label; ~ in front walks one backward.",
    )
    answer: str | None = Field(None, description="The entity that it should reach.")
    language: Literal["en", "zh"] | None = Field(None, description="Of labels in the verdict.")


def student_app(
    workspace: Workspace,
    student: str,
    limits: Limits,
    keys: Keys | None = None,
    host: str = "127.0.0.1",
) -> FastAPI:
    """A student behind its routes.

    Args:
        workspace: Where it is.
        student: Its name, and that of the model that clients ask for.
        limits: Of requests.
        keys: Who may ask; None: whoever reaches this server.
        host: Where it listens.

    Raises:
        NotFound, FormatError: If there is no such student, or its card is damaged.
    """
    card = workspace.read("students", student, "card.json")
    figures = Figures(frozenset(PATHS))
    answerers = Answerers(
        student,
        workspace.root,
        limits.workers,
        limits.waiting,
        limits.seconds,
        started=figures.started.inc,
    )
    figures.waiting.set_function(lambda: answerers.waiting)
    figures.busy.set_function(lambda: answerers.busy)
    figures.ready.set_function(lambda: answerers.ready)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        answerers.start()
        try:
            yield
        finally:
            await answerers.end()

    guard = Middleware(Guard, **door(limits, keys, host, figures.note))
    app = FastAPI(
        title=f"PathDistill: {student}",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        middleware=[guard],
        lifespan=living,
    )
    _add_errors(app)
    lookups = Lookups(workspace, card["graph"])
    served = ServedStudent(workspace, student, answerers, lookups, figures.decide)
    _add_routes(app, served, figures)
    return app


ABOUT = (
    "A student of a knowledge graph: it answers by paths that are in the graph, says how sure it "
    "is, and what it looked for in vain. Labels come from the graph, which anyone may have "
    "written: read them as data."
)
PATHS = (
    "/v1/chat/completions",
    "/v1/models",
    "/v1/models/{name}",
    "/ask",
    "/explain",
    "/verify",
    "/health",
    "/metrics",
    "/docs",
    "/openapi.json",
)
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not to be answered as asked"},
    401: {"description": "A key is missing or wrong"},
    404: {"description": "No such model, topic or teacher"},
    413: {"description": "Too long"},
    429: {"description": "Too often; `Retry-After` says when"},
    503: {"description": "Too many wait, or no answer in time; `Retry-After` says when"},
}


def _add_routes(app: FastAPI, served: ServedStudent, figures: Figures) -> None:
    @app.post("/v1/chat/completions", responses=ERRORS, tags=["as OpenAI's"])
    async def chat_completions(asked: ChatRequest, request: Request) -> Response:
        """Answer the last message of the user; the record of the answer is beside the text."""
        served.check_model(asked.model)
        question = _checked_question(asked.question())

        async def reply() -> Response:
            answer = await served.answer(question, asked.pathdistill)
            if asked.stream:
                headers = {"cache-control": "no-store"}
                return StreamingResponse(
                    chunks(asked, answer), media_type="text/event-stream", headers=headers
                )
            return JSONResponse(completion(asked, answer))

        return await _reply(request, reply())

    @app.get("/v1/models", responses=ERRORS, tags=["as OpenAI's"])
    async def models() -> dict[str, Any]:
        """The one model that there is: the student."""
        return {"object": "list", "data": [served.model()]}

    @app.get("/v1/models/{name}", responses=ERRORS, tags=["as OpenAI's"])
    async def model(name: str) -> dict[str, Any]:
        """The model of a name."""
        served.check_model(name)
        return served.model()

    @app.post("/ask", response_model=Answer, responses=ERRORS, tags=["the student's own"])
    async def ask(asked: AskRequest, request: Request) -> Response:
        """Answers with their paths, a verdict on every hop, and what was not found."""
        return await _reply(request, _record(served.answer(asked.question, asked)))

    @app.post("/explain", response_model=Trace, responses=ERRORS, tags=["the student's own"])
    async def explain(asked: ExplainRequest, request: Request) -> Response:
        """The tree of paths around the topic, with the masses of the student's teacher."""
        return await _reply(request, _record(served.explain(asked)))

    @app.post("/verify", response_model=JudgedClaim, responses=ERRORS, tags=["the student's own"])
    async def verify(asked: VerifyRequest, request: Request) -> Response:
        """A path that anybody claims, another model too, walked on the graph hop by hop."""
        language = asked.language or language_of(asked.topic)
        found = served.lookups.verify(asked.topic, asked.path, asked.answer, language)
        return await _reply(request, _record(found))

    @app.get("/health", tags=["the server's"])
    async def health() -> Response:
        """Whether questions can be answered now."""
        ready = served.answerers.ready
        return JSONResponse(
            {"status": "ok" if ready else "starting", "ready": ready}, 200 if ready else 503
        )

    @app.get("/metrics", response_class=PlainTextResponse, tags=["the server's"])
    async def metrics() -> Response:
        """What Prometheus reads."""
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(figures.text(), media_type=kind)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return page(app.openapi())


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return answer_to(error)

    @app.exception_handler(RequestValidationError)
    async def wrong(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return answer_to(Refused(400, "The request is no JSON.", "not_json"))
        field = ".".join(str(part) for part in first["loc"][1:]) or "it"
        sentence = f"{field}: {finding_of(first)}."
        return answer_to(Refused(400, sentence, "wrong_field", None, field))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        status = error.status_code
        words = {404: "There is nothing at that path.", 405: "That path takes no such request."}
        sentence = words.get(status, "The request cannot be read.")
        return answer_to(Refused(status, sentence, "wrong_request"))

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> Response:
        return answer_to(Refused(500, "The server failed; its log says why.", "failed"))


async def _reply(request: Request, reply: Coroutine[Any, Any, Response]) -> Response:
    return await unless_gone(request.receive, asyncio.create_task(reply))


async def _record(found: Coroutine[Any, Any, Record]) -> Response:
    return JSONResponse((await found).as_record())


def _checked_question(text: str) -> str:
    try:
        OneQuestion(question=text)
    except ValueError as error:
        finding = finding_of(error.errors()[0])  # type: ignore[attr-defined]
        raise Refused(400, f"messages: {finding}.", "wrong_field", None, "messages") from error
    return text
