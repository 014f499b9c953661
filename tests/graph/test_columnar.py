"""A table read as columns is the table read row by row: every triple, count and finding."""

import codecs
import random

import pytest

from core.errors import FormatError
from core.graph.readers import blocks
from core.graph.readers.tables import Table
from core.graph.readers.utf8 import check_text

ENTITIES = ["a", "Bee", "c d", "é", "中文", "“q”", "한국", "ÿ\u00a0z", "#5", 'x"y']
ODD = [
    "", " a", "b ", '"c"', '"d', "\ufeffe", "f\u200b", "\u3000g", "h\u2009", "\u00a0i", "j\u0085",
    "~k", "  ", '"l ""m"""', "\x1fn", "o\x7f",
]  # fmt: skip
LINES = ["", "# a remark", "   ", "one cell", "# a\tremark\tof three", "\t\t", ",,", "a;b"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", 96)


def spoilt(draw, separator, *, quotes):
    """Lines of which most are rows."""
    for _ in range(120):
        if draw.random() < 0.08:
            yield draw.choice(LINES).replace("\t", separator)
            continue
        cells = [draw.choice(ODD if draw.random() < 0.08 else ENTITIES) for _ in range(3)]
        cells += draw.choice([[]] * 12 + [[""], ["more"], ["m", "n"]])
        if draw.random() < 0.02:
            cells.pop()
        if quotes and draw.random() < 0.2:
            cells[0] = draw.choice([f'"x{separator}y"', '"two\nlines"', '"n""m"', '"open', '"a"b'])
        if draw.random() < 0.02:
            cells[-1] += "\ud83d"
        if draw.random() < 0.02:
            cells[1] += "\rx"
        yield separator.join(cells)


def read(path, how):
    table = Table(path)
    try:
        if how == "rows":
            found = [row[1:] for row in table.triples()]
        else:
            found = [tuple(row.values()) for one in table.batches() for row in one.to_pylist()]
    except FormatError as error:
        return str(error), table.tally.findings
    return sorted(found), table.tally.findings, table.report()


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|", "|||"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("seed", range(6))
def test_columns_and_rows_agree_on_whatever_stands_in_a_table(tmp_path, separator, end, seed):
    draw = random.Random(f"{separator}{end}{seed}")
    head = draw.choice(["", "head,relation,tail\n", "\n# mine\nhead,relation,tail\n", "sep=,\n"])
    rows = [f"a{separator}r{separator}b", *spoilt(draw, separator, quotes=seed % 2 == 1)]
    text = head.replace(",", separator) + "\n".join(rows) + draw.choice(["", "\n", "\n\n"])
    content = text.replace("\n", end).encode("utf-8", "surrogatepass")
    path = tmp_path / "x.csv"
    path.write_bytes(draw.choice([b"", codecs.BOM_UTF8]) + content)
    assert read(path, "columns") == read(path, "rows")


def test_most_rows_of_a_table_are_not_read_one_by_one(tmp_path, monkeypatch):
    path = tmp_path / "x.tsv"
    path.write_text("".join(f"e{n}\tr\té{n}\n" for n in range(500)) + " odd\tr\tb\n")
    monkeypatch.setattr(blocks, "SIZE", 1 << 20)
    table, looked_at = Table(path), []
    kept = table._triples_in
    monkeypatch.setattr(
        table, "_triples_in", lambda rows: kept(looked_at.append(r) or r for r in rows)
    )
    assert sum(one.num_rows for one in table.batches()) == 501
    assert [row.line for row in looked_at] == [501]


def test_text_is_checked_across_blocks_with_the_line(tmp_path, monkeypatch):
    path = tmp_path / "x.tsv"
    path.write_bytes(b"abc\td\te\n" * 40 + b"abc\t\xff\te\n")
    with pytest.raises(FormatError, match=r"line 41: byte 5 of the line \(0xff\)"):
        check_text(path)
    path.write_bytes(b"abc\td\te\n" * 40 + b"abc\0\n")
    with pytest.raises(FormatError, match="line 41: not text"):
        check_text(path)
    path.write_bytes(b"abc\td\te\n" * 40 + b"x" * (1 << 20) + b"\n")
    with pytest.raises(FormatError, match="line 41: it is longer than"):
        check_text(path)
    path.write_bytes("中\n".encode() * 100)
    check_text(path)
