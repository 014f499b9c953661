"""A form made from a settings model, and the same settings as a command line.

Bounds, defaults, choices and help come from the model, names from the catalogue. The first fields
are shown, the others folded away by groups. A field is shown only where it matters: beta under the
divergence that has one, say; else it is at its default. A field that names files of this machine
has no widget: on a page files come from the browser.
"""

from __future__ import annotations

import shlex
import types
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt, MaxLen
from pydantic.fields import FieldInfo

from core.catalogue import BY_SETTINGS
from core.errors import SettingsError
from core.settings import Settings, checked, field_names, groups, matters, path_fields
from pages.parts.changes import is_owner
from pages.parts.names_only import names_only
from pages.parts.problem import problem
from pages.parts.text import Words, field_name, literal, t, translate

Model = TypeVar("Model", bound=Settings)


class Naming(NamedTuple):
    """What every widget has: the words beside it, those that explain it, its key, a lock."""

    label: Words
    help: Words
    key: str
    disabled: bool


def settings_form(
    kind: type[Model],
    key: str,
    hide: Collection[str] = (),
    defaults: Mapping[str, Any] | None = None,
    *,
    choices: Mapping[str, Sequence[str]] | None = None,
    first: Sequence[str] = (),
    submit: Words | None = None,
) -> Model | None:
    """Show widgets for a settings model.

    Args:
        kind: The settings model.
        key: Prefix of the widgets' keys.
        hide: Fields without a widget; they take their value from `defaults` or the model.
        defaults: Values to begin with.
        choices: Fields to be chosen from a list, e.g. the names of the graphs there are.
        first: Fields that are always shown, in this order; empty: those without a default.
        submit: Words on the button.

    Returns:
        The settings when the button was pressed and all of them hold; otherwise None.
    """
    start, chosen = dict(defaults or {}), dict(choices or {})
    paths = [name for name, mark in path_fields(kind).items() if not mark.or_model]
    hidden = {*hide, *paths}
    shown = list(first) or [name for name, f in kind.model_fields.items() if f.is_required()]
    shown = [name for name in shown if name not in hidden]
    values = {name: start[name] for name in hidden if name in start}

    def ask(name: str) -> None:
        if matters(kind, name, values):
            values[name] = _widget(kind, name, key, start.get(name, ...), chosen.get(name))

    for name in shown:
        ask(name)
    folded = {
        group: left
        for group, names in groups(kind).items()
        if (left := [name for name in names if name not in hidden and name not in shown])
    }
    if folded:
        with st.expander(t("form.more"), icon=":material/tune:"):
            for group, names in folded.items():
                st.caption(t(f"group.{group}"))
                for column, part in zip(st.columns(2, gap="large"), _halves(names), strict=True):
                    with column:
                        for name in part:
                            ask(name)
    pressed = st.button(
        submit or t("form.submit"), type="primary", key=f"{key}.submit", disabled=not is_owner()
    )
    return _settled(kind, values, pressed)


def help_words(kind: type[Settings], name: str) -> Words:
    """What the model says of a field, in the reader's language."""
    return literal(translate(kind.model_fields[name].description or ""))


def command_line(settings: Settings) -> str:
    """The settings as a command that does the same; what is left at its default is left out."""
    entry = BY_SETTINGS[type(settings)]
    words: list[str] = []
    flags: list[str] = []
    for name in entry.arguments:
        value = getattr(settings, name)
        words += [str(part) for part in (value if isinstance(value, tuple) else (value,))]
    for name in field_names(type(settings)):
        value = getattr(settings, name)
        if name not in entry.arguments and value != type(settings).model_fields[name].default:
            flags += _flag(name, value)
    return shlex.join(["python", "-m", "core", *entry.command.split(), *words, *flags])


def _flag(name: str, value: Any) -> list[str]:
    flag = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    if isinstance(value, tuple):
        return [word for part in value for word in (flag, str(part))]
    return [flag, f"{value:g}" if isinstance(value, float) else str(value)]


