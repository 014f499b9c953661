"""Names that hold a text: as many as reading all of them finds, wherever in them it stands."""

import random

import pyarrow as pa
import pytest

from core.graph import text_search
from core.graph.text_search import SearchableNames


def holding(names, wanted):
    return [row for row, name in enumerate(names) if name is not None and wanted in name]


def drawn(letters, count=2000):
    draw = random.Random(0)
    names = ["".join(draw.choices(letters, k=draw.randrange(40))) for _ in range(count)]
    return [*names, None, "", "x" * 3000 + "end", *names[:3]]


@pytest.mark.parametrize("letters", ["ab", "abcdefgh nopqrst", "aé卡尔서🦉"])
@pytest.mark.parametrize("many", [0.5, 1])
def test_all_that_hold_a_text_are_found_and_no_others(monkeypatch, letters, many):
    monkeypatch.setattr(text_search, "_MANY", many)
    names, draw = drawn(letters), random.Random(1)
    searchable = SearchableNames(pa.array(names))
    texts = ["".join(draw.choices(letters, k=k)) for k in (1, 2, 3, 4, 5, 6, 8) for _ in range(4)]
    whole = "".join(name or "" for name in names)  # of which some cross from name to name, or block
    pieces = [whole[at : at + 5] for at in (*range(0, len(whole), 997), *range(1018, 1030))]
    assert searchable.holding("ab").tolist() == holding(names, "ab")
    for wanted in (*texts, *pieces, *names[:20], "x" * 70, "xxend", "x" * 3000 + "end"):
        if wanted:
            assert searchable.holding(wanted).tolist() == holding(names, wanted), wanted


def test_of_many_names_little_is_read_for_a_text_that_is_rare():
    names = [f"name {number * 7919 % 100_003}" for number in range(50_000)]
    searchable = SearchableNames(pa.array([*names, "Zanzibar"]))
    assert len(searchable._blocks_of(b"zanzibar")) == 0
    assert len(searchable._blocks_of(b"Zanzibar")) == 1
    assert searchable.holding("Zanzibar").tolist() == [50_000]


def test_part_of_an_array_and_an_empty_one_are_searched():
    names = pa.array(["one", "two", "three", "four"])
    nothing = pa.array([], pa.string())
    for some, rows in ((names.slice(1, 2), [1]), (names.slice(2, 0), []), (nothing, [])):
        searchable = SearchableNames(some)
        assert [searchable.holding("thr").tolist() for _ in range(2)] == [rows, rows]
        assert not len(searchable.holding("one")) and not len(searchable.holding("four"))
