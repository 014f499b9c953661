"""The sentence encoder that a teacher has fine-tuned for its graph, on disk beside its policy.

teachers/<name>/encoder.safetensors   what was learned of the encoder's weights
teachers/<name>/prototypes.safetensors   how paths were asked for, see `prototypes`
teachers/<name>/log_linear.safetensors   what tells the paths apart, see `log_linear`
teachers/<name>/spoken/               vectors of the paths in words, see `text_vectors`; a copy that
                                      saves time: whatever is missing is encoded anew

The encoder itself stays where it came from; only what was learned stands here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from core.errors import FormatError
from core.pretrained.embedders import Embedder, load_embedder
from core.teacher.absence import NONE
from core.teacher.question_trees import QuestionTree
from core.teacher.spoken_paths import HeardQuestion
from core.teacher.text_vectors import TextVectors
from core.workspace import Workspace

ENCODER, SPOKEN = "encoder.safetensors", "spoken"

SURE = 0.999
"""A path whose frontier is the answers, no more and no less, is right where no gold path is known
and no other is as good."""


def save_tuned(folder: Path, embedder: Embedder) -> None:
    """Write what an encoder has learned into a teacher's folder."""
    state = embedder.model.state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, folder / ENCODER)


def tuned_vectors(
    workspace: Workspace, model: str, folder: Path, embedder: Embedder | None = None
) -> TextVectors:
    """The vectors of a fine-tuned encoder.

    Args:
        workspace: Where the encoder itself comes from.
        model: Its name, see `load_embedder`.
        folder: Of the teacher; `save_tuned` has been there.
        embedder: The same, where it is in memory.

    Raises:
        FormatError: If what was learned is missing or damaged.
    """

    @cache
    def load() -> Embedder:
        if embedder is not None:
            return embedder
        opened = load_embedder(model, workspace.root / "models")
        try:
            opened.model.load_state_dict(load_file(folder / ENCODER))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise FormatError(
                "{path} is missing or damaged; train the teacher again.", path=folder / ENCODER
            ) from error
        opened.model.eval()
        return opened

    try:
        identity = hashlib.sha256((folder / ENCODER).read_bytes()).hexdigest()
    except OSError as error:
        raise FormatError(
            "{path} is missing or damaged; train the teacher again.", path=folder / ENCODER
        ) from error
    return TextVectors(model, folder / SPOKEN, load, identity)


def heard_questions(trees: Sequence[QuestionTree]) -> list[HeardQuestion]:
    """Questions whose right path is known, to fine-tune an encoder on.

    What the graph lacks is a path like any other. Of several gold paths all are right; from answers
    alone, the one path that reaches exactly these.
    """
    heard = []
    for tree in trees:
        every = [tree.tree.prefix(node) for node in range(len(tree.tree))]
        lacking = [
            (*every[node], code)
            for node, code in zip(
                tree.absent.nodes.tolist(), tree.absent.codes.tolist(), strict=True
            )
            if code != NONE
        ]
        named = tree.absent.sought[tree.absent.codes != NONE]
        right = [every[node] for node in np.flatnonzero(tree.gold).tolist()]
        right += [path for path, sought in zip(lacking, named.tolist(), strict=True) if sought]
        if not right:
            exact = np.flatnonzero(tree.match >= SURE).tolist()
            right = [every[node] for node in exact] if len(exact) == 1 else []
        if right:
            heard.append(
                HeardQuestion(tree.question.id, tree.wordings, tuple(right), [*every[1:], *lacking])
            )
    return heard
