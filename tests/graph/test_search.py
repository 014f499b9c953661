import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.errors import FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.search import (
    EntityIndex,
    entity_index,
    find_topics,
)
from core.pretrained.embedders import DEFAULT_EMBEDDER, Embedder, load_embedder
from tests.family_graph import TRIPLES


@pytest.fixture(scope="module")
def embedder():
    return load_embedder(DEFAULT_EMBEDDER, Path())


@pytest.fixture(scope="module")
def index(graph, embedder):
    return EntityIndex.build(graph, embedder)


def test_importing_search_does_not_import_torch():
    code = (
        "import core.graph.search, sys; sys.exit('torch' in sys.modules or 'faiss' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_vectors_are_unit_deterministic_and_know_spelling(embedder):
    texts = ["Joe Biden", "Jo Bidden", "JOE_BIDEN", "乔·拜登", "乔·拜顿", "Norway", ""]
    vectors = embedder.encode(texts)
    assert vectors.shape == (7, 256)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors, load_embedder(DEFAULT_EMBEDDER, Path()).encode(texts), atol=1e-6)
    likeness = vectors @ vectors.T
    assert likeness[0, 2] == pytest.approx(1, abs=1e-5)
    assert likeness[0, 1] > 0.5 > abs(likeness[0, 5])
    assert likeness[3, 4] > 0.5 > abs(likeness[0, 3])


def test_a_vector_does_not_depend_on_its_batch(embedder):
    alone = embedder.encode(["Carl"])
    together = embedder.encode(["a much longer text than that", "Carl", "x"])
    assert np.allclose(alone[0], together[1], atol=1e-6)


def test_search_finds_the_nearest_names_each_entity_once(graph, index):
    found = index.search("Bobby", k=3)
    assert (graph.entity_id(found[0].entity), found[0].name) == ("bob", "bobby")
    assert found[0].score == pytest.approx(1, abs=1e-5)
    assert len({one.entity for one in found}) == len(found) == 3
    assert [graph.entity_id(one.entity) for one in index.search("挪威", k=1)] == ["norway"]
    assert index.search_all([]) == []


def test_a_saved_index_finds_the_same(graph, index, embedder, tmp_path):
    index.save(tmp_path / "index")
    index.save(tmp_path / "index")
    opened = EntityIndex.open(tmp_path / "index", graph, embedder)
    assert opened.search("Dora Lund") == index.search("Dora Lund")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "index",
        "index.json",
        "manifest.json",
        "names.arrow",
        "names.faiss",
    ]


def test_a_stale_index_is_refused(graph, index, embedder, tmp_path):
    index.save(tmp_path / "index")
    labels = pa.table({"id": ["ann"], "label:en": ["Annie"]})
    other = KnowledgeGraph.build("family", TRIPLES, labels)
    with pytest.raises(Stale, match="belongs to another graph than 'family'"):
        EntityIndex.open(tmp_path / "index", other, embedder)
    with pytest.raises(Stale, match="made with 'character-ngrams', not with 'other'"):
        EntityIndex.open(tmp_path / "index", graph, Embedder("other", embedder.model))
    renewed = entity_index(other, tmp_path / "index", embedder)
    assert renewed.search("Annie", 1)[0].entity == other.entity("ann")
    assert EntityIndex.open(tmp_path / "index", other, embedder).graph_hash == other.hash


def test_a_damaged_index_is_refused(graph, index, embedder, tmp_path):
    index.save(tmp_path)
    (tmp_path / "names.faiss").write_bytes(b"")
    with pytest.raises(FormatError, match="names.faiss is not what was written; delete"):
        EntityIndex.open(tmp_path, graph, embedder)


def topics(graph, index, text):
    found = find_topics(graph, Linker(graph), index, Linker(graph).read(text))
    return [(graph.entity_id(m.entity), m.surface, m.match) for m in found]


def test_names_come_before_vectors(graph, index):
    assert topics(graph, index, "Who is Carl Berg's child?") == [("carl", "Carl Berg", "exact")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the nationality of Dorra Berglund?", ("dora", "Dorra Berglund", "vector")),
        ("Who is the spouse of Car Berg?", ("carl", "Car Berg", "vector")),
        ("卡尔·伯恪的国籍是什么？", ("carl", "卡尔·伯", "vector")),
    ],
)
def test_a_misspelt_name_is_found_by_its_vector(graph, index, text, expected):
    found = find_topics(graph, Linker(graph), index, Linker(graph).read(text))
    assert topics(graph, index, text)[0] == expected
    assert EntityIndex.threshold <= found[0].score < 1


def test_nothing_alike_is_said(graph, index):
    sentence = (
        "No entity of graph 'family' was recognised in the question; name the topic as the graph "
        "does, or choose it from a search."
    )
    linker = Linker(graph)
    for given in (index, None):
        with pytest.raises(NotFound) as caught:
            find_topics(graph, linker, given, linker.read("How do I boil an egg?"))
        assert str(caught.value) == sentence


def test_an_encoder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NotFound, match=r"There is no file '.*none' and no folder"):
        load_embedder(str(tmp_path / "none"), tmp_path)
