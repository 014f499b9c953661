"""From the name of a recipe to its function and its settings.

`train_teacher` names the module `core.recipes.train_teacher`. A name with a dot is the module path
of a recipe outside the project, e.g. `my_company.nightly_import`. Importing a recipe may import
torch, which only the processes that run it should: what its settings are is known without.
"""

from __future__ import annotations

import importlib
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.catalogue import BY_RECIPE
from core.errors import NotFound, SettingsError
from core.report import Report
from core.settings import Settings, checked
from core.workspace import Workspace


@dataclass(frozen=True)
class Recipe:
    """A recipe's `run(settings, report, workspace) -> result`, and the model of its settings."""

    run: Callable[[Any, Report, Workspace], Any]
    settings: type[Settings]

    def __call__(self, values: dict[str, Any], report: Report, space: Workspace) -> Any:
        """Check the settings, then run.

        Returns:
            What the catalogue says of the recipe; plain values, or a record of its own, from one
            outside the project.

        Raises:
            SettingsError: If the settings are not what the recipe takes.
        """
        return self.run(checked(self.settings, values), report, space)


def settings_model(name: str) -> type[Settings]:
    """The model of a recipe's settings; a recipe outside the project is imported to learn it.

    Raises:
        NotFound: If there is no such recipe.
        SettingsError: If the module is not a recipe.
    """
    entry = BY_RECIPE.get(name)
    return load_recipe(name).settings if entry is None else entry.settings


def load_recipe(name: str) -> Recipe:
    """Import a recipe by its name.

    Raises:
        NotFound: If there is no module by that name.
        SettingsError: If the module is not a recipe.
    """
    path = name if "." in name else f"core.recipes.{name}"
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name and path.startswith(error.name):
            raise NotFound(
                "There is no recipe {name!r} (no module {path}).", name=name, path=path
            ) from error
        raise
    run = getattr(module, "run", None)
    kind = typing.get_type_hints(run).get("settings") if callable(run) else None
    if run is None or not (isinstance(kind, type) and issubclass(kind, Settings)):
        raise SettingsError(
            "The module {path} is no recipe: it has no "
            "run(settings: <Settings>, report, workspace).",
            path=path,
        )
    return Recipe(run, kind)
