"""Dense search over the names of a graph: sentence-transformers vectors in FAISS.

It serves where a question does not spell a name as the graph does. The vectors stand in a folder
beside the graph and remember which graph and which text encoder made them:

    index.json     graph, graph hash, embedder, number of names
    names.arrow    entity, name                          one row per vector
    names.faiss    the vectors, for inner products
    manifest.json  the hashes of the others
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from core.drafts import new_folder
from core.errors import FormatError, NoTopic, Stale
from core.graph.arrow_files import map_table, write_table
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import CERTAIN, LinkedText, Linker, Mention
from core.graph.names import NameSearch, Resemblance, entity_names, nearest
from core.manifests import seal
from core.plain_text import Word, words
from core.pretrained.embedders import Embedder
from core.workspace import check, read_json, write_json

log = logging.getLogger(__name__)

_WIDEST = 6  # words of a stretch
_LONGEST = 120  # words of a question that are looked at


class EntityIndex:
    """Vectors of all labels and aliases of a graph, in all languages; a `NameSearch`.

    Memory: four bytes times dimension per name.
    """

    match: Literal["spelling", "vector"] = "vector"
    threshold = 0.6  # cosine

    def __init__(
        self, graph_hash: str, embedder: Embedder, entities: Ints, names: pa.Array, vectors: Any
    ) -> None:
        self.graph_hash = graph_hash
        self.embedder = embedder
        self._entities = entities  # (names,)
        self._names = names
        self._vectors = vectors  # a FAISS index of as many rows

    @classmethod
    def build(cls, graph: KnowledgeGraph, embedder: Embedder) -> EntityIndex:
        """Encode every name of a graph."""
        import faiss

        entities, names = entity_names(graph)
        encoded = embedder.encode(names)
        vectors = faiss.IndexFlatIP(encoded.shape[1])
        vectors.add(encoded)
        return cls(graph.hash, embedder, entities, pa.array(names, pa.string()), vectors)

    def save(self, folder: Path) -> None:
        """Write the index into a folder, in place of whatever is there."""
        import faiss

        table = pa.table({"entity": self._entities, "name": self._names})
        summary = {
            "graph_hash": self.graph_hash,
            "embedder": self.embedder.name,
            "names": len(self._names),
        }
        with new_folder(folder, replace=True, finish=seal) as draft:
            write_table(draft / "names.arrow", table)
            faiss.write_index(self._vectors, str(draft / "names.faiss"))
            write_json(draft / "index.json", summary)

    @classmethod
    def open(cls, folder: Path, graph: KnowledgeGraph, embedder: Embedder) -> EntityIndex:
        """Open a saved index.

        Raises:
            Stale: If another graph, or another embedder, made it.
            FormatError: If a file is missing or damaged.
        """
        import faiss

        check(folder, "delete that folder")
        summary = read_json(folder / "index.json")
        if summary["graph_hash"] != graph.hash:
            raise Stale(
                "The index in {folder} belongs to another graph than {name!r}.",
                folder=folder,
                name=graph.name,
            )
        if summary["embedder"] != embedder.name:
            raise Stale(
                "The index in {folder} was made with {embedder!r}, not with {name!r}.",
                folder=folder,
                embedder=summary["embedder"],
                name=embedder.name,
            )
        try:
            table = map_table(folder / "names.arrow")
            vectors = faiss.read_index(str(folder / "names.faiss"))
        except (OSError, RuntimeError, ValueError) as error:
            raise FormatError(
                "The index in {folder} is damaged; delete that folder.", folder=folder
            ) from error
        if not table.num_rows == vectors.ntotal == summary["names"]:
            raise FormatError(
                "The index in {folder} is damaged; delete that folder.", folder=folder
            )
        entities = np.asarray(table["entity"].combine_chunks())
        return cls(graph.hash, embedder, entities, table["name"].combine_chunks(), vectors)

    def search(self, text: str, k: int = 5) -> tuple[Resemblance, ...]:
        """The `k` entities whose names come nearest to a text, nearest first."""
        return self.search_all([text], k)[0]

    def search_all(self, texts: Sequence[str], k: int = 5) -> list[tuple[Resemblance, ...]]:
        """The same for many texts at once."""
        if not texts:
            return []
        count = min(4 * k, len(self._names))  # an entity may have several names near
        scores, rows = self._vectors.search(self.embedder.encode(texts), count)
        return [
            nearest(self._resemblances(*found), k)
            for found in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def _resemblances(self, rows: list[int], scores: list[float]) -> Iterator[Resemblance]:
        for row, score in zip(rows, scores, strict=True):
            yield Resemblance(int(self._entities[row]), self._names[row].as_py(), score)


def entity_index(graph: KnowledgeGraph, folder: Path, embedder: Embedder) -> EntityIndex:
    """The saved index of a graph; made and saved where there is none, or a stale or damaged one."""
    try:
        return EntityIndex.open(folder, graph, embedder)
    except (Stale, FormatError) as error:
        if folder.exists():
            log.warning("%s It is made again.", error)
        index = EntityIndex.build(graph, embedder)
        index.save(folder)
        return index


def find_topics(
    graph: KnowledgeGraph,
    linker: Linker,
    index: NameSearch | None,
    question: LinkedText,
    limit: int = 5,
) -> tuple[Mention, ...]:
    """Entities that a question is about, best first: by name, else by resemblance.

    Args:
        graph: The graph that the question is about.
        linker: Its names.
        index: What finds names that a text resembles; None to go by names alone.
        question: As the linker reads it.
        limit: At most so many, though entities that share a name come all together.

    Raises:
        NoTopic: If nothing in the question names an entity, or resembles one closely enough.
    """
    linked = question.first(limit)
    certain = tuple(mention for mention in linked if mention.score >= CERTAIN)
    if certain:
        return certain
    alike = _resembling(graph, linker, index, question.text)[:limit] if index else []
    if not alike and not linked:
        raise NoTopic(
            "No entity of graph {name!r} was recognised in the question; name the topic as "
            "the graph does, or choose it from a search.",
            name=graph.name,
        )
    return (*alike, *linked)[:limit]


def _resembling(
    graph: KnowledgeGraph, linker: Linker, index: NameSearch, text: str
) -> list[Mention]:
    """Stretches of a question that come near a name, best first, none inside another."""
    stretches = _stretches(linker, words(text)[:_LONGEST])
    surfaces = [text[start:end] for start, end in stretches]
    near = [
        Mention(one.entity, *span, text[slice(*span)], index.match, one.score)
        for span, found in zip(stretches, index.search_all(surfaces), strict=True)
        for one in found
        if one.score >= index.threshold
    ]
    degrees = graph.degree(np.array([mention.entity for mention in near], np.int64))

    def order(row: int) -> tuple[float, int]:
        # A long stretch that is nearly a name says more than one word that is wholly in another.
        mention = near[row]
        weight = mention.score * sqrt(mention.end - mention.start)
        return -round(weight, 5), -int(degrees[row])

    chosen: list[Mention] = []
    for mention in (near[row] for row in sorted(range(len(near)), key=order)):
        spans = {(other.start, other.end) for other in chosen}
        span = (mention.start, mention.end)
        if span in spans or all(span[1] <= s or e <= span[0] for s, e in spans):
            chosen.append(mention)
    return chosen


def _stretches(linker: Linker, found: list[Word]) -> list[tuple[int, int]]:
    """Runs of words that might be meant as a name: not led or ended by a common word."""
    spans = []
    for first in range(len(found)):
        for last in range(first, min(first + _WIDEST, len(found))):
            inside = [word.plain for word in found[first : last + 1]]
            ends = ([inside[0]], [inside[-1]], inside)
            if len("".join(inside)) > 1 and not any(map(linker.is_common, ends)):
                spans.append((found[first].start, found[last].end))
    return spans
