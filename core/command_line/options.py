"""From a settings model to a command's arguments and options.

A field `learning_rate` becomes `--learning-rate`; its description, bounds and default become its
help. Values are checked by the model alone, so the same mistake reads the same on a page and here.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import typer
from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from core.settings import Settings, checked, field_names
from core.workspace import Workspace

Model = TypeVar("Model", bound=Settings)

MOST_SHOWN = 1_000_000
"""The most that any command lists."""

JSON = typer.Option(False, "--json", help="Print one JSON document on standard output.")


def settings_command(
    kind: type[Model],
    action: Callable[..., None],
    *,
    arguments: Sequence[str] = (),
    default_name: Callable[[Workspace, dict[str, Any]], str] | None = None,
) -> Callable[..., None]:
    """A command whose options are the fields of a settings model.

    Args:
        kind: The settings model; its docstring becomes the command's help.
        action: Called with the settings, and with its own keyword-only parameters as given.
        arguments: Fields that are given without a flag, in their order.
        default_name: Makes the field `name` out of the other values where it is not given.
    """
    fields = {
        name: _parameter(
            name, kind.model_fields[name], name in arguments, bool(default_name) and name == "name"
        )
        for name in (*arguments, *(one for one in field_names(kind) if one not in arguments))
    }
    own = list(inspect.signature(action, eval_str=True).parameters.values())[1:]

    def command(**values: Any) -> None:
        given = {name: values.pop(name) for name in fields}
        given = {name: value for name, value in given.items() if value not in (None, [])}
        if default_name and "name" not in given:
            given["name"] = default_name(Workspace(), given)
        action(checked(kind, given), **values)

    parameters = [*fields.values(), *own]
    command.__doc__ = kind.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _parameter(
    name: str, field: FieldInfo, positional: bool, name_is_made: bool
) -> inspect.Parameter:
    plain = _without_none(field.annotation)
    several = get_origin(plain) is tuple
    annotation: Any = list[str] if several else bool if plain is bool else str
    flag, told, kind = "--" + name.replace("_", "-"), _help(field), _metavar(plain)
    default: Any
    if positional:
        default = typer.Argument(... if field.is_required() else None, help=told)
    elif plain is bool:
        # What is on by default is turned off by a flag of its own.
        both = f"{flag}/--no-{flag[2:]}" if field.default is True else flag
        default = typer.Option(None, both, help=told)
    elif name_is_made:
        told += " By default it is made from the other names."
        default = typer.Option(None, flag, help=told, metavar=kind)
    elif field.is_required():
        default = typer.Option(..., flag, help=told, metavar=kind)
    else:
        shown = _shown(field)
        default = typer.Option(None, flag, help=told, metavar=kind, show_default=shown)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _help(field: FieldInfo) -> str:
    bounds = _bounds(field)
    return f"{field.description or ''} ({bounds})".strip() if bounds else field.description or ""


def _bounds(field: FieldInfo) -> str:
    low = next((f"{b.ge:g}" for b in field.metadata if isinstance(b, Ge)), None)
    above = next((f"{b.gt:g}" for b in field.metadata if isinstance(b, Gt)), None)
    high = next((f"{b.le:g}" for b in field.metadata if isinstance(b, Le)), None)
    start = f"above {above}" if above is not None else low
    if start is not None and high is not None:
        return f"{start} to {high}"
    return f"at least {low}" if low is not None else start or (f"at most {high}" if high else "")


def _metavar(plain: Any) -> str:
    if get_origin(plain) is Literal:
        return "|".join(map(str, get_args(plain)))
    if get_origin(plain) is tuple:
        return _metavar(get_args(plain)[0])
    return {int: "NUMBER", float: "NUMBER"}.get(plain, "TEXT")


def _shown(field: FieldInfo) -> str | bool:
    """The default as the help shows it; False where there is none."""
    if field.is_required() or field.default is None:
        return False
    if isinstance(field.default, tuple):
        return " ".join(map(str, field.default))
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
