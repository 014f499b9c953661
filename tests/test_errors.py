"""A message is one line that any terminal and any page can show, whatever it quotes."""

import pytest

from core.errors import LONGEST_SENTENCE, FormatError


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The name 'é 你好 😀' is taken.", "The name 'é 你好 😀' is taken."),
        ("two\r\nlines\tand more", "two lines and more"),
        (
            "red: \x1b[31m, half: \ud83d, turned: \u202e",
            r"red: \x1b[31m, half: \ud83d, turned: \u202e",
        ),
        ("next\x85 line\u2028", r"next\x85 line\u2028"),
    ],
)
def test_what_cannot_be_printed_is_spelled_out(said, shown):
    assert str(FormatError(said)) == shown


def test_a_long_message_keeps_its_beginning_and_its_end():
    text = str(FormatError(f"begin {'x' * 10_000_000} end"))
    assert text.startswith("begin x") and text.endswith("x end")
    assert len(text) <= LONGEST_SENTENCE + 3
