"""Labels keep every number the teacher said, in memory and on disk."""

import json
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import FormatError, Stale
from core.labels.path_labels import (
    _SCHEMA,
    Provenance,
    keep_best,
    label_key,
    read_labels,
    write_labels,
)
from core.records import Question

SOURCE = Provenance("t", "weights", "g", "content", "q", "posterior", 8)


@st.composite
def cuts(draw):
    """A random tree with stop probabilities (some zero), and how many paths to keep."""
    size = draw(st.integers(2, 25))
    parents = [-1, *(draw(st.integers(0, node - 1)) for node in range(1, size))]
    parents = np.array(sorted(parents), np.int32)  # breadth-first
    weights = np.array(draw(st.lists(st.integers(0, 9), min_size=size, max_size=size)), float)
    weights[0] = 0.0
    weights[-1] += 1
    relations = ("", *(f"r{node}" for node in range(1, size)))
    return parents, relations, weights / weights.sum(), draw(st.integers(1, size))


def by_path(label, values):
    return {label.path(node): value for node, value in enumerate(values.tolist())}


@settings(max_examples=150, deadline=None)
@given(cuts())
def test_a_cut_keeps_masses_and_closes_every_expanded_node(cut):
    parents, relations, stops, keep = cut
    label = keep_best("q", parents, relations, stops, keep)
    whole = keep_best("q", parents, relations, stops, len(parents))
    assert whole.expanded.all() and whole.rest == 0.0
    # Masses by brute force: everything whose path begins so.
    said = by_path(whole, whole.stops)
    assert said == {whole.path(node): p for node, p in enumerate(stops.tolist())}
    for path, mass in by_path(label, label.masses).items():
        below = [p for other, p in said.items() if other[: len(path)] == path]
        assert mass == pytest.approx(sum(below), rel=1e-12, abs=1e-15)
    # Probabilities of kept paths are as they were, unexpanded ones unsaid.
    for node in range(len(label.parents)):
        assert label.stops[node] == (said[label.path(node)] if label.expanded[node] else 0.0)
    assert label.stops.sum() + label.rest == pytest.approx(1.0, rel=1e-12)
    # All children of an expanded node are there, none of any other.
    kept = set(by_path(label, label.masses))
    for node, is_expanded in enumerate(label.expanded):
        path = label.path(node)
        children = {other for other in said if other[:-1] == path and other}
        assert children & kept == (children if is_expanded else set())
    # The best paths are spelled out.
    best = sorted(stops, reverse=True)[:keep]
    assert sorted(label.stops, reverse=True)[: len(best)] == pytest.approx(best)
    assert [p for _, p in label.best(keep)] == [p for p in best if p > 0]
    assert label.parents[0] == -1 and all(label.parents[1:] < np.arange(1, len(label.parents)))


@settings(max_examples=100, deadline=None)
@given(cuts(), st.data())
def test_what_is_unknown_stays_in_its_bucket(cut, data):
    """Nodes whose children are not known are never spelled out, nor is anything below them."""
    parents, relations, stops, keep = cut
    unknown_at = data.draw(st.sets(st.integers(1, len(parents) - 1)))
    above = [set() for _ in parents]
    for node in range(1, len(parents)):
        above[node] = above[parents[node]] | ({node} & unknown_at)
    # All mass below an unknown node is its own, whatever hangs there.
    unknown, known = np.zeros(len(parents)), stops.copy()
    for node, hidden in enumerate(above):
        if hidden:
            unknown[min(hidden)] += stops[node] + 0.01 * (node in unknown_at)
            known[node] = 0.0
    whole = known.sum() + unknown.sum()
    known, unknown = known / whole, unknown / whole
    label = keep_best("q", parents, relations, known, keep, unknown)
    spelled = {label.path(node) for node, is_open in enumerate(label.expanded) if is_open}
    bare = keep_best("q", parents, relations, known, len(parents))
    hidden = {bare.path(node) for node in range(len(parents)) if above[node]}
    assert not spelled & hidden
    assert label.stops.sum() + label.rest == pytest.approx(1.0, rel=1e-12)
    assert label.rest >= unknown.sum() - 1e-12
    said = by_path(bare, bare.stops)
    lost = {bare.path(node): mass for node, mass in enumerate(unknown.tolist())}
    for path, mass in by_path(label, label.masses).items():
        below = sum(said[other] + lost[other] for other in said if other[: len(path)] == path)
        assert mass == pytest.approx(below, rel=1e-12, abs=1e-15)


def test_a_label_is_called_by_its_question_and_where_there_are_several_by_its_topic():
    one = Question("q7", "?", "en", ("ann",), ())
    assert label_key(one, "ann") == "q7"
    both = Question("q8", "?", "en", ("ann", "bob"), ())
    assert [label_key(both, topic) for topic in both.topics] == ["q8 @ ann", "q8 @ bob"]


