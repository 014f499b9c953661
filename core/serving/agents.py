"""The tools of an agent over standard input and output, or over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

from core.serving.answerers import Answerers
from core.serving.guard import Guard, door
from core.serving.keys import Keys
from core.serving.limits import Limits
from core.serving.looking import Lookups
from core.serving.student import ServedStudent
from core.serving.tools import tools_of
from core.workspace import Workspace

PATH = "/mcp"


class Agents:
    """A graph, and its student where there is one, for agents.

    Args:
        workspace: Where they are.
        name: Of a student, or else of a graph.
        limits: Of requests.

    Raises:
        NotFound, FormatError: If there is neither, or it is damaged.
    """

    def __init__(self, workspace: Workspace, name: str, limits: Limits) -> None:
        self._limits = limits
        self._answerers: Answerers | None = None
        if workspace.exists("students", name):
            card = workspace.read("students", name, "card.json")
            lookups = Lookups(workspace, card["graph"])
            self._answerers = Answerers(
                name, workspace.root, limits.workers, limits.waiting, limits.seconds
            )
            student = ServedStudent(workspace, name, self._answerers, lookups)
            self.tools = tools_of(lookups, student.answer)
        else:
            lookups = Lookups(workspace, name)
            lookups.graph()  # a name that is none is said now
            self.tools = tools_of(lookups, None)

    async def over_streams(self) -> None:
        """Speak over standard input and output until the former ends."""
        async with self._answering():
            await self.tools.run_stdio_async()

    def app(self, keys: Keys | None, host: str) -> Starlette:
        """The tools as an app, at `PATH`.

        Args:
            keys: Who may ask; None: whoever reaches the server.
            host: Where it listens.
        """
        made = self.tools.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=self._limits.bytes,
            # The guard knows by which names the server goes.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        inner = made.router.lifespan_context

        @asynccontextmanager
        async def living(app: Any) -> AsyncIterator[Any]:
            async with self._answering(), inner(app) as state:
                yield state

        made.router.lifespan_context = living
        made.add_middleware(Guard, **door(self._limits, keys, host, lambda *_: None))
        return made

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        if self._answerers is not None:
            self._answerers.start()
        try:
            yield
        finally:
            if self._answerers is not None:
                await self._answerers.end()
