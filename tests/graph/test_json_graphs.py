"""Graphs in JSON: lists, lines, nodes and links."""

import gzip
import json

import pytest

from core.errors import FormatError
from core.graph.readers import read_graph
from core.graph.readers.preview import preview

LISTS = [["a", "r", "b"], ["b", "r", 1.0]]
OBJECTS = [
    {"source": "a", "target": "b", "label": "r", "weight": 2},
    {"target": 1, "source": "b", "label": "r"},
]
NODES = [{"id": "a", "name": "Ay", "size": 3}, {"id": 1, "label:de": "Eins", "aliases": ["one"]}]


def lines(values):
    return "\n".join(map(json.dumps, values))


@pytest.fixture
def read(tmp_path):
    def reading(text, name="g.json"):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        return read_graph("g", [tmp_path / name])

    return reading


def facts(graph):
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    return [(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in columns]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.json", json.dumps(LISTS)),
        ("g.json", json.dumps(LISTS, indent=1)),
        ("g.json", lines(LISTS)),
        ("g.jsonl", lines(OBJECTS)),
        ("g.ndjson", "\ufeff" + ",\n".join(map(json.dumps, OBJECTS)) + ",\n"),
        ("g.json", json.dumps({"directed": True, "nodes": [], "links": OBJECTS}, indent=2)),
        ("g.json", json.dumps({"nodes": NODES, "edges": OBJECTS})),
        ("g.json.gz", gzip.compress(json.dumps(LISTS).encode())),
        ("g.json", json.dumps(LISTS).encode("utf-16")),
    ],
)
def test_facts_are_read_however_they_are_held(read, name, text):
    graph, report = read(text, name)
    assert facts(graph) == [("a", "r", "b"), ("b", "r", "1")]
    assert (report.triples, report.skipped) == (2, 0)


def test_nodes_say_what_they_are_called(read, tmp_path):
    graph, report = read(json.dumps({"nodes": NODES, "links": OBJECTS}))
    assert graph.label(graph.entity("a"), "en") == "Ay"
    assert graph.label(graph.entity("1"), "de") == "Eins"
    assert graph.aliases(graph.entity("1")) == ("one",)
    assert (report.rows, report.files[0].names, report.duplicates) == (4, 2, 0)
    (seen,) = preview([tmp_path / "g.json"])
    assert seen.facts == (("a", "r", "b"), ("b", "r", "1"))


def test_what_is_no_fact_costs_only_itself(read):
    good = [["a", "r", f"b{number}"] for number in range(9)]
    bad = [["a", "r"], ["a", "", "b"], ["a", "r", {}], {"a": 1}, "x", ["a", "r", "\ud83d"]]
    for name, text in (("g.json", json.dumps(good + bad)), ("g.jsonl", lines(good + bad))):
        graph, report = read(text, name)
        assert (graph.triple_count, report.skipped) == (9, 6)
        assert [finding.line for finding in report.findings] == [10, 11, 12, 13, 14, 15]
        assert "half a character" in report.findings[-1].why
        json.dumps(report.as_record(), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("g.json", '{"a": 1}', "g.json is JSON and no graph: give a list of facts"),
        ("g.json", "[]", "holds no fact"),
        ("g.json", "[1, 2", "is not JSON in UTF-8 text"),
        ("g.json", "[" * 100_000, "it nests too deeply"),
        ("g.jsonl", "[1\n[2\n", "2 of 2 rows cannot be read as triples; the first is line 1"),
        ("g.jsonl", "[" * 900 + "]" * 900 + "\n[]", "2 of 2 rows cannot be read as triples"),
    ],
)
def test_what_is_no_graph_is_refused_in_a_sentence(read, name, text, sentence):
    with pytest.raises(FormatError) as caught:
        read(text, name)
    assert sentence in str(caught.value)


def test_a_table_may_begin_with_a_bracket(read):
    graph, _ = read("[a]\tr\tb\n{c}\tr\tb\n", "g.tsv")
    assert facts(graph) == [("[a]", "r", "b"), ("{c}", "r", "b")]
