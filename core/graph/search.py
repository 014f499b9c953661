"""Dense search over the names of a graph: sentence-transformers vectors in FAISS.

It serves where a question does not spell a name as the graph does. The vectors stand in a folder
beside the graph and remember which graph and which text encoder made them:

    index.json     graph, graph hash, embedder, number of names
    names.arrow    entity, name                          one row per vector
    names.faiss    the vectors, for inner products
    manifest.json  the hashes of the others

Importing this file does not import torch; loading an embedder does.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.drafts import new_folder
from core.errors import FormatError, NotFound, Stale
from core.graph.arrow_files import map_table, write_table
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import (
    CERTAIN,
    Linker,
    Mention,
    Word,
    ids,
    joined,
    labels_and_aliases,
    words,
)
from core.manifests import seal
from core.pretrained.hub import download
from core.pretrained.names import located
from core.pretrained.reading import MISFITS, in_short
from core.pretrained.text_encoders import check_text_encoder
from core.workspace import check, read_json, write_json

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

DEFAULT_EMBEDDER = "character-ngrams"
"""Compares spelling and needs no download; any model for meaning is chosen by its name."""

THRESHOLD = 0.6
"""Lowest cosine at which a stretch of a question may stand for an entity's name."""

_WIDEST = 6  # words of a stretch
_LONGEST = 120  # words of a question that are looked at


@dataclass(frozen=True, eq=False, slots=True)
class Embedder:
    """A text encoder by its name."""

    name: str
    model: SentenceTransformer

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors: `(texts, dimension)` float32."""
        vectors = self.model.encode(
            list(texts), batch_size=256, show_progress_bar=False, normalize_embeddings=True
        )
        return np.ascontiguousarray(vectors, np.float32)


def load_embedder(name: str = DEFAULT_EMBEDDER) -> Embedder:
    """Load a text encoder.

    Args:
        name: `character-ngrams`, a Hugging Face id of a sentence-transformers model, or its folder.

    Raises:
        NotFound: If there is no such model, here or on the hub.
        FormatError: If its files cannot be read, or must not be.
    """
    if name != DEFAULT_EMBEDDER:
        folder = located(name) or download(name)
        check_text_encoder(folder)
        return open_embedder(name, folder)
    from sentence_transformers import SentenceTransformer

    from core.graph.character_ngrams import CharacterNgrams

    return Embedder(name, SentenceTransformer(modules=[CharacterNgrams()], device="cpu"))


def open_embedder(name: str, folder: Path) -> Embedder:
    """Open a text encoder of a folder that is trusted.

    Raises:
        FormatError: If its files cannot be read.
    """
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},  # the other format of weights can run code
        )
        model.tokenizer.chat_template = None  # a program of whoever made the model
        opened = Embedder(name, model)
        opened.encode(["a"])
    except MISFITS as error:
        raise FormatError(
            "{folder} cannot be read as a text encoder ({reason}).",
            folder=folder,
            reason=in_short(error),
        ) from error
    return opened


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An entity, the name of it that comes nearest, and the cosine."""

    entity: int
    name: str
    score: float


class EntityIndex:
    """Vectors of all labels and aliases of a graph, in all languages.

    Memory: four bytes times dimension per name.
    """

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

        entities, names = _names(graph)
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
        return [self._best(*found, k) for found in zip(rows.tolist(), scores.tolist(), strict=True)]

    def _best(self, rows: list[int], scores: list[float], k: int) -> tuple[Resemblance, ...]:
        best: dict[int, Resemblance] = {}
        for row, score in zip(rows, scores, strict=True):
            entity = int(self._entities[row])
            best.setdefault(entity, Resemblance(entity, self._names[row].as_py(), score))
        return tuple(best.values())[:k]


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
    graph: KnowledgeGraph, linker: Linker, index: EntityIndex | None, text: str, limit: int = 5
) -> tuple[Mention, ...]:
    """Entities that a question is about, best first: by name, else by resemblance.

    Args:
        graph: The graph that the question is about.
        linker: Its names.
        index: Its vectors; None to go by names alone.
        text: The question.
        limit: At most so many, though entities that share a name come all together.

    Raises:
        NotFound: If nothing in the question names an entity, or resembles one closely enough.
    """
    linked = linker.link(text, limit)
    certain = tuple(mention for mention in linked if mention.score >= CERTAIN)
    if certain:
        return certain
    alike = _resembling(graph, linker, index, text)[:limit] if index else []
    if not alike and not linked:
        raise NotFound(
            "No entity of graph {name!r} was recognised in the question; name the topic as "
            "the graph does, or choose it from a search.",
            name=graph.name,
        )
    return (*alike, *linked)[:limit]


def _resembling(
    graph: KnowledgeGraph, linker: Linker, index: EntityIndex, text: str
) -> list[Mention]:
    """Stretches of a question that come near a name, best first, none inside another."""
    stretches = _stretches(linker, words(text)[:_LONGEST])
    surfaces = [text[start:end] for start, end in stretches]
    near = [
        Mention(one.entity, *span, text[slice(*span)], "vector", one.score)
        for span, found in zip(stretches, index.search_all(surfaces), strict=True)
        for one in found
        if one.score >= THRESHOLD
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


def _names(graph: KnowledgeGraph) -> tuple[Ints, list[str]]:
    """Every label and alias as a reader writes it, and the id of what has no label."""
    bare = ((name, entity) for name, entity, is_labelled in ids(graph) if not is_labelled)
    named = ((name, entity) for name, entity, _ in labels_and_aliases(graph))
    pairs = dict.fromkeys((joined(name), entity) for name, entity in chain(named, bare))
    kept = [(name, entity) for name, entity in pairs if name]
    return np.array([entity for _, entity in kept], np.int32), [name for name, _ in kept]
