"""Settings as older versions wrote them down: in the store's runs and in archives of runs.

A setting that has been renamed is read by its old name where it was stored. A person who types the
old name is told that there is none, as with any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.settings.base import Settings
from core.settings.distill import DistillSettings
from core.settings.questions import QuestionGenerationSettings
from core.settings.shared import Trees
from core.settings.teacher import LabelSettings, SampledConfidence

RENAMED: dict[type[Settings], dict[str, str]] = {
    Trees: {"largest": "max_paths"},
    SampledConfidence: {"judged": "calibration_questions"},
    QuestionGenerationSettings: {"withheld": "withheld_share"},
    LabelSettings: {"keep": "top_k"},
    DistillSettings: {"top": "top_k"},
}
"""Old names of settings with their new ones, by the class that has the setting."""


def renamed(kind: type[Settings], values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values under the names that the settings have now."""
    names = {old: new for part in kind.__mro__ for old, new in RENAMED.get(part, {}).items()}
    return {
        names[name] if name in names and names[name] not in values else name: value
        for name, value in values.items()
    }
