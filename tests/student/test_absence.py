"""What a student says the graph lacks: exact, beside its paths."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.answers.student_scorer import StudentScorer
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.records import TOPIC_MARK
from core.student import packing
from core.student.absence import absent_relations
from core.student.decoding import decode_paths
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.packing import pack
from core.student.posterior import path_posterior, spelled_tree
from core.teacher.reasoning import missing_paths
from tests.question_trees import names
from tests.tiny_student import SpellerOfBefore, log_probability, tiny_student

TRIPLES = (
    ("a", "born", "b"),
    ("a", "spouse", "d"),
    ("b", "born_in", "c"),
    ("d", "born", "b"),
    ("d", "出生地", "e"),
)
QUESTION = f"Where was {TOPIC_MARK} born?"


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
def mass(scorer):
    """The student's probability of saying some tokens after the question: one by one."""
    one = scorer.student
    prompt = one.speller.prompt(QUESTION)

    @torch.no_grad()
    def of(tokens):
        return float(log_probability(one.model, prompt, tokens).sum().exp()) if tokens else 1.0

    return of


def test_paths_are_as_probable_as_it_is_to_say_them_and_all_sums_to_one(scorer, graph, mass):
    one = scorer.student
    missing, none = one.speller.absent
    spelled = scorer.spelled(graph.entity("a"))
    tree = spelled.tree
    found = path_posterior(one.model, one.speller.prompt(QUESTION), spelled)
    ends = found.path + found.missing + found.none + found.beside
    assert ends.sum() == pytest.approx(1, abs=1e-9)
    for node, prefix in enumerate(names(graph, tree)):
        said = one.speller.spell(prefix)[:-1]
        assert found.reached[node] == pytest.approx(mass(said), rel=1e-9)
        stopped = mass([*said, one.speller.stop]) if node else 0.0
        assert found.path[node] == pytest.approx(stopped, rel=1e-9)
        if tree.depths[node] < one.shape.hops:
            assert found.missing[node] == pytest.approx(mass([*said, missing]), rel=1e-9)
            assert found.none[node] == pytest.approx(mass([*said, none]), rel=1e-9)
        else:
            assert found.missing[node] == found.none[node] == 0
        below = found.reached[tree.children(node)].sum()
        assert ends[node] + below == pytest.approx(found.reached[node], rel=1e-9)


def test_what_is_meant_is_all_that_can_be_meant(scorer, graph, mass, monkeypatch):
    """Paths, relations that a place lacks (as missing or just so), and none; nothing else."""
    speller, shape = scorer.student.speller, scorer.student.shape
    monkeypatch.setattr("core.answers.student_scorer.NAMED", 0.0)
    spelled = scorer.spelled(graph.entity("a"))
    posterior = scorer.posterior(QUESTION, spelled)
    prefixes = names(graph, spelled.tree)
    relations = [graph.relation_id(code) for code in range(2 * graph.relation_count)]
    if shape.directions == "forward":
        relations = [name for name in relations if not name.startswith("~")]
    wanted = {path: mass(speller.spell(path)) for path in prefixes[1:]}
    for path in prefixes:
        if len(path) == shape.hops:  # nothing can be asked beyond
            continue
        said = speller.spell(path)[:-1]
        wanted[*path, "∄"] = mass([*said, speller.absent[1]])
        for name in relations:
            if (*path, name) not in prefixes:
                ways = (*path, name), (*path, f"∄{name}")
                wanted[*path, f"∄{name}"] = sum(mass(speller.spell(way)[:-1]) for way in ways)
    whole = sum(wanted.values())
    found = missing_paths(graph, spelled.tree, posterior.missing)
    found |= dict(zip(prefixes[1:], posterior.path[1:].tolist(), strict=True))
    assert found.keys() == wanted.keys()
    assert found == pytest.approx({path: p / whole for path, p in wanted.items()}, rel=1e-8)
    assert sum(found.values()) == pytest.approx(1, abs=1e-9)


def test_what_is_missing_is_weighed_as_the_card_says(scorer, graph):
    spelled = scorer.spelled(graph.entity("a"))
    plain = StudentScorer(scorer.student, Linker(graph)).posterior(QUESTION, spelled)
    doubting = replace(scorer.student, card={"absence_weight": 0.1})
    weighed = StudentScorer(doubting, Linker(graph)).posterior(QUESTION, spelled)
    odds = plain.missing.total / plain.path.sum()
    assert weighed.missing.total / weighed.path.sum() == pytest.approx(0.1 * odds, rel=1e-9)
    assert weighed.missing.total + weighed.path.sum() == pytest.approx(1, abs=1e-9)
    assert weighed.path / weighed.path.sum() == pytest.approx(plain.path / plain.path.sum())
    otherwise = scorer.weighing(None, 0.1).posterior(QUESTION, spelled)
    assert otherwise.missing.total == pytest.approx(weighed.missing.total, rel=1e-5)


def test_a_relation_that_the_topic_lacks_is_missing_whatever_is_learned_of_it(graph):
    """A student that always says `spouse` says of a topic without one that this is missing."""
    model, speller = tiny_student()
    said = speller.spell(("spouse",))
    rows = torch.tensor([speller.prompt(QUESTION) + said])
    wanted = rows.clone()
    wanted[:, : -len(said)] = -100
    learning = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(60):
        learning.zero_grad()
        model(rows, labels=wanted).loss.backward()
        learning.step()
    scorer = StudentScorer(
        Student("s", graph, TreeShape(2, "forward"), model, speller, {}), Linker(graph)
    )
    for topic, lacks in (("a", False), ("b", True)):
        spelled = scorer.spelled(graph.entity(topic))
        posterior = scorer.posterior(QUESTION, spelled)
        missing = posterior.missing
        assert (missing.total > 0.9) == lacks and (posterior.path.sum() > 0.9) != lacks
        if lacks:
            found = missing_paths(graph, spelled.tree, missing)
            assert max(found, key=found.get) == ("∄spouse",)


def test_what_is_missing_takes_no_columns(scorer, graph):
    """`<missing>` and `<none>` are read off columns that are there in any case."""
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
