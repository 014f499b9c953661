"""Settings of an export."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.settings.base import PATH, Settings, only_with


class ExportSettings(Settings):
    """Write a student into a folder that needs nothing of PathDistill."""

    student: str = Field(description="The student to export.")
    to: Annotated[str | None, PATH] = Field(
        None,
        min_length=1,
        description="The folder to make; empty: a zip file, or a page, among the workspace's "
        "exports.",
    )
    format: Literal["huggingface", "gguf", "html"] = Field(
        "huggingface",
        description="huggingface: a folder that transformers opens; gguf: one file for llama.cpp; "
        "html: one page that answers in a browser without a network, of a tiny student with its "
        "graph.",
    )
    adapter: Annotated[bool, only_with("format", "huggingface")] = Field(
        False,
        description="Write only the adapter of a student that learned through LoRA, to be laid "
        "over its base model.",
    )
    weights: Annotated[Literal["float32", "float16", "q8_0"], only_with("format", "gguf")] = Field(
        "float16", description="How a GGUF file stores matrices: 4, 2 or about 1 byte a weight."
    )
    with_graph: Annotated[bool, only_with("format", "huggingface", "gguf")] = Field(
        False, description="Put the graph's triples beside, so that paths can be walked."
    )
    licence: str | None = Field(
        None,
        max_length=100,
        pattern=r"^[A-Za-z0-9.+-]+$",
        description="SPDX identifier for the card, e.g. Apache-2.0; empty: that of the base model "
        "where it is known.",
    )
    replace: bool = Field(
        False,
        description="Overwrite the folder, if it is an earlier export and holds nothing else.",
    )
