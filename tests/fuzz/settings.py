"""Settings of every recipe from values that nobody expects, queued where they are taken."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Literal, get_args, get_origin
from unittest import mock

from core.catalogue import CATALOGUE
from core.runs.client import submit
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import CONTROLLABLE, VERBS, Settings, checked, checked_control
from core.workspace import Workspace
from tests.fuzz.cases import HALF, HOSTILE, NUMBERS, Case, hostile, spoilt_value

KINDS: dict[str, type[Settings]] = {entry.recipe: entry.settings for entry in CATALOGUE}


def prepare(workspace: Path) -> None:
    """A store for the runs."""
    Store(Workspace(workspace)).close()


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """Some values of a recipe's settings, or of a control, are spoilt."""
    if dice.random() < 0.1:
        key = dice.choice((*CONTROLLABLE, *VERBS, "seed", str(dice.choice(HOSTILE))))
        value: Any = dice.choice(NUMBERS)
        return Case(f"{key}={str(value)[:20]}", lambda: checked_control(key, value))
    recipe = dice.choice(list(KINDS))
    kind = KINDS[recipe]
    values, about = _needed(kind), ""
    for _ in range(dice.choice((1, 1, 2, 4))):
        name = dice.choice((*kind.model_fields, str(dice.choice(HOSTILE))[:50]))
        if dice.random() < 0.5:
            values[name] = dice.choice((hostile(dice), dice.choice(HOSTILE), HALF))
        else:
            values, _ = spoilt_value(dice, values)
        about += f" {name[:20]!r}"
        if not isinstance(values, dict):
            values = {"name": values}
    given = {str(key): value for key, value in values.items()}
    priority = dice.choice((0, 0, *[n for n in NUMBERS if type(n) is int]))

    def act() -> None:
        made = checked(kind, given)
        store = Store(Workspace(workspace))
        try:
            with mock.patch.object(presence, "ensure"):  # nobody starts them
                submit(store, recipe, made, priority=priority)
        finally:
            store.close()

    return Case(f"{recipe}:{about}, priority {str(priority)[:20]}", act)


def _needed(kind: type[Settings]) -> Any:
    """Values that the settings take."""
    needed: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if field.is_required():
            origin, parts = get_origin(field.annotation), get_args(field.annotation)
            needed[name] = ["x", "y"] if origin is tuple else parts[0] if origin is Literal else "x"
        elif field.default is not None:
            needed[name] = field.default
    if "files" in needed:  # or an endpoint: one of the two
        needed["files"] = ("x", "y")
    checked(kind, needed)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in needed.items()}
