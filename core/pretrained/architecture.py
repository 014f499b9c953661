"""How large a language model is, without loading it.

A foreign file is never opened here but in a process of its own. Nothing here imports torch.
"""

from __future__ import annotations

from core.pretrained.hub import downloaded
from core.pretrained.inspection import Architecture
from core.pretrained.names import located
from core.pretrained.presets import BUILT, PRESETS
from core.pretrained.reading import found_in


def architecture(student: str) -> Architecture | None:
    """The size of a student by preset, hub id, folder or GGUF file.

    Returns:
        None for a model of the hub that is not on this machine yet.

    Raises:
        NotFound: If it can name no model.
        FormatError: If its files cannot be read.
    """
    presets = {**BUILT, **PRESETS}
    presets |= {preset.source: preset for preset in PRESETS.values()}
    if student in presets:
        preset = presets[student]
        return Architecture(preset.parameters, preset.layers, preset.width, preset.vocabulary)
    path = located(student)
    if path is None:
        path = downloaded(student)
        if path is None or not any(path.glob("*.safetensors")):
            return None
    return Architecture(**found_in(path, "core.pretrained.inspection"))
