"""The trie allows exactly the paths that exist, token by token."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.labels.path_labels import keep_best
from core.student.path_trie import build_trie, graph_trie
from tests.question_trees import walked
from tests.tiny_student import RELATIONS, tiny_student

SPELLER = tiny_student()[1]
NAMES = [name for name in RELATIONS if not name.startswith("~")]
TRIPLE = st.tuples(st.sampled_from("abcd"), st.sampled_from(NAMES), st.sampled_from("abcd"))


def spoken(trie):
    """Every token sequence that the trie allows to its end."""
    found, growing = [], [()]
    for tokens in growing:
        following = trie.allowed(tokens)
        if not following:
            found.append(tokens)
        growing += [(*tokens, token) for token in following]
    return found


@settings(max_examples=30, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=6), st.integers(1, 2))
def test_exactly_the_existing_paths_are_allowed(triples, hops):
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    tree = grow_tree(graph, graph.entity(topic), TreeShape(hops))
    trie = graph_trie(graph, tree, SPELLER)
    existing = [path for path in walked(triples, topic, hops) if path]
    assert sorted(spoken(trie)) == sorted(tuple(SPELLER.spell(path)) for path in existing)


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
