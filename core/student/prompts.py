"""How a question and a relation path become the student's tokens.

    What is <topic>'s nationality?<path>born_in<hop>city_of<hop><stop>

The topic's mention is masked: linking has already found it, its name says nothing about the path,
and a student that cannot see names cannot learn them by heart. Every relation is spelled by its
name and closed by `<hop>`; after a `<hop>` the student either names the next relation or says
`<stop>`. The marks are single tokens that text can never produce, and each piece is tokenised by
itself, so a path has exactly one spelling: what is trained on, what decoding allows and what is
read back are the same. A question is read in its normal form, a relation as it is written.

What the graph lacks is said in the same way, and is the last thing said: `<missing>` and the
relation that is looked for and not there, or `<none>` where it is none of the graph's relations.

    <missing>mayor<hop><stop>          <none><hop><stop>
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from transformers import PreTrainedTokenizerBase

from core.records import MISSING, TOPIC_MARK, RelationPath
from core.student.normal_form import tokens_as_written

TOPIC, PATH, HOP, STOP = "<topic>", "<path>", "<hop>", "<stop>"
ABSENT, NONE = "<missing>", "<none>"

LONGEST = 256
"""Tokens read of a question; what comes before is cut, its end is kept."""


def token_id(tokenizer: PreTrainedTokenizerBase, token: str) -> int:
    """The number of one token."""
    number: Any = tokenizer.convert_tokens_to_ids(token)  # a list only for a list
    return int(number)


class Speller:
    """Spells questions and paths for one tokenizer, and reads paths back."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        self._relations: dict[str, tuple[int, ...]] = {}

    @cached_property
    def path(self) -> int:
        """The token that ends a question."""
        return self._mark(PATH)

    @cached_property
    def hop(self) -> int:
        """The token that closes a relation."""
        return self._mark(HOP)

    @cached_property
    def stop(self) -> int:
        """The token that ends a path."""
        return self._mark(STOP)

    @cached_property
    def absent(self) -> tuple[int, int] | None:
        """The tokens `<missing>` and `<none>`; None for a student that knows neither."""
        known = self.tokenizer.get_added_vocab()
        return (known[ABSENT], known[NONE]) if ABSENT in known and NONE in known else None

    def prompt(self, masked: str) -> list[int]:
        """Tokens of a question whose topic is masked by `TOPIC_MARK`, up to and with `<path>`."""
        before, *after = masked.split(TOPIC_MARK, 1)
        tokens = self._read(before)
        if after:
            tokens += [self._mark(TOPIC), *self._read(after[0])]
        return [*tokens[-LONGEST:], self.path]

    def relation(self, name: str) -> tuple[int, ...]:
        """Tokens of a relation, without its `<hop>`."""
        if name not in self._relations:
            self._relations[name] = self._spelled(name)
        return self._relations[name]

    def spell(self, path: RelationPath) -> list[int]:
        """Tokens of a whole path, `<stop>` included."""
        tokens: list[int] = []
        for name in path:
            tokens += [*self.relation(name), self.hop]
        return [*tokens, self.stop]

    def read(self, tokens: list[int]) -> RelationPath:
        """The path that tokens spell, up to `<stop>` or the end; what is no relation stays text."""
        names: list[str] = []
        piece: list[int] = []
        for token in tokens:
            if token == self.stop:
                break
            if token == self.hop:
                names.append(self._text(piece))
                piece = []
            else:
                piece.append(token)
        if piece:
            names.append(self._text(piece))
        return tuple(names)

    def _spelled(self, name: str) -> tuple[int, ...]:
        if self.absent is None or not name.startswith(MISSING):
            return self._written(name)
        missing, none = self.absent
        looked_for = name.removeprefix(MISSING)
        return (missing, *self._written(looked_for)) if looked_for else (none,)

    def _written(self, name: str) -> tuple[int, ...]:
        return tuple(tokens_as_written(self.tokenizer, name))

    def _read(self, text: str) -> list[int]:
        # Marks typed by a person are text like any other.
        return list(
            self.tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
        )

    def _text(self, piece: list[int]) -> str:
        if self.absent is not None and piece:
            missing, none = self.absent
            if piece == [none]:
                return MISSING
            if piece[0] == missing and len(piece) > 1:
                return MISSING + self._text(piece[1:])
        return str(self.tokenizer.decode(piece, skip_special_tokens=False)).strip()

    def _mark(self, text: str) -> int:
        return token_id(self.tokenizer, text)
