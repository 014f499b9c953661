import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FormatError, NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.numbering import sorted_rows
from tests.family_graph import ENTITIES, TRIPLES

ROOT = Path(__file__).parents[2]

NAME = st.text(st.characters(codec="utf-8", exclude_characters="~"), min_size=1, max_size=6)


def listed(graph):
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    return [(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in columns]


def test_counts_and_triples(graph):
    assert (graph.entity_count, graph.relation_count, graph.triple_count) == (11, 4, 19)
    assert listed(graph) == sorted(TRIPLES)
    assert graph.languages == ("en", "zh")


def test_names(graph):
    bob = graph.entity("bob")
    assert (graph.label(bob), graph.label(bob, "zh")) == ("Bob Berg", "鲍勃·伯格")
    assert graph.label(bob, "fr") == "Bob Berg"
    assert graph.aliases(bob) == ("Bobby", "The Captain")
    assert graph.aliases(graph.entity("ann")) == ()
    back = graph.relation("~child")
    assert (graph.relation_id(back), graph.relation_label(back, "zh")) == ("~child", "~子女")
    assert graph.inverse(back) == graph.relation("child")
    assert graph.find_entities(["zed", "nobody"]).tolist() == [graph.entity("zed"), -1]


def test_a_graph_without_labels_shows_ids():
    graph = KnowledgeGraph.build("g", [("joe_biden", "born_in", "scranton")])
    assert graph.languages == ()
    assert graph.label(graph.entity("joe_biden")) == "joe biden"
    assert graph.relation_label(0) == "born in"


def test_what_is_not_there_is_said(graph):
    with pytest.raises(NotFound, match="graph 'family' has no entity 'nobody'"):
        graph.entity("nobody")
    with pytest.raises(NotFound, match="has no relation 'no_such'"):
        graph.relation("no_such")
    assert graph.find_entity("nobody") is None
    assert graph.find_relation("no_such") is None


def test_a_graph_needs_triples_and_plain_relations():
    with pytest.raises(FormatError, match="'empty' would have no triples"):
        KnowledgeGraph.build("empty", [])
    with pytest.raises(FormatError, match="'~r' begins with '~'"):
        KnowledgeGraph.build("g", [("a", "~r", "b")])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAME, NAME, NAME), min_size=1, max_size=8))
def test_a_saved_graph_opens_the_same(tmp_path_factory, triples):
    folder = tmp_path_factory.mktemp("graph")
    graph = KnowledgeGraph.build("g", triples)
    graph.save(folder)
    opened = KnowledgeGraph.open(folder)
    assert listed(opened) == listed(graph) == sorted(set(triples))
    assert (opened.name, opened.hash) == ("g", graph.hash)
    assert opened.starts.tolist() == graph.starts.tolist()
    assert opened.edge_tails.tolist() == graph.edge_tails.tolist()
    for head, relation, tail in triples:
        triple = opened.entity(head), opened.relation(relation), opened.entity(tail)
        assert opened.has(*triple)


def test_labels_survive_saving(graph, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    graph.save(folder)
    opened = KnowledgeGraph.open(folder)
    assert [opened.label(opened.entity(row[0]), "zh") for row in ENTITIES] == [
        row[2] for row in ENTITIES
    ]
    assert opened.aliases(opened.entity("bob")) == ("Bobby", "The Captain")


@pytest.mark.parametrize("damage", ["edges.arrow", "graph.json"])
def test_a_damaged_graph_is_refused(graph, tmp_path, damage):
    graph.save(tmp_path)
    (tmp_path / damage).write_bytes(b"no such thing")
    with pytest.raises(FormatError, match=damage.replace(".", r"\.")):
        KnowledgeGraph.open(tmp_path)
    (tmp_path / damage).unlink()
    with pytest.raises(FormatError, match="missing"):
        KnowledgeGraph.open(tmp_path)


def test_the_hash_follows_the_content_alone():
    triples = [("a", "r", "b"), ("b", "r", "c")]
    labels = pa.table({"id": ["a"], "label:en": ["Ay"]})
    graph = KnowledgeGraph.build("g", triples)
    same = KnowledgeGraph.build("another name", [*triples[::-1], triples[0]])
    assert same.hash == graph.hash
    others = [
        KnowledgeGraph.build("g", [*triples, ("c", "r", "a")]),
        KnowledgeGraph.build("g", [("a", "r", "b"), ("b", "q", "c")]),
        KnowledgeGraph.build("g", [("a", "r", "b"), ("c", "r", "b")]),
        KnowledgeGraph.build("g", triples, labels),
        KnowledgeGraph.build("g", triples, pa.table({"id": ["a"], "label:en": ["Bee"]})),
        KnowledgeGraph.build("g", triples, pa.table({"id": ["a"], "label:zh": ["Ay"]})),
    ]
    assert len({graph.hash, *(other.hash for other in others)}) == 7


def test_what_a_graph_holds_has_the_hash_that_earlier_versions_gave_it():
    graph = KnowledgeGraph.build(
        "g",
        [("b", "r", "é"), ("a", "s", "b"), ("a", "r", "b"), ("a", "r", "b")],
        pa.table(
            {
                "id": ["b", "lone", "a"],
                "label:en": ["Bee", None, "A"],
                "aliases": [["x", "y"], None, []],
            }
        ),
        pa.table({"id": ["s"], "label:en": ["ess"]}),
    )
    assert graph.hash == "316f6fd2e0de79cdd95096b931dad6e0e6b919a989c97d6132d98b59a252a626"


def test_rows_sort_alike_whether_or_not_they_fit_into_one_number():
    draw = np.random.default_rng(0)
    columns = [draw.integers(7, size=500).astype(np.int32) for _ in range(3)]
    fit, wide = (sorted_rows(columns, (size, size, size)) for size in (7, 1 << 22))
    assert [c.tolist() for c in fit] == [c.tolist() for c in wide]
    assert list(zip(*(c.tolist() for c in fit), strict=True)) == sorted(
        zip(*(c.tolist() for c in columns), strict=True)
    )


def test_opening_a_graph_imports_no_table_library(graph, tmp_path):
    # pandas takes half a second, and a graph of ten million facts some milliseconds.
    graph.save(tmp_path)
    code = (
        "import sys; from pathlib import Path; from core.graph.knowledge_graph import "
        "KnowledgeGraph; KnowledgeGraph.open(Path(sys.argv[1])).entity('ann'); "
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, cwd=ROOT)


def test_its_columns_cannot_be_written_to(graph, tmp_path):
    graph.save(tmp_path)
    opened = KnowledgeGraph.open(tmp_path)
    for column in (opened.heads, opened.edge_tails, opened.starts):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1
