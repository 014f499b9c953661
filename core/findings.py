"""What pydantic finds wrong with a value, as a message that can be told in another language."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.messages import Message

FINDINGS = MappingProxyType(
    {
        "bool_parsing": "Input should be a valid boolean, unable to interpret input",
        "bool_type": "Input should be a valid boolean",
        "dict_type": "Input should be a valid dictionary",
        "extra_forbidden": "Extra inputs are not permitted",
        "finite_number": "Input should be a finite number",
        "float_parsing": "Input should be a valid number, unable to parse string as a number",
        "float_type": "Input should be a valid number",
        "greater_than": "Input should be greater than {gt}",
        "greater_than_equal": "Input should be greater than or equal to {ge}",
        "int_from_float": "Input should be a valid integer, got a number with a fractional part",
        "int_parsing": "Input should be a valid integer, unable to parse string as an integer",
        "int_parsing_size": "Unable to parse input string as an integer, exceeded maximum size",
        "int_type": "Input should be a valid integer",
        "less_than": "Input should be less than {lt}",
        "less_than_equal": "Input should be less than or equal to {le}",
        "literal_error": "Input should be {expected}",
        "missing": "Field required",
        "nul": "A text cannot hold NUL, the character 0",
        "string_pattern_mismatch": "String should match pattern '{pattern}'",
        "string_too_long": "String should have at most {max_length} characters",
        "string_too_short": "String should have at least {min_length} characters",
        "string_type": "Input should be a valid string",
        "tuple_type": "Input should be a valid tuple",
        "value_error": "Value error, {error}",
    }
)
"""By pydantic's name of the kind; those that settings and archives meet."""


def first_finding(error: ValidationError) -> tuple[str, Message]:
    """The first field that is wrong, `it` where it is the whole, and what was found."""
    first = error.errors()[0]
    return ".".join(str(part) for part in first["loc"]) or "it", finding_of(first)


def finding_of(error: ErrorDetails) -> Message:
    """What was found; in pydantic's own words where the table has no such sentence."""
    template, values = FINDINGS.get(error["type"]), error.get("ctx", {})
    if template is not None:
        try:
            made = Message(template, **values)
        except KeyError:  # another version of pydantic, which gives other values
            return Message(error["msg"])
        if made == error["msg"]:
            return made
    return Message(error["msg"])
