"""Sentences that can be said in another language: a template, and the values that stand in it.

The English template is the code of a message, as in gettext: catalogues translate it, and what is
stored of an error is the template with its values, so that each reader gets it in their language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from string import Formatter
from typing import Any

Translate = Callable[[str], str]
"""A template in the reader's language; itself where there is no translation."""


_SPEC = re.compile(r"0?\d{0,2},?(\.\d)?[a-z]?")  # how a value is written: `:,`, `:.1f`, `:02x`


class Message(str):
    """A sentence, or a part of one, in English as it is; `told` says it in another language.

    Attributes:
        template: The text in English with `{names}` of the values, in the syntax of `str.format`.
        values: What stands in it; a message among them, or an exception about one, is translated
            with the whole.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        """Without values the template is the text, whatever braces it holds."""
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template, made.values = template, values
        return made

    def told(self, translate: Translate) -> str:
        """The same in another language."""
        template = translate(self.template)
        if not self.values:
            return template
        return template.format_map({k: _told(v, translate) for k, v in self.values.items()})

    def as_record(self) -> dict[str, Any]:
        """What JSON holds of it; `Message.from_record` reads it back."""
        return {
            "template": self.template,
            "values": {name: _stored(value) for name, value in self.values.items()},
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Message:
        """A message as it was stored.

        Raises:
            KeyError, TypeError, ValueError: If the record is none, its template and its values do
                not fit together, or the template asks for more than values: a part of one, or room
                without end.
        """
        values = {name: _read(value) for name, value in dict(record["values"]).items()}
        template = str(record["template"])
        for _, name, spec, _ in Formatter().parse(template) if values else ():
            if name is not None and not (name.isidentifier() and _SPEC.fullmatch(spec or "")):
                raise ValueError(f"no message says {name!r}")
        return cls(template, **values)


def _message(value: object) -> Message | None:
    """The message that a value is, or that an exception was made with."""
    if isinstance(value, BaseException):
        value = getattr(value, "message", value.args[0] if value.args else None)
    return value if isinstance(value, Message) else None


def _told(value: object, translate: Translate) -> object:
    inner = _message(value)
    return value if inner is None else inner.told(translate)


def _stored(value: object) -> Any:
    inner = _message(value)
    if inner is not None:
        return inner.as_record()
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else float(value)
    if isinstance(value, list | tuple):
        return [_stored(one) for one in value]
    return str(value)


def _read(value: Any) -> object:
    return Message.from_record(value) if isinstance(value, dict) else value
