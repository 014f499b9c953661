"""Which trees questions ask for."""

from dataclasses import replace

import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.recipes.tree_shape import choose_shape
from core.records import MISSING
from tests.family_loop import teaching
from tests.question_trees import question


def shape_for(graph, questions, **changes):
    return choose_shape(graph, questions, teaching(**{"hops": None, **changes}))


def golden(*path):
    """A question of which nothing but a gold path is known."""
    return replace(question(0, "", "carl", []), paths=(path,))


def test_the_smallest_trees_that_explain_the_answers_are_chosen(graph):
    one = [question(0, "", "carl", ["emma", "finn"]), question(1, "", "emma", ["finn"])]
    assert shape_for(graph, one) == TreeShape(1, "forward")
    two = [*one, question(2, "", "bob", ["gina"])]
    assert shape_for(graph, two) == TreeShape(2, "forward")
    nearly = [*[one[0]] * 39, two[2]]  # deeper trees are not worth one question in forty
    assert shape_for(graph, nearly) == TreeShape(1, "forward")
    back = [question(0, "", "dora", ["ann", "bob"])]
    assert shape_for(graph, back) == TreeShape(1, "both")
    assert shape_for(graph, back, hops=2) == TreeShape(2, "both")
    assert shape_for(graph, two, directions="both") == TreeShape(2, "both")
    assert shape_for(graph, two, hops=1, directions="forward") == TreeShape(1, "forward")


def test_where_no_trees_are_enough_the_smallest_of_the_best_are_chosen(graph):
    hard = [question(0, "", "carl", ["emma", "finn"]), question(1, "", "carl", ["zed"])]
    assert shape_for(graph, hard) == TreeShape(1, "forward")


def test_nothing_to_go_by_gives_three_hops_both_ways(graph):
    nowhere = [question(0, "", "nobody", ["emma"])]
    assert shape_for(graph, nowhere) == TreeShape(3, "both")
    assert shape_for(graph, [], hops=2, directions="forward") == TreeShape(2, "forward")


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (("child",), TreeShape(1, "forward")),
        (("spouse", "child", "nationality"), TreeShape(3, "forward")),
        (("spouse", "~child"), TreeShape(2, "both")),
        (("child", MISSING + "friend"), TreeShape(2, "forward")),  # looked for at the second hop
        ((MISSING + "~friend",), TreeShape(1, "both")),
        ((MISSING,), TreeShape(1, "forward")),
        (("child",) * 6, TreeShape(4, "forward")),  # no longer path is looked for
        (("no", "such", "relation"), TreeShape(3, "both")),  # tells nothing about this graph
    ],
)
def test_trees_are_as_deep_as_gold_paths_are_long_and_walk_back_where_these_do(graph, path, shape):
    assert shape_for(graph, [golden(*path)]) == shape


def test_a_gold_path_outweighs_a_shorter_one_to_the_same_answers(graph):
    """Of two topics that meet: each alone reaches the answers in one hop."""
    short = question(0, "", "carl", ["emma", "finn"])
    assert shape_for(graph, [short]) == TreeShape(1, "forward")
    told = replace(short, paths=(("spouse", "child"),))
    assert shape_for(graph, [told]) == TreeShape(2, "forward")
    assert shape_for(graph, [told], hops=1) == TreeShape(1, "forward")


def test_answers_count_where_no_gold_path_is_known(graph):
    """Gold paths say one hop, a third of the questions cannot be answered in fewer than two."""
    told = replace(question(0, "", "carl", ["emma", "finn"]), paths=(("child",),))
    untold = question(1, "", "bob", ["gina"])
    assert shape_for(graph, [told, told, untold]) == TreeShape(2, "forward")


def test_questions_about_several_topics_are_explained_where_their_paths_meet(graph):
    """Emma is a child of Carl's and a friend of Finn's: both, one hop each, say exactly her."""
    both = replace(question(0, "", "carl", ["emma"]), topics=("carl", "finn"))
    assert shape_for(graph, [both], directions="both") == TreeShape(1, "both")


def test_deeper_trees_are_not_grown_for_what_little_they_could_bring():
    """On a chain, answers are one hop away; two or ten in a hundred are three hops away."""
    chain = KnowledgeGraph.build("chain", [(f"e{n}", "next", f"e{n + 1}") for n in range(9)])
    near = [question(n, "", "e0", ["e1"]) for n in range(98)]
    far = [question(n, "", "e0", ["e3"]) for n in range(98, 100)]
    assert shape_for(chain, [*near, *far]) == TreeShape(1, "forward")
    assert shape_for(chain, [*near, *far * 5]) == TreeShape(3, "forward")
