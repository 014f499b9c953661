"""The growing trie allows exactly the paths that exist, and grows only where somebody goes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import Growth, TreeShape
from core.records import looked_for
from core.student.graph_trie import GraphTrie
from tests.question_trees import walked
from tests.tiny_student import RELATIONS, SpellerOfBefore, tiny_student

SPELLER = tiny_student()[1]
NAMES = [name for name in RELATIONS if not name.startswith("~")]
TRIPLE = st.tuples(st.sampled_from("abcd"), st.sampled_from(NAMES), st.sampled_from("abcd"))
SHAPES = st.builds(TreeShape, st.integers(1, 2), st.sampled_from(["forward", "both"]))


def spoken(trie):
    """Every token sequence that the trie allows to its end, with the node there."""
    found, growing = [], [((), 0)]
    for tokens, node in growing:
        following = trie.following(node)
        if not following:
            found.append((tokens, node))
        growing += [((*tokens, token), below) for token, below in following.items()]
    return found


def trie_of(triples, shape, topic=None):
    graph = KnowledgeGraph.build("g", triples)
    return GraphTrie(graph, graph.entity(topic or triples[0][0]), shape, SPELLER)


@settings(max_examples=30, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=6), st.integers(1, 2))
def test_exactly_the_existing_paths_are_allowed(triples, hops):
    trie = trie_of(triples, TreeShape(hops))
    existing = [path for path in walked(triples, triples[0][0], hops) if path]
    allowed = {*existing, *lacking(triples, [(), *existing], hops)}
    assert sorted(tokens for tokens, _ in spoken(trie)) == sorted(
        tuple(SPELLER.spell(path)) for path in allowed
    )


def lacking(triples, existing, hops):
    """What may be looked for in vain: at each path that may go on, what does not, or none at all.

    Nothing is looked for where nothing leads on from the topic itself.
    """
    names = {name for _, name, _ in triples}
    names |= {f"~{name}" for name in names}
    for path in existing:
        on = {other[-1] for other in existing if other and other[:-1] == path}
        if on or 0 < len(path) < hops:
            yield (*path, "∄")
            yield from ((*path, f"∄{name}") for name in names - on)


@settings(max_examples=30, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=6), SHAPES)
def test_a_student_of_before_says_what_exists_alone(triples, shape):
    trie = trie_of(triples, shape)
    of_today = [trie.path(end) for _, end in spoken(trie)]
    of_before = GraphTrie(
        trie.graph,
        trie.graph.entity(triples[0][0]),
        shape,
        SpellerOfBefore(SPELLER.tokenizer),
    )
    said = [of_before.path(end) for _, end in spoken(of_before)]
    assert sorted(said) == sorted(path for path in of_today if looked_for(path) is None)


@settings(max_examples=30, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=6), SHAPES)
def test_an_end_knows_its_path(triples, shape):
    trie = trie_of(triples, shape)
    for tokens, end in spoken(trie):
        assert tuple(SPELLER.spell(trie.path(end))) == tokens


def test_a_topic_that_leads_nowhere_allows_nothing():
    graph = KnowledgeGraph.build("g", [("a", "born", "b")])
    trie = GraphTrie(graph, graph.entity("b"), TreeShape(2, "forward"), SPELLER)
    assert trie.following(0) == {}


def test_only_where_somebody_goes_does_it_grow(monkeypatch):
    grown = []
    below = Growth.children
    monkeypatch.setattr(
        Growth, "children", lambda self, node: (grown.append(node), below(self, node))[1]
    )
    triples = [("a", "born", "b"), ("a", "spouse", "c"), ("b", "born_in", "d"), ("c", "born", "d")]
    trie = trie_of(triples, TreeShape(2, "forward"))
    assert grown == []
    node = 0
    for token in (*SPELLER.relation("spouse"), SPELLER.hop):
        node = trie.following(node)[token]
    assert len({*grown}) == 1  # the root: all of its relations are spelled, none is followed
    assert SPELLER.stop in trie.following(node)
    trie.following(node)
    assert len({*grown}) == 2


def test_relations_that_are_spelled_alike_are_one():
    class Deaf(type(SPELLER)):
        def relation(self, name):
            return SPELLER.relation(name.removeprefix("~"))

    graph = KnowledgeGraph.build("g", [("a", "born", "b"), ("c", "born", "a")])
    trie = GraphTrie(graph, graph.entity("a"), TreeShape(1), Deaf(SPELLER.tokenizer))
    assert sorted(trie.path(end) for _, end in spoken(trie)) == [("born",), ("∄",)]
