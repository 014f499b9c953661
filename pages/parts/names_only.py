"""Settings that a page hands over name no path of this machine: those are for the terminal.

A page knows names alone: of what is in the workspace, of models, of uploads. What it starts and
what it asks passes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.pretrained.presets import BUILT, PRESETS
from core.runs.supervisor.presence import PROJECT
from core.settings import Made, NamesPath, path_fields
from core.sources import is_named
from pages.parts.text import field_name, t_plain

_MODEL = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)


def names_only(settings: Made, before: Mapping[str, Any] | None = None) -> Made:
    """The settings themselves, if none of them names a path.

    Args:
        settings: What a page asks for.
        before: Values that were there already, from the terminal maybe; these may stay.

    Raises:
        SettingsError: If one does.
    """
    for field, mark in path_fields(type(settings)).items():
        value = getattr(settings, field)
        given = value if isinstance(value, tuple) else (value,) if value else ()
        if before is not None and list(given) == _listed(before.get(field)):
            continue
        for one in given:
            if not _is_name(one, mark):
                raise SettingsError(t_plain("form.path", field=field_name(field), value=one[:80]))
    return settings


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


def _is_name(value: str, mark: NamesPath) -> bool:
    """Whether a value names an upload, or a model that is no file here.

    What looks like an id of the hub may be a folder beside the program: workers stand there.
    """
    if not mark.or_model:
        return is_named(value)
    if value in (*BUILT, *PRESETS):
        return True
    is_id = _MODEL.fullmatch(value) is not None and ".." not in value
    there = (Path(value), PROJECT / value)
    return (
        is_id and not value.lower().endswith(".gguf") and not any(path.exists() for path in there)
    )