def test_a_cut_by_hand():
    #        root -- a (.1) -- b (.2) -- c (.05)
    #           `--- d (.5) -- e (.15)
    parents = np.array([-1, 0, 0, 1, 2, 3], np.int32)
    names = ("", "a", "d", "b", "e", "c")
    label = keep_best("q", parents, names, np.array([0, 0.1, 0.5, 0.2, 0.15, 0.05]), 2)
    assert label.relations == ("", "a", "d", "b", "e", "c")
    assert label.expanded.tolist() == [True, True, True, True, False, False]
    assert label.masses == pytest.approx([1.0, 0.35, 0.65, 0.25, 0.15, 0.05])
    assert label.stops.tolist() == [0, 0.1, 0.5, 0.2, 0, 0]
    assert label.rest == pytest.approx(0.2)
    assert label.best(9) == [(("d",), 0.5), (("a", "b"), 0.2), (("a",), 0.1)]
    narrow = keep_best("q", parents, names, np.array([0, 0.1, 0.5, 0.2, 0.15, 0.05]), 1)
    assert narrow.relations == ("", "a", "d", "e")
    assert narrow.parents.tolist() == [-1, 0, 0, 2]
    assert narrow.masses == pytest.approx([1.0, 0.35, 0.65, 0.15])


@pytest.fixture
def labels():
    draw = np.random.default_rng(0)
    parents = np.array([-1, 0, 0, 1, 1, 2], np.int32)
    names = ("", "born in", "~child", "国籍", "a|b", "spouse")
    made = []
    for number in range(3):
        stops = np.append(0.0, draw.dirichlet(np.ones(5)))
        made.append(keep_best(f"q{number}", parents, names, stops, number + 1))
    return made


def test_a_file_gives_back_every_bit(tmp_path, labels):
    write_labels(tmp_path / "labels.parquet", labels, SOURCE)
    read, source = read_labels(tmp_path / "labels.parquet", "content", "weights")
    assert source == SOURCE
    assert list(read) == ["q0", "q1", "q2"]
    for label in labels:
        back = read[label.question]
        assert back.relations == label.relations
        for name in ("parents", "stops", "masses", "expanded"):
            mine, theirs = getattr(label, name), getattr(back, name)
            assert mine.dtype == theirs.dtype
            assert mine.tobytes() == theirs.tobytes()
    row = pq.read_table(tmp_path / "labels.parquet").to_pylist()[0]
    relations, probability = labels[0].best(1)[0]
    assert row["best"][0] == {"path": " ".join(relations), "probability": probability}
    assert row["rest"] == labels[0].rest > 0


def test_no_labels_are_a_file_too(tmp_path):
    write_labels(tmp_path / "labels.parquet", [], SOURCE)
    assert read_labels(tmp_path / "labels.parquet", "content", "weights") == ({}, SOURCE)


def test_labels_for_anything_else_are_stale(tmp_path, labels):
    folder = tmp_path / "mine"
    folder.mkdir()
    write_labels(folder / "labels.parquet", labels, SOURCE)
    with pytest.raises(Stale, match="'mine' were made for another version of graph 'g'; label"):
        read_labels(folder / "labels.parquet", "other", "weights")
    with pytest.raises(Stale, match="'mine' were made by another training of teacher 't'; label"):
        read_labels(folder / "labels.parquet", "content", "other")


@pytest.mark.parametrize("damage", ["missing", "text", "cut", "no metadata", "other metadata"])
def test_a_damaged_file_is_refused(tmp_path, labels, damage):
    path = tmp_path / "labels.parquet"
    write_labels(path, labels, SOURCE)
    table = pq.read_table(path)
    if damage == "missing":
        path.unlink()
    elif damage == "text":
        path.write_text("path,probability\n")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "no metadata":
        pq.write_table(table.replace_schema_metadata(None), path)
    else:
        other = {"provenance": json.dumps({"teacher": "t"})}
        pq.write_table(table.replace_schema_metadata(other), path)
    with pytest.raises(FormatError, match="is missing or is not a file of labels; label again"):
        read_labels(path, "content", "weights")


def test_a_file_with_other_columns_is_refused(tmp_path):
    path = tmp_path / "labels.parquet"
    table = pa.table({"question": ["q0"]})
    written = {"provenance": json.dumps(asdict(SOURCE))}
    pq.write_table(table.replace_schema_metadata(written), path)
    with pytest.raises(FormatError, match="is missing or is not a file of labels; label again"):
        read_labels(path, "content", "weights")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"parents": [0, 0]},
        {"parents": [-1, 1]},
        {"parents": [-1, 5]},
        {"parents": [-1]},
        {"parents": []},
        {"stops": [0.5, -0.5]},
        {"masses": [1.0, float("nan")]},
        {"masses": [2.0, 1.0]},
        {"relations": [""]},
        {"stops": None},
    ],
    ids=str,
)
def test_a_tree_that_is_none_is_refused(tmp_path, spoilt):
    row = {"question": "q", "best": [], "rest": 0.0, "parents": [-1, 0], "relations": ["", "r"]}
    row |= {"stops": [0.5, 0.5], "masses": [1.0, 0.5], "expanded": [True, True]}
    source = json.dumps(asdict(SOURCE))
    for values, is_read in ((row, True), (row | spoilt, False)):
        schema = _SCHEMA.with_metadata({"provenance": source})
        pq.write_table(pa.Table.from_pylist([values], schema=schema), tmp_path / "l.parquet")
        if is_read:
            labels, _ = read_labels(tmp_path / "l.parquet", SOURCE.graph_hash, SOURCE.teacher_hash)
            assert labels["q"].best(1) == [((), 0.5)]
        else:
            with pytest.raises(FormatError, match="is not a file of labels; label again"):
                read_labels(tmp_path / "l.parquet", SOURCE.graph_hash, SOURCE.teacher_hash)
