"""A label's tree in tokens: shared beginnings, stops and buckets."""

import numpy as np

from core.labels.path_labels import keep_best
from core.student.path_trie import build_trie
from tests.tiny_student import tiny_student

SPELLER = tiny_student()[1]


def test_relations_that_begin_alike_share_tokens():
    one, other = SPELLER.relation("born_in"), SPELLER.relation("born_on")
    assert one[0] == other[0] and len(one) > 1  # else the tests here show less than they should
    parents = [-1, 0, 0]
    trie = build_trie(parents, ("", "born_in", "born_on"), [True] * 3, SPELLER)
    assert trie.allowed([]) == [one[0]]
    prefixes = {
        (*tokens, SPELLER.hop)[:n] for tokens in (one, other) for n in range(1, len(tokens) + 2)
    }
    assert len(trie.children) == 1 + len(prefixes) + 2  # the root, and a stop for each


def test_a_path_may_go_on_where_another_stops_and_a_bucket_ends_in_its_hop():
    parents, names = np.array([-1, 0, 0, 1]), ("", "born", "spouse", "born_in")
    label = keep_best("q", parents, names, np.array([0.0, 0.5, 0.1, 0.4]), 2)
    assert label.expanded.tolist() == [True, True, False, True]
    trie = build_trie(label.parents, label.relations, label.expanded, SPELLER)
    born, spouse = list(SPELLER.relation("born")), list(SPELLER.relation("spouse"))
    first = SPELLER.relation("born_in")[0]
    assert set(trie.allowed([*born, SPELLER.hop])) == {SPELLER.stop, first}
    assert trie.allowed([*spouse]) == [SPELLER.hop]
    assert trie.allowed([*spouse, SPELLER.hop]) == []
    assert trie.ends[2] == -1 and trie.ends[0] == -1
    assert trie.allowed([*born, SPELLER.hop, SPELLER.stop]) == []
    assert trie.allowed([SPELLER.stop]) == []
