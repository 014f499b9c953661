"""Small files as people have them, read where they lie beside this checkout; skipped elsewhere."""

import os
from pathlib import Path

import pytest

from core.graph.readers import read_graph

ROOT = Path(__file__).parents[2]
FIELD = Path(os.environ.get("PATHDISTILL_FIELD") or ROOT.parent / "shared" / "field")

pytestmark = pytest.mark.skipif(not FIELD.is_dir(), reason="no files of the field here")

HEADERS = [
    "from_to",
    "fromid",
    "hrt",
    "ids",
    "ok",
    "quad",
    "rels",
    "rels3",
    "rels3b",
    "semicolon",
    "spo",
    "start",
    "sto",
    "xy",
    "primekg",
]


def read(name):
    return read_graph("g", [FIELD / name])


def test_one_graph_of_rdf_whatever_its_name_and_blanks():
    graphs = [read(f"01-ntriples/{name}")[0] for name in ("a.nt", "a.txt", "tabbed.nt")]
    assert len({graph.hash for graph in graphs}) == 1
    assert graphs[0].label(graphs[0].entity("http://example.org/resource/London"), "ru") == "Лондон"
    assert read("01-ntriples/commas.nt")[0].find_entity("http://example.org/r/C,_D") is not None


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_becomes_a_triple(name):
    path = FIELD / "02-neo4j-csv" / f"{name}.csv"
    graph, report = read_graph("g", [path])
    lines = path.read_text("utf-8").splitlines()
    assert (report.rows, report.skipped) == (len(lines) - 1, 0)
    header = {cell.strip('"') for cell in lines[0].replace(";", ",").split(",")}
    assert not header & {graph.entity_id(entity) for entity in range(graph.entity_count)}


@pytest.mark.parametrize("name", ["excel_quoted", "quote_all", "quoted_half", "trailing_sep"])
def test_quotes_and_separators_around_cells_go(name):
    graph, report = read(f"03-csv-dress/{name}.tsv")
    ids = [graph.entity_id(entity) for entity in range(graph.entity_count)]
    assert (report.rows, report.skipped) == (2, 0)
    assert not [one for one in ids if '"' in one or not one]
