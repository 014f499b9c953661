"""What a graph alone can tell, looked up in the server's own threads: no model is asked.

A few lookups go on at a time, and what waits for them is bounded as questions are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import anyio
import anyio.to_thread
import numpy as np

from core.answers.claims import judge_claim
from core.answers.naming import Naming
from core.answers.surroundings import surroundings
from core.errors import CoreError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.lookup import find_by_name, required_entity
from core.manifests import Stamp
from core.plain_text import language_of
from core.results.claim import JudgedClaim
from core.results.surroundings import Counted, Surroundings
from core.serving.refusals import Refused
from core.workspace import Workspace

THREADS = 2
WAITING = 100

Found = TypeVar("Found")


class Lookups:
    """A graph that is kept open, and opened anew where it was replaced.

    Args:
        workspace: Where it is.
        graph: Its name.
    """

    def __init__(self, workspace: Workspace, graph: str) -> None:
        self.workspace, self.name = workspace, graph
        self._kept: tuple[Stamp, KnowledgeGraph] | None = None
        self._opening = threading.Lock()
        self._limiter: anyio.CapacityLimiter | None = None

    async def verify(
        self, topic: str, path: Sequence[str], answer: str | None, language: str
    ) -> JudgedClaim:
        """Judge a claimed path; see `judge_claim`."""
        return await self._look(
            lambda: judge_claim(Naming(self.graph(), language), topic, path, answer)
        )

    async def neighbours(
        self, entity: str, relation: str | None, limit: int, language: str
    ) -> Surroundings:
        """The facts about an entity by id or name; see `surroundings`."""

        def look() -> Surroundings:
            graph = self.graph()
            number = required_entity(graph, entity)
            return surroundings(Naming(graph, language), number, relation, limit)

        return await self._look(look)

    async def search(self, text: str, limit: int) -> tuple[Counted, ...]:
        """Entities by a part of their name, best first."""

        def look() -> tuple[Counted, ...]:
            graph = self.graph()
            naming = Naming(graph, language_of(text))
            entities = np.array(find_by_name(graph, text, limit), np.int64)
            return tuple(
                Counted(**vars(naming.entity(entity)), facts=edges)
                for entity, edges in zip(
                    entities.tolist(), graph.degree(entities).tolist(), strict=True
                )
            )

        return await self._look(look)

    def graph(self) -> KnowledgeGraph:
        """The graph as it is now.

        Raises:
            NotFound, FormatError: As opening it says.
        """
        with self._opening:
            now = self.workspace.stamp("graphs", self.name)
            if self._kept is None or self._kept[0] != now:
                opened = KnowledgeGraph.open(self.workspace.open("graphs", self.name))
                self._kept = now, opened
            return self._kept[1]

    async def _look(self, look: Callable[[], Found]) -> Found:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise Refused(503, "Too many lookups wait already: ask again later.", "overloaded", 1)
        try:
            return await anyio.to_thread.run_sync(look, limiter=self._limiter)
        except CoreError as error:
            raise Refused.of(type(error).__name__, str(error)) from error
