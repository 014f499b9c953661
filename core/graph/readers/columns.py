"""Which columns of a table of facts are head, relation and tail, where a person says so.

1,3,2                 the first, the third and the second, from a row without or with a header
person,job,company    by what the first row calls them, which is then a header
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import FormatError
from core.graph.readers.source import ENDS

Places = tuple[int, int, int]
"""Positions of head, relation and tail, counted from 0."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a person said.

    Attributes:
        names: What head, relation and tail are called in the header; empty if numbers were given.
        numbers: Where they stand; None if names were given.
    """

    names: tuple[str, ...]
    numbers: Places | None

    @classmethod
    def of(cls, text: str) -> Columns | None:
        """Read `1,3,2` or `person,job,company`; a name with a comma stands in quotes.

        Returns:
            None for an empty text: nobody said anything.

        Raises:
            FormatError: If it does not name three different columns.
        """
        if not text.strip():
            return None
        cells = tuple(cell.strip() for cell in next(csv.reader([text])))
        numbers = [int(cell) - 1 for cell in cells if cell.isdecimal() and len(cell) < 5]
        if len(cells) != len(ENDS) or len(set(cells)) != len(ENDS) or min(numbers, default=0) < 0:
            raise FormatError(
                "{text!r} does not say which columns are head, relation and tail: give three "
                "numbers, counted from 1, or three names of the header, such as 1,3,2.",
                text=text,
            )
        if len(numbers) == len(ENDS):
            return cls((), (numbers[0], numbers[1], numbers[2]))
        return cls(cells, None)

    def named_in(self, header: Sequence[str]) -> Places | None:
        """Where the names stand in the first row; None if it lacks one, or numbers were given."""
        known = [cell.casefold() for cell in header]
        at = [known.index(name.casefold()) for name in self.names if name.casefold() in known]
        return (at[0], at[1], at[2]) if len(at) == len(ENDS) else None