def _settled(kind: type[Model], values: dict[str, Any], pressed: bool) -> Model | None:
    """The settings if they hold and were asked for; the command line beside them."""
    missing = [n for n, f in kind.model_fields.items() if f.is_required() and not values.get(n)]
    if missing:
        if pressed:
            problem(t("form.missing", field=field_name(missing[0])))
        return None
    try:
        settings = names_only(checked(kind, values))
    except SettingsError as error:
        problem(error)
        return None
    with st.expander(t("form.command"), icon=":material/terminal:"):
        st.code(command_line(settings), language="bash", wrap_lines=True)
    return settings if pressed else None


def _halves(names: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    middle = (len(names) + 1) // 2
    return names[:middle], names[middle:]


def _widget(
    kind: type[Settings], name: str, key: str, value: Any, choices: Sequence[str] | None
) -> Any:
    """One widget; `value` is `...` where the model's own default holds."""
    field = kind.model_fields[name]
    if value is ...:
        value = None if field.is_required() else field.default
    words = Naming(
        field_name(name),
        help_words(kind, name),
        f"{key}.{name}",
        not is_owner(),
    )
    plain, may_be_empty = _without_none(field.annotation)
    if choices is not None:
        return _choice(words, choices, value, may_be_empty)
    if get_origin(plain) is Literal:
        return _choice(words, get_args(plain), value, may_be_empty)
    if get_origin(plain) is tuple:
        return _several(words, get_args(plain)[0], value)
    if plain is bool:
        return st.toggle(
            words.label,
            bool(value),
            help=words.help,
            key=words.key,
            disabled=words.disabled,
        )
    if plain in (int, float):
        return _number(words, field, plain, value)
    most = _bound(field, MaxLen, "max_length")
    text = st.text_input(
        words.label,
        value or "",
        most,
        help=words.help,
        key=words.key,
        disabled=words.disabled,
    )
    return (text or "").strip() or (None if field.is_required() else field.default)


def _choice(words: Naming, options: Sequence[str], value: Any, may_be_empty: bool) -> Any:
    index = list(options).index(value) if value in options else None
    if index is None and options and not may_be_empty:
        index = 0
    return st.selectbox(
        words.label,
        options,
        index,
        help=words.help,
        key=words.key,
        disabled=words.disabled,
        placeholder=t("form.choose"),
    )


def _several(words: Naming, item: Any, value: Any) -> tuple[str, ...]:
    if get_origin(item) is Literal:
        return tuple(
            st.multiselect(
                words.label,
                get_args(item),
                list(value or ()),
                help=words.help,
                key=words.key,
                disabled=words.disabled,
            )
        )
    lines = st.text_area(
        words.label,
        "\n".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value or ()),
        help=words.help,
        key=words.key,
        disabled=words.disabled,
    )
    return tuple(line.strip() for line in (lines or "").splitlines() if line.strip())


def _number(words: Naming, field: FieldInfo, plain: type, value: Any) -> Any:
    low = _bound(field, Ge, "ge")
    high = _bound(field, Le, "le")
    if low is None:
        low = _bound(field, Gt, "gt")
    if high is None:
        high = _bound(field, Lt, "lt")
    may_be_zero = _bound(field, Gt, "gt") is None
    # A slider always stands somewhere: what may stay empty is typed.
    if plain is float and (low, high) == (0, 1) and may_be_zero and value is not None:
        return st.slider(
            words.label,
            0.0,
            1.0,
            float(value),
            step=0.05,
            help=words.help,
            key=words.key,
            disabled=words.disabled,
        )
    if plain is float:
        step = 0.01 if high == 1 else 0.1
        if value is not None and value < 0.1:
            step = 10.0 ** round(_exponent(value) - 1)
        low, high, value = (None if one is None else float(one) for one in (low, high, value))
        return st.number_input(
            words.label,
            low,
            high,
            value,
            step=step,
            format="%g",
            help=words.help,
            key=words.key,
            disabled=words.disabled,
        )
    return st.number_input(
        words.label,
        low,
        high,
        value,
        step=1,
        help=words.help,
        key=words.key,
        disabled=words.disabled,
    )


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _without_none(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `None`, and whether it had one."""
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        return parts[0], len(parts) < len(get_args(annotation))
    return annotation, False


def _bound(field: FieldInfo, kind: type, attribute: str) -> Any:
    for entry in field.metadata:
        if isinstance(entry, kind):
            return getattr(entry, attribute)
    return None
