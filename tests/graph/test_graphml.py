"""Graphs in GraphML: edges are facts, nodes say what they are called."""

import pytest

from core.errors import FormatError
from core.graph.readers import read_graph

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d0" for="edge" attr.name="relation" attr.type="string"/>
<key id="d1" for="node" attr.name="name"/><key id="d2" for="node" attr.name="size"/>
<graph edgedefault="directed">
"""
NODES = '<node id="a"><data key="d1">A &amp; Ö</data><data key="d2">3</data></node><node id="b"/>\n'
EDGES = '<edge id="e1" source="a" target="b"><data key="d0">r</data></edge>\n'
NEO4J = '<edge id="e2" source="b" target="c" label="LIKES"><data key="label">LIKES</data></edge>\n'
END = "</graph></graphml>\n"


@pytest.fixture
def read(tmp_path):
    def reading(text, name="g.graphml"):
        (tmp_path / name).write_bytes(text.encode())
        return read_graph("g", [tmp_path / name])

    return reading


@pytest.mark.parametrize("name", ["g.graphml", "g.xml", "g.txt"])
def test_edges_are_facts_and_nodes_have_names(read, name):
    graph, report = read(HEAD + NODES + EDGES + NEO4J + END, name)
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    found = [(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in columns]
    assert found == [("a", "r", "b"), ("b", "LIKES", "c")]
    assert graph.label(graph.entity("a")) == "A & Ö"
    assert (report.rows, report.files[0].names, report.skipped) == (4, 2, 0)


def test_an_edge_without_a_relation_costs_only_itself(read):
    graph, report = read(HEAD + EDGES + NEO4J + '<edge source="a" target="c"/>' + END)
    assert (graph.triple_count, report.skipped) == (2, 1)
    assert report.findings[0].why == "its keys name no head, relation and tail"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + NODES, "is not XML in UTF-8 text"),
        (HEAD.replace("<graphml", BOMB + "<graphml") + END, "the entity 'b' is elsewhere, holds"),
        (HEAD.replace("<graphml", OUTSIDE + "<graphml") + END, "the entity 'a' is elsewhere"),
        (HEAD + "<x>" * 200 + "</x>" * 200 + END, "nests more than 100 levels deep"),
        (HEAD + END, "holds no fact"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_a_sentence(read, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read(text)
