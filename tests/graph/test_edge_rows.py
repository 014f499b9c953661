"""Reading rows of edges against plain lists of triples, and how little of a hub's row is held."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph import edge_rows
from core.graph.edge_rows import EdgeRows

ENTITIES, RELATIONS = 6, 3

NUMBER = st.integers(0, ENTITIES - 1)
TRIPLES = st.sets(st.tuples(NUMBER, st.integers(0, RELATIONS - 1), NUMBER), max_size=40).map(sorted)
SOURCES = st.lists(NUMBER, max_size=8)  # repeated, in any order, or none
DIRECTIONS = st.sampled_from(["forward", "both"])


@pytest.fixture(autouse=True, params=[0, 2, 4096], ids="narrow={}".format)
def narrow(request, monkeypatch):
    """Rows are the same whether they are read whole or jumped through."""
    monkeypatch.setattr(edge_rows, "_NARROW", request.param)


def rows_of(triples):
    columns = np.array(triples, np.int32).reshape(-1, 3).T
    return EdgeRows.of(*columns, ENTITIES, RELATIONS)


def naive_edges(triples, sources, directions):
    """`(position, code, tail)` of every edge, in the order that rows keep."""
    both = [(h, r, t) for h, r, t in triples]
    if directions == "both":
        both += [(t, r + RELATIONS, h) for h, r, t in triples]
    return sorted((p, r, t) for p, source in enumerate(sources) for h, r, t in both if h == source)


def listed(*columns):
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=60, deadline=None)
@given(TRIPLES, SOURCES, DIRECTIONS)
def test_edges_are_those_of_the_triples(triples, sources, directions):
    found = rows_of(triples).edges(np.array(sources, int), directions)
    assert listed(*found) == naive_edges(triples, sources, directions)


@settings(max_examples=60, deadline=None)
@given(TRIPLES, SOURCES, DIRECTIONS, st.integers(0, 4))
def test_a_limit_keeps_the_lowest_tails_of_each_relation(triples, sources, directions, limit):
    taken = Counter()
    wanted = []
    for position, code, tail in naive_edges(triples, sources, directions):
        taken[position, code] += 1
        if taken[position, code] <= limit:
            wanted.append((position, code, tail))
    found = rows_of(triples).edges(np.array(sources, int), directions, limit)
    assert listed(*found) == wanted


@settings(max_examples=60, deadline=None)
@given(TRIPLES, SOURCES, DIRECTIONS)
def test_relations_are_told_and_counted(triples, sources, directions):
    counts = Counter(edge[:2] for edge in naive_edges(triples, sources, directions))
    found = rows_of(triples).relations_of(np.array(sources, int), directions)
    assert listed(*found) == [(*key, counts[key]) for key in sorted(counts)]


@settings(max_examples=60, deadline=None)
@given(TRIPLES, SOURCES, st.integers(0, 2 * RELATIONS - 1))
def test_one_relation_alone(triples, sources, code):
    wanted = [(p, t) for p, c, t in naive_edges(triples, sources, "both") if c == code]
    assert listed(*rows_of(triples).edges_along(np.array(sources, int), code)) == wanted


@settings(max_examples=60, deadline=None)
@given(TRIPLES, st.lists(st.tuples(NUMBER, st.integers(0, 2 * RELATIONS - 1), NUMBER)))
def test_edges_are_there_or_not(triples, asked):
    edges = {head: naive_edges(triples, [head], "both") for head in range(ENTITIES)}
    columns = np.array(asked, int).reshape(-1, 3).T
    wanted = [(0, code, tail) in edges[head] for head, code, tail in asked]
    assert rows_of(triples).holds(*columns).tolist() == wanted


HUB, SPOKES = 0, 200_000


@pytest.fixture(scope="module")
def hub():
    """A country of many: two edges leave it, the same two relations come in from 200,000."""
    spokes = np.arange(2, SPOKES + 2, dtype=np.int32)
    heads = np.concatenate([[HUB, HUB], np.repeat(spokes, 2)]).astype(np.int32)
    codes = np.concatenate([[0, 1], np.tile([0, 1], SPOKES)]).astype(np.int32)
    tails = np.concatenate([[1, 1], np.full(2 * SPOKES, HUB)]).astype(np.int32)
    return EdgeRows.of(heads, codes, tails, SPOKES + 2, 2)


def peak(read):
    """Bytes held at most while something is read."""
    tracemalloc.start()
    read()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        (lambda rows, at: rows.edges(at, "forward"), [(0, 0, 1), (0, 1, 1)]),
        (
            lambda rows, at: rows.edges(at, "both", limit=1),
            [(0, 0, 1), (0, 1, 1), (0, 2, 2), (0, 3, 2)],
        ),
        (
            lambda rows, at: rows.relations_of(at),
            [(0, 0, 1), (0, 1, 1), (0, 2, SPOKES), (0, 3, SPOKES)],
        ),
        (lambda rows, at: rows.edges_along(at, 1), [(0, 1)]),
    ],
    ids=["forward", "limit", "relations", "one relation"],
)
def test_a_hub_costs_what_is_asked_of_it(hub, read, wanted):
    at = np.array([HUB])
    assert listed(*read(hub, at)) == wanted
    assert peak(lambda: hub.edges(at)) > 1_000_000  # what it costs to read all of it
    assert peak(lambda: read(hub, at)) < 20_000


def test_asking_a_hub_for_some_edges_holds_little(hub):
    edges = np.array([[HUB, 3, SPOKES + 1], [HUB, 3, 1], [HUB, 1, 1]]).T
    assert hub.holds(*edges).tolist() == [True, False, True]
    assert peak(lambda: hub.holds(*edges)) < 20_000
