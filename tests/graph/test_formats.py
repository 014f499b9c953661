"""A format is one module and one line: here one that gives triples and labels in one file."""

import pytest

from core.errors import FormatError
from core.graph.import_report import FileReport
from core.graph.readers import formats, read_graph, source
from core.graph.readers.formats import Format, open_source
from core.graph.readers.source import LabelRow, Tally, wrong_with
from core.graph.readers.tables import Table


class Facts:
    """Lines such as `ann knows bob` and `ann is Ann`."""

    def __init__(self, path):
        self.path, self.tally = path, Tally(path)

    def _lines(self):
        for line, text in enumerate(self.path.read_text().splitlines()[1:], 2):
            yield line, text.split(" ")

    def triples(self):
        for line, cells in self._lines():
            self.tally.read += 1
            if len(cells) != 3 or (why := wrong_with(*cells)):
                self.tally.skip(line, cells, why if len(cells) == 3 else "it is no fact")
            elif cells[1] != "is":
                yield line, *cells
        self.tally.check("facts")

    def labels(self, ids):
        for line, cells in self._lines():
            if cells[1:2] == ["is"] and cells[0] in ids["entity"]:
                yield LabelRow(line, cells, "entity", cells[0], {"label:en": cells[2]})

    def report(self):
        return FileReport(self.path.name, "facts", "", self.tally.read, self.tally.skipped)


@pytest.fixture
def write(tmp_path, monkeypatch):
    fact = Format(lambda path, beginning: beginning.startswith(b"FACTS\n"), Facts)
    monkeypatch.setattr(formats, "FORMATS", (fact, *formats.FORMATS))

    def write(name, content):
        (tmp_path / name).write_text(content)
        return tmp_path / name

    return write


def test_a_file_is_opened_by_the_first_format_that_recognises_it(write):
    assert isinstance(open_source(write("a.txt", "FACTS\nann knows bob\n")), Facts)
    assert isinstance(open_source(write("b.txt", "ann|knows|FACTS\n")), Table)


def test_files_of_several_formats_make_one_graph(write):
    facts = write("a.txt", "FACTS\nann knows bob\nann is Ann\nann ~knows bob\nann is Anna\n")
    table = write("b.tsv", "bob\tknows\tcarl\n")
    labels = write("c.tsv", "entity\tlabel:en\nbob\tBob\n")
    graph, report = read_graph("g", [labels, facts, table])
    assert graph.triple_count == 2
    assert [graph.label(graph.entity(one)) for one in ("ann", "bob", "carl")] == [
        "Ann", "Bob", "carl",
    ]  # fmt: skip
    assert [(f.file, f.line, f.found, f.why) for f in report.findings] == [
        ("a.txt", 4, "ann | ~knows | bob", "its relation begins with '~', which marks inverses"),
        ("a.txt", 5, "ann | is | Anna", "'ann' has another label:en in a row before"),
    ]
    assert [(f.kind, f.rows, f.skipped) for f in report.files] == [
        ("entities", 1, 0),
        ("facts", 4, 2),
        ("triples", 1, 0),
    ]


def test_a_file_of_which_most_is_left_out_is_refused(write):
    with pytest.raises(FormatError, match=r"a\.txt: 2 of 3 rows cannot be read as facts; the fir"):
        read_graph("g", [write("a.txt", "FACTS\nann\nbob\nann knows bob\n")])


def test_triples_are_taken_over_in_batches(write, monkeypatch):
    monkeypatch.setattr(source, "_BATCH", 2)
    graph, _ = read_graph("g", [write("kb.txt", "".join(f"a::r::b{n}\n" for n in range(5)))])
    assert graph.triple_count == 5
