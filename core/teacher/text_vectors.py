"""What words and labels mean to a pretrained text encoder, which training leaves as it is.

Each text is encoded once and kept in the workspace, so the next training reads its vectors from
disk and loads no model at all:

    vectors/<model>-<hash of its name and content>/
        manifest.json           the hash of the other
        vectors.safetensors     vectors: (texts, dimension) float32, unit length
                                texts: the texts as a JSON list, in bytes

The content is that of the model's files (or the commit that the hub gave), so another model under
the same name has vectors of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from core.containment import within
from core.drafts import new_folder
from core.errors import FormatError
from core.foreign_files import open_foreign
from core.manifests import seal
from core.pretrained.embedders import (
    DEFAULT_EMBEDDER,
    PACKAGED,
    Embedder,
    Vectors,
    load_embedder,
)
from core.pretrained.folders import LARGEST_WEIGHTS, regular_files
from core.pretrained.hub import downloaded
from core.pretrained.names import located
from core.workspace import Workspace, check, writing

log = logging.getLogger(__name__)

VECTORS = "vectors.safetensors"

_READ = (".json", ".txt", ".model", ".safetensors")
"""Endings of the files that make a model: settings, vocabulary, weights."""


class TextVectors:
    """Unit vectors of texts, encoded when first asked for.

    Attributes:
        model: What the text encoder is called.
        identity: Tells it from any other, also of the same name.
        dimension: Numbers per vector.
    """

    def __init__(
        self, model: str, folder: Path, load: Callable[[], Embedder], identity: str | None = None
    ) -> None:
        """Open vectors.

        Args:
            model: What the text encoder is called.
            folder: Where its vectors are kept; need not be there.
            load: Gives the encoder; called only for what the folder does not hold.
            identity: Tells the encoder from others; None where the folder's name does.
        """
        self.model, self.identity = model, identity or folder.name
        self._folder, self._load = folder, load
        texts, self._vectors = _kept(folder) or ([], load().encode(["a"])[:0])
        self._rows = {text: row for row, text in enumerate(texts)}
        self._saved = len(texts)
        self.dimension = int(self._vectors.shape[1])

    def of(self, texts: Sequence[str]) -> Vectors:
        """Vectors of some texts: `(texts, dimension)`; an empty text has the zero vector.

        Raises:
            NotFound: If a text is new and the encoder is not within reach.
        """
        new = [text for text in dict.fromkeys(texts) if text and text not in self._rows]
        if new:
            self._vectors = np.concatenate([self._vectors, self._load().encode(new)])
            self._rows |= {text: row for row, text in enumerate(new, len(self._rows))}
        found = np.zeros((len(texts), self.dimension), np.float32)
        told = np.array([bool(text) for text in texts], bool)
        found[told] = self._vectors[[self._rows[text] for text in texts if text]]
        return found

    def once(self, texts: Sequence[str]) -> Vectors:
        """The same of texts that are not worth keeping, as questions are.

        Raises:
            NotFound: If the encoder is not within reach.
        """
        return self._load().encode(texts)

    def save(self) -> None:
        """Keep what was encoded since the vectors were opened or saved.

        Raises:
            WorkspaceError: If the workspace cannot be written.
        """
        if len(self._rows) == self._saved:
            return
        spelled = np.frombuffer(json.dumps(list(self._rows)).encode(), np.uint8)
        tensors: dict[str, np.ndarray] = {"vectors": self._vectors, "texts": spelled}
        place = self._folder
        with writing(place.parent), new_folder(place, replace=True, finish=seal) as draft:
            save_file(tensors, draft / VECTORS)
        self._saved = len(self._rows)


def open_text_vectors(workspace: Workspace, model: str) -> TextVectors:
    """The vectors of a text encoder, those on disk and all others.

    Args:
        workspace: Where vectors are kept.
        model: `universal-sentence-encoder` or `all-MiniLM-L6-v2` (from the package index),
            `character-ngrams`, or the Hugging Face id or folder of a sentence-transformers model.

    Raises:
        NotFound: If it is not within reach and its vectors were never kept.
        FormatError: If its files cannot be read, or must not be.
    """

    @cache
    def load() -> Embedder:
        return load_embedder(model, workspace.root / "models")

    content = _content(model)
    if content is None:  # on the hub, and not yet here
        load()
        content = _content(model)
    key = hashlib.sha256(f"{model}\0{content}".encode()).hexdigest()[:16]
    slug = re.sub(r"[^0-9A-Za-z.-]+", "-", Path(model).name)[:100]
    return TextVectors(model, within(workspace.root / "vectors", f"{slug}-{key}"), load)


def _content(model: str) -> str | None:
    """What tells a model from another of the same name; None where it is not on this machine."""
    if model in PACKAGED:
        return PACKAGED[model].weights_sha256
    if model == DEFAULT_EMBEDDER:
        return model
    if folder := located(model):
        return _folder_hash(folder)
    found = downloaded(model)
    return None if found is None else found.name  # the commit


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(_files(folder)):
        digest.update(f"\0{file.relative_to(folder).as_posix()}\0".encode())
        with open_foreign(file, LARGEST_WEIGHTS) as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """Files of a model and of its modules, which lie one folder below."""
    for place in (folder, *(one for one in folder.iterdir() if one.is_dir())):
        yield from (file for file in regular_files(place) if file.suffix in _READ)


def _kept(folder: Path) -> tuple[list[str], Vectors] | None:
    """Texts and vectors on disk; None where there are none, or they are damaged."""
    # Before hashes were kept, the file stood where the folder stands now.
    file = folder / VECTORS if folder.is_dir() else folder.with_name(f"{folder.name}.safetensors")
    try:
        check(folder, "its vectors are made again")
    except FormatError as error:  # nothing here is but a copy
        log.warning("%s", error)
        return None
    try:
        tensors = load_file(file)
        texts, vectors = json.loads(tensors["texts"].tobytes()), tensors["vectors"]
    except (OSError, SafetensorError, KeyError, ValueError):
        return None  # they are made anew: nothing here is but a copy
    return (texts, vectors) if len(texts) == len(vectors) else None
