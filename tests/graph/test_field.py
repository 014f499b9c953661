"""Small files as people have them, read where they lie beside this checkout; skipped elsewhere."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import NoTopic
from core.graph.linking import CERTAIN, Linker
from core.graph.lookup import find_by_name
from core.graph.readers import read_graph
from core.graph.search import find_topics
from core.graph.spelling import SpelledNames

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


@pytest.mark.parametrize(
    ("name", "rows", "skipped"),
    [
        ("02-neo4j-csv/apoc.csv", 5, 0),
        ("02-neo4j-csv/dcolon.txt", 1, 0),
        ("02-neo4j-csv/nlpcc.kb", 2, 0),
        ("02-neo4j-csv/space.txt", 2, 0),
        ("03-csv-dress/backslash.csv", 2, 0),
        ("03-csv-dress/bom_mid.tsv", 2, 0),
        ("03-csv-dress/comment.tsv", 2, 0),
        ("03-csv-dress/cr_inside.tsv", 4, 0),
        ("03-csv-dress/cr_only.tsv", 3, 0),
        ("03-csv-dress/inch.csv", 3, 0),
        ("03-csv-dress/inch2.csv", 3, 1),
        ("03-csv-dress/json_list.json", 2, 0),
        ("03-csv-dress/jsonl_triples.jsonl", 2, 0),
        ("03-csv-dress/long.tsv", 3, 0),
        ("03-csv-dress/mixed_bar.txt", 3, 1),
        ("03-csv-dress/pandas_012.csv", 2, 0),
        ("03-csv-dress/pandas_index.csv", 2, 0),
        ("03-csv-dress/pandas_index_nohdr.csv", 2, 0),
        ("03-csv-dress/sep_line.csv", 2, 0),
        ("03-csv-dress/utf16.csv", 1, 0),
    ],
)
def test_a_table_is_read_whatever_it_wears(name, rows, skipped):
    report = read(name)[1]
    assert (report.rows, report.skipped) == (rows, skipped)


LABELS = ("labels2col", "labels_at", "labels_caps", "labels_desc", "labels_hdr_name", "labels_dup")


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_no_triples(name):
    files = [FIELD / "03-csv-dress" / f"{one}.tsv" for one in (name, "fb")]
    graph, report = read_graph("g", files)
    assert (report.triples, report.files[0].kind) == (2, "entities")
    assert graph.label(graph.entity("/m/027rn")) == "Dominican Republic"


@pytest.mark.parametrize("name", ["excel_quoted", "quote_all", "quoted_half", "trailing_sep"])
def test_quotes_and_separators_around_cells_go(name):
    graph, report = read(f"03-csv-dress/{name}.tsv")
    ids = [graph.entity_id(entity) for entity in range(graph.entity_count)]
    assert (report.rows, report.skipped) == (2, 0)
    assert not [one for one in ids if '"' in one or not one]


def test_every_way_to_name_a_thing_is_understood():
    graph, _ = read_graph("g", [FIELD / "04-names" / f"{one}.tsv" for one in ("triples", "labels")])
    linker, spelled, wrong = Linker(graph), SpelledNames(graph), []
    for line in (FIELD / "04-names" / "asked.txt").read_text("utf-8").splitlines():
        wanted, text = line.split("\t")
        found = ()
        with suppress(NoTopic):
            found = find_topics(graph, linker, spelled, linker.read(text))
        if (graph.entity_id(found[0].entity) if found else "-") != wanted:
            wrong.append(line)
    assert wrong == []


def test_names_with_a_vowel_sign_more_or_less_are_two():
    graph, _ = read_graph("g", [FIELD / "05-indic" / f"{one}.tsv" for one in "tl"])
    for text, wanted in (("लाल का मतलब", "e1"), ("लीला किसका नाम है", "e2")):
        (mention,) = Linker(graph).link(text)
        assert graph.entity_id(mention.entity) == wanted


@pytest.mark.parametrize(
    ("typed", "name"),
    [("amelie", "Amélie"), ("paul gerand", "Paul Gérand"), ("martin rejo", "Martín Réjo")],
)
def test_accents_need_not_be_typed(typed, name):
    graph, _ = read("12-accents/kb.tsv")
    assert graph.entity_id(find_by_name(graph, typed)[0]) == name
    linker = Linker(graph)
    (first, *_) = find_topics(graph, linker, SpelledNames(graph), linker.read(f"who is {typed}"))
    assert graph.entity_id(first.entity) == name


@pytest.mark.parametrize("said", ["Quasar", "Mercury", "星光谣", "林一一", "海风谣"])
def test_a_name_is_found_without_its_parentheses(said):
    graph, _ = read("14-parens/kb.tsv")
    (mention,) = Linker(graph).link(said)
    assert graph.entity_id(mention.entity).startswith(said) and mention.score >= CERTAIN


def test_a_common_word_is_never_a_certain_topic():
    graph, _ = read("13-unknown-topic/kb.tsv")
    (mention,) = Linker(graph).link("李白是谁")
    assert graph.entity_id(mention.entity) == "是" and mention.score < CERTAIN
