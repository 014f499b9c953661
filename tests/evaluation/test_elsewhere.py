"""Questions asked of a topic where their path does not run."""

from core.evaluation.elsewhere import with_unanswerable
from core.graph.linking import Linker
from core.records import looked_for
from core.verify.checking import check_path
from tests.question_trees import question


def held_out():
    return [
        question(0, "Who is married to Carl Berg?", "carl", ["gina"], [("spouse",)]),
        question(1, "Who are the children of Ann Berg's spouse?", "ann", ["carl", "dora"],
                 [("spouse", "child")]),
        question(2, "Where is Dora Berg-Lund from?", "dora", ["peru"], [("nationality",)]),
        question(3, "Who is a friend of Emma?", "emma", ["finn"], [("friend",)]),
    ] * 3  # fmt: skip


def test_what_is_made_looks_for_what_its_topic_lacks(graph):
    questions = held_out()
    asked = with_unanswerable(Linker(graph), questions)
    assert asked[: len(questions)] == questions
    made = asked[len(questions) :]
    assert 0 < len(made) <= 3
    for one in made:
        (path,) = one.paths
        assert not one.answers and not one.answerable and looked_for(path)
        assert check_path(graph, graph.entity(one.topics[0]), path).supported
        assert graph.label(graph.entity(one.topics[0])) in one.text
    assert with_unanswerable(Linker(graph), questions) == asked


def test_a_set_that_has_some_stays_as_it_is(graph):
    questions = [*held_out(), question(9, "How tall is Emma?", "emma", [], [("∄",)])]
    assert with_unanswerable(Linker(graph), questions) == questions
    alone = [question(0, "Who is Emma's friend?", "emma", ["finn"])]  # no gold path is known
    assert with_unanswerable(Linker(graph), alone) == alone
