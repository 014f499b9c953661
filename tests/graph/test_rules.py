"""Rules: what a path implies, how often it is right, and what it would add, with proofs."""

import random

import numpy as np
import pytest

from core.errors import FormatError, NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.rules import (
    Rule,
    Steps,
    calibrated,
    mine,
    outcome,
    proof,
    proposals,
    read_rule,
    written,
)


def country(people=120, wrong=0.1):
    """People are of the country of their town, but for a share of them; some are of none known."""
    draw = random.Random(0)
    facts = [(f"t{n}", "country", f"c{n % 5}") for n in range(20)]
    for n in range(people):
        town = draw.randrange(20)
        facts.append((f"p{n}", "born", f"t{town}"))
        nation = draw.randrange(5) if draw.random() < wrong else town % 5
        if n % 6:
            facts.append((f"p{n}", "nation", f"c{nation}"))
    facts += [(f"p{n}", "spouse", f"p{n + 1}") for n in range(0, people - 1, 2)]
    facts += [(f"p{n + 1}", "spouse", f"p{n}") for n in range(0, people - 1, 2)]
    return KnowledgeGraph.build("g", facts)


@pytest.fixture(scope="module")
def graph():
    return country()


def test_a_path_that_implies_a_relation_is_found_and_counted(graph):
    steps = Steps(graph)
    found = {written(graph, rule): rule for rule in mine(steps)}
    rule = found["born, country => nation"]
    assert found["~spouse => spouse"].confidence == 1
    truth = {f"p{n}" for n in range(120) if n % 6}
    assert rule.implied == len(truth) and 0.85 <= rule.confidence < 1
    new = proposals(steps, rule)
    heads = {graph.entity_id(one) for one in new.nonzero()[0]}
    assert heads == {f"p{n}" for n in range(0, 120, 6)}


def test_a_proof_is_a_path_of_facts(graph):
    steps = Steps(graph)
    rule = read_rule(graph, "born, country => nation")
    for x, y in zip(*proposals(steps, rule).nonzero(), strict=True):
        way = proof(steps, rule, int(x), int(y))
        assert way[0] == x and way[-1] == y
        assert all(graph.has(a, c, b) for a, c, b in zip(way, rule.body, way[1:], strict=False))
    assert proof(steps, rule, 0, 0) is None


def test_no_body_turns_back_or_walks_the_fact_that_it_explains(graph):
    for rule in mine(Steps(graph)):
        backward = [graph.inverse(code) for code in rule.body]
        assert not any(one == other for one, other in zip(backward, rule.body[1:], strict=False))
        assert rule.body != (rule.head,)


def test_what_comes_back_to_where_it_began_explains_nothing():
    facts = [("rome", "part of", "italy"), ("italy", "capital", "rome"), ("rome", "in", "europe")]
    steps = Steps(KnowledgeGraph.build("g", facts))
    assert not any(len(rule.body) == 3 for rule in mine(steps))
    with pytest.raises(NotFound):
        read_rule(steps.graph, "part of, capital, in => in")
    more = KnowledgeGraph.build("g", [*facts, ("milan", "part of", "italy")])
    rule = Rule(tuple(map(more.relation, ("part of", "capital", "in"))), more.relation("in"), 1, 1)
    (x,), (y,) = proposals(Steps(more), rule).nonzero()
    assert (more.entity_id(x), more.entity_id(y)) == ("milan", "europe")


def test_what_is_shown_is_what_comes_true():
    whole = country(people=600)
    kept = np.random.default_rng(5).random(whole.triple_count) >= 0.2
    steps = Steps(whole, kept)
    ids = [
        (whole.entity_id(h), whole.relation_id(r), whole.entity_id(t))
        for h, r, t in zip(whole.heads[kept], whole.relations[kept], whole.tails[kept], strict=True)
    ]
    shown = calibrated(KnowledgeGraph.build("part", ids))
    assert shown.checked > 100
    rule = next(one for one in mine(steps) if written(whole, one) == "born, country => nation")
    right, of = outcome(steps, Steps(whole), rule)
    assert of > 20 and abs(shown(rule.confidence) - right / of) < 0.15


def test_rules_of_noise_are_not_believed():
    draw = random.Random(1)
    facts = {(f"e{draw.randrange(40)}", f"r{draw.randrange(4)}", f"e{draw.randrange(40)}")
             for _ in range(300)}  # fmt: skip
    graph = KnowledgeGraph.build("noise", sorted(facts))
    shown = calibrated(graph)
    assert all(shown(rule.confidence) < 0.5 for rule in mine(Steps(graph)))


def test_a_rule_is_read_as_it_is_written(graph):
    rule = read_rule(graph, " born ,country=>nation")
    assert isinstance(rule, Rule) and written(graph, rule) == "born, country => nation"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("born, country", FormatError),
        ("=> nation", FormatError),
        ("born, country =>", FormatError),
        ("born, country, born, country => nation", FormatError),
        ("born => ~nation", FormatError),
        ("born => nothing", NotFound),
        ("country => spouse", NotFound),
    ],
)
def test_what_is_no_rule_is_a_sentence(graph, text, error):
    with pytest.raises(error):
        read_rule(graph, text)
