"""Results as plain text."""

from dataclasses import dataclass

from core.results.named import Fact, LikelyEntity, Named
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Sample(Record):
    question: str
    nothing: str | None = None
    score: float
    words: tuple[str, ...]
    fact: Fact
    answers: tuple[LikelyEntity, ...]


def sample(count):
    ann, bob = Named(id="ann", label="Ann"), Named(id="bob", label="Bob\x1b[2J\nand who")
    fact = Fact(head=ann, relation=Named(id="spouse", label="spouse"), tail=bob)
    answers = [LikelyEntity(id=f"e{n}", label="x" * 9**n, probability=1 / 3) for n in range(count)]
    return Sample(question="Who?", score=0.5, words=("a", "b"), fact=fact, answers=tuple(answers))


def test_values_stand_in_lines_and_lists_in_tables():
    assert str(sample(3)).splitlines() == [
        "question  Who?",
        "score     0.5",
        "words     a, b",
        "fact      Ann -spouse-> Bob\ufffd[2J and who",
        "answers",
        "  id  label" + " " * 57 + "probability",
        "  e0  x" + " " * 61 + "0.3333",
        "  e1  " + "x" * 9 + " " * 53 + "0.3333",
        "  e2  " + "x" * 57 + "...  0.3333",
    ]


def test_an_empty_list_is_left_out_and_a_long_one_is_cut():
    assert "answers" not in str(sample(0))
    many = LikelyEntity(id="a", label="A", probability=1.0)
    shown = str(Sample(**{**vars(sample(0)), "answers": (many,) * 12})).splitlines()
    assert shown[-1] == "  ... 2 more" and shown.count("  a   A      1") == 10
