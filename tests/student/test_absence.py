"""What a student says the graph lacks: exact beside its paths, and at no cost in columns."""

import numpy as np
import pytest

from core.answers.student_scorer import StudentScorer
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.records import TOPIC_MARK, looked_for
from core.student import packing
from core.student.absence import absent_posterior, absent_relations
from core.student.decoding import decode_paths
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.packing import pack
from core.student.posterior import path_posterior, spelled_tree
from core.teacher.reasoning import missing_paths
from tests.question_trees import names
from tests.tiny_student import SpellerOfBefore, tiny_student

TRIPLES = (
    ("a", "born", "b"),
    ("a", "spouse", "d"),
    ("b", "born_in", "c"),
    ("d", "born", "b"),
    ("d", "出生地", "e"),
)
QUESTION = f"Where was {TOPIC_MARK} born?"
ALL = 2000
"""Beams: more than there are paths."""


@pytest.fixture(scope="module")
def graph():
    return KnowledgeGraph.build("g", TRIPLES)


@pytest.fixture(scope="module", params=["forward", "both"])
def shape(request):
    return TreeShape(2, request.param)


@pytest.fixture(scope="module")
def scorer(graph, shape):
    model, speller = tiny_student()
    return StudentScorer(Student("s", graph, shape, model, speller, {}), Linker(graph))


@pytest.fixture(scope="module")
def spoken(scorer, graph):
    """All that the student may say about `a`, searched token by token, with its probabilities."""
    one = scorer.student
    tries = [GraphTrie(graph, graph.entity("a"), one.shape, one.speller)]
    (paths,) = decode_paths(one.model, one.speller, [QUESTION], ALL, tries)
    return {path.relations: path.probability for path in paths}


def test_all_that_may_be_said_sums_to_one_and_is_what_an_exhaustive_search_finds(
    scorer, graph, spoken
):
    spelled = scorer.spelled(graph.entity("a"))
    found = scorer.posterior(QUESTION, spelled)
    assert (found.path + found.missing + found.none).sum() == pytest.approx(1, abs=1e-9)
    for node, prefix in enumerate(names(graph, spelled.tree)):
        lacking = [p for p in spoken if p[:-1] == prefix and looked_for(p)]
        missing = sum(spoken[path] for path in lacking)
        assert found.missing[node] == pytest.approx(missing, abs=1e-9)
        assert found.none[node] == pytest.approx(spoken.get((*prefix, "∄"), 0.0), abs=1e-9)
        assert found.path[node] == pytest.approx(spoken.get(prefix, 0.0), abs=1e-9)
    assert sum(spoken.values()) == pytest.approx(1, abs=1e-9)
    assert found.missing[0] > 0 and found.none[0] > 0


def test_what_is_meant_is_named_as_a_search_names_it(scorer, graph, spoken, monkeypatch):
    monkeypatch.setattr("core.answers.student_scorer.NAMED", 0.0)
    spelled = scorer.spelled(graph.entity("a"))
    posterior = scorer.posterior(QUESTION, spelled)
    missing = scorer.missing(QUESTION, spelled, posterior)
    named = missing_paths(graph, spelled.tree, missing)
    wanted = {path: p for path, p in spoken.items() if looked_for(path) is not None}
    assert named == pytest.approx(wanted, abs=1e-9)
    monkeypatch.setattr("core.answers.student_scorer.NAMED", 1.1)
    missing = scorer.missing(QUESTION, spelled, posterior)
    unnamed = missing_paths(graph, spelled.tree, missing)
    assert {path[-1] for path in unnamed} == {"∄"}
    assert sum(unnamed.values()) == pytest.approx(sum(wanted.values()), abs=1e-9)


def test_names_of_what_is_missing_sum_to_one(scorer, graph):
    one, prompt = scorer.student, scorer.student.speller.prompt(QUESTION)
    absent = ["spouse", "~spouse", "born_in", "born_on"]
    found = absent_posterior(one.model, prompt, one.speller, ("born",), absent)
    assert found.sum() == pytest.approx(1, abs=1e-9) and (found > 0).all()


def test_absence_costs_no_column(scorer, graph):
    """Its two ways on are read off columns that are there in any case."""
    spelled = scorer.spelled(graph.entity("a"))
    before = spelled_tree(
        graph,
        graph.entity("a"),
        scorer.student.shape,
        SpellerOfBefore(scorer.student.speller.tokenizer),
    )
    columns = []
    for one in (spelled, before):
        inner = [bool(children) for children in one.trie.children]
        (row,) = pack(one.trie, inner, packing.LONGEST)
        columns.append(len(row.tokens))
    assert columns[0] == columns[1]
    assert (spelled.missing >= 0).any() and (before.missing < 0).all() and (before.none < 0).all()


def test_a_student_of_before_keeps_its_posterior(scorer, graph):
    """Its paths among themselves are as probable as they were: nothing else may be said."""
    one = scorer.student
    speller = SpellerOfBefore(one.speller.tokenizer)
    spelled = spelled_tree(graph, graph.entity("a"), one.shape, speller)
    found = path_posterior(one.model, speller.prompt(QUESTION), spelled)
    assert found.path.sum() == pytest.approx(1, abs=1e-9)
    assert not found.missing.any() and not found.none.any()


def test_where_every_relation_leads_on_none_is_missing():
    graph = KnowledgeGraph.build("g", [("a", "born", "b"), ("c", "born", "a")])
    model, speller = tiny_student()
    spelled = spelled_tree(graph, graph.entity("a"), TreeShape(1), speller)
    assert (spelled.missing < 0).all() and spelled.none[0] >= 0
    (paths,) = decode_paths(
        model, speller, [QUESTION], 9, [GraphTrie(graph, graph.entity("a"), TreeShape(1), speller)]
    )
    assert {path.relations for path in paths} == {("born",), ("~born",), ("∄",)}


def test_the_relations_that_a_place_lacks(graph):
    count = graph.relation_count
    assert absent_relations(graph, "forward", [0]).tolist() == list(range(1, count))
    assert absent_relations(graph, "both", [count]).tolist() == [
        *range(count),
        *range(count + 1, 2 * count),
    ]
    assert np.array_equal(absent_relations(graph, "both", ()), np.arange(2 * count))
