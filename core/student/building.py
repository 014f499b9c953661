"""A student before it has learned anything: built on the spot, or pretrained, in its form.

bfloat16 is used where a GPU has it. Its frozen weights may then be bfloat16 themselves; weights
that learn stay float32, because small steps would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.pretrained.embedders import PACKAGED, UNIVERSAL
from core.pretrained.package_index import fetch_model
from core.pretrained.presets import BILINGUAL, TINY
from core.settings import DistillSettings
from core.student.bilingual import build_bilingual
from core.student.forms import form_of
from core.student.language_model import build_tiny
from core.student.pretrained import load_pretrained


def build_student(
    settings: DistillSettings, questions: Iterable[str], relations: Iterable[str], models: Path
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model and tokenizer as `settings.student` names them; seed torch before.

    Args:
        settings: Which student, and whether it learns through an adapter.
        questions: Texts that the tokenizer of one that is built here learns from.
        relations: Relation names that it learns from too.
        models: Folder where weights from the package index are kept.

    Raises:
        NotFound: If there is no such model.
        FormatError: If its files cannot be read, or must not be.
    """
    form = form_of(settings)
    if settings.student == TINY:
        model, tokenizer = build_tiny(questions, relations)
        return form.begin(model, tokenizer), tokenizer
    if settings.student == BILINGUAL:
        from core.pretrained.universal_encoder import read_token_vectors  # slow to import

        words = read_token_vectors(universal_encoder(models))
        model, tokenizer = build_bilingual(words, questions, relations)
        return form.begin(model, tokenizer), tokenizer
    dtype = torch.bfloat16 if form.freezes and in_bfloat16(settings) else torch.float32
    model, tokenizer = load_pretrained(settings.student, models, dtype)
    return form.begin(model, tokenizer), tokenizer


def universal_encoder(models: Path) -> Path:
    """The folder of the encoder whose word vectors the bilingual student has, fetched if need be.

    Raises:
        NotFound: If no package index gives it.
        FormatError: If it is not the one that is known.
    """
    return fetch_model(PACKAGED[UNIVERSAL], models / UNIVERSAL)


def in_bfloat16(settings: DistillSettings) -> bool:
    """Whether to compute in bfloat16: as asked, else on a GPU that has it."""
    if settings.dtype != "auto":
        return settings.dtype == "bfloat16"
    on_gpu = settings.device != "cpu" and torch.cuda.is_available()
    return on_gpu and torch.cuda.is_bf16_supported(including_emulation=False)
