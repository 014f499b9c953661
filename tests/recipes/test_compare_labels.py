"""Teacher beside student: both sides exact on one tree."""

import json
import math
import shutil

import numpy as np
import pytest

from core.answers import model_cache
from core.answers.naming import Naming
from core.errors import NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import keep_best
from core.recipes import compare_labels
from core.recipes.compare_labels import Side, choice_divergence, path_divergence
from core.report import Silent
from core.results.comparison import ComparedNode, Comparison, NodeShare
from core.settings import CompareSettings
from core.workspace import Workspace
from pages.parts.answers.soft_label_view import divergence

QUESTION = "What is the nationality of Bob Berg's children?"
SIDES = ("teacher", "student")


def compare(workspace, question=QUESTION, **settings):
    wanted = CompareSettings(student="s", question=question, **settings)
    return compare_labels.run(wanted, Silent(), workspace).as_record()


@pytest.fixture(scope="module")
def comparison(world):
    return compare(world)


def leaves(nodes):
    parents = {node["parent"] for node in nodes}
    return [node for node in nodes if node["id"] not in parents]


def test_the_comparison_is_whole(comparison):
    assert json.loads(json.dumps(comparison, allow_nan=False)) == comparison
    assert (comparison["teacher"], comparison["student"]) == ("t", "s")
    assert comparison["topics"][0]["id"] == "bob"
    root, *others = comparison["nodes"]
    assert (root["parent"], root["relation"], root["path"]) == (None, None, [])
    assert {node["parent"] for node in others} <= {node["id"] for node in comparison["nodes"]}
    for node in others:
        assert node["stop"] == (node["relation"] is None)


def test_masses_are_products_and_add_up(comparison):
    nodes = {node["id"]: node for node in comparison["nodes"]}
    for side in SIDES:
        for node in nodes.values():
            if node["parent"] is not None:
                above = nodes[node["parent"]][side]["mass"]
                assert node[side]["mass"] == pytest.approx(above * node[side]["probability"])
    end = {side: sum(leaf[side]["mass"] for leaf in leaves(comparison["nodes"])) for side in SIDES}
    assert end["teacher"] == pytest.approx(1, abs=1e-6)
    assert end["student"] + comparison["off_graph"] == pytest.approx(1, abs=1e-6)
    assert 0 < comparison["off_graph"] < 1


def test_the_divergences_are_those_of_the_nodes(comparison):
    expected = sum(
        leaf["teacher"]["mass"] * math.log(leaf["teacher"]["mass"] / leaf["student"]["mass"])
        for leaf in leaves(comparison["nodes"])
        if leaf["teacher"]["mass"] > 0
    )
    assert comparison["kl_path"] == pytest.approx(expected, abs=1e-6)
    assert 0 < comparison["kl_choice"] < comparison["kl_path"]


def test_the_screen_counts_the_same_divergence_of_choices(comparison):
    nodes = comparison["nodes"]
    choices, masses = {}, {}
    for side in SIDES:
        within = {}
        for node in nodes:
            siblings = [n[side]["probability"] for n in nodes if n["parent"] == node["parent"]]
            within[node["id"]] = node[side]["probability"] / sum(siblings)
        choices[side] = within
        masses[side] = {node["id"]: node[side]["mass"] for node in nodes}
    shown = divergence(Comparison.from_record(comparison).nodes, choices, masses)
    assert shown == pytest.approx(comparison["kl_choice"], abs=1e-6)


def test_paths_are_the_ways_to_stop(comparison):
    stops = {tuple(node["path"]): node for node in comparison["nodes"] if node["stop"]}
    for path in comparison["paths"]:
        node = stops[tuple(path["relations"])]
        for side in SIDES:
            assert path[side] == pytest.approx(node[side]["mass"])
    shown = sum(path["teacher"] for path in comparison["paths"])
    assert shown + comparison["rest"] == pytest.approx(1, abs=1e-6)


def test_a_label_beside_itself_does_not_differ():
    cut, teacher = small_label()
    assert path_divergence(cut, teacher, teacher) == 0
    assert choice_divergence(cut, teacher, teacher) == 0


def test_mass_outside_the_graph_is_no_fault_of_the_choices():
    cut, teacher = small_label()
    depths = np.array([len(cut.path(node)) for node in range(len(cut.parents))])
    # Half of every choice is lost, in the same way to all that the graph allows.
    leaking = Side(teacher.masses * 0.5**depths, teacher.stops * 0.5 ** (depths + 1))
    assert choice_divergence(cut, teacher, leaking) == pytest.approx(0, abs=1e-12)
    ends = compare_labels.leaves(cut, teacher)
    steps = depths + cut.expanded  # to stop is a step as well
    expected = float(np.sum(ends * steps)) * math.log(2)
    assert path_divergence(cut, teacher, leaking) == pytest.approx(expected)


def test_a_student_that_stops_too_rarely_chooses_otherwise():
    cut, teacher = small_label()
    hasty = Side(teacher.masses, teacher.stops * np.array([1, 0.5, 1, 1, 1]))
    assert choice_divergence(cut, teacher, hasty) > 0


def small_label():
    """Two first hops; the first leads on to two, of which one stays a bucket."""
    parents, stops = np.array([-1, 0, 0, 1, 1]), np.array([0, 0.2, 0.1, 0.65, 0.05])
    cut = keep_best("asked", parents, ("", "a", "b", "c", "d"), stops, 3)
    assert cut.expanded.tolist() == [True, True, True, True, False]
    return cut, Side(cut.masses, cut.stops)


def test_only_so_many_nodes_are_shown_with_their_parents(world, monkeypatch):
    monkeypatch.setattr(compare_labels, "MOST_NODES", 9)
    nodes = compare(world)["nodes"]
    assert len(nodes) == 9
    known = {node["id"] for node in nodes}
    assert all(node["parent"] in known for node in nodes if node["parent"] is not None)


def test_buckets_hold_what_is_not_spelled_out(world, monkeypatch):
    whole = compare(world)
    monkeypatch.setattr(compare_labels, "KEPT", 2)
    cut = compare(world)
    assert len(leaves(cut["nodes"])) < len(leaves(whole["nodes"]))
    assert sum(leaf["teacher"]["mass"] for leaf in leaves(cut["nodes"])) == pytest.approx(1)
    assert cut["off_graph"] < whole["off_graph"]  # a bucket hides what leaves the graph below it
    assert cut["rest"] > whole["rest"]


def test_unknown_student(world):
    with pytest.raises(NotFound, match=r"nothing named 'x' among the students \(there: s\)"):
        compare_labels.run(CompareSettings(student="x", question="Who?"), Silent(), world)


def test_no_topic_is_recognised(world):
    with pytest.raises(NotFound, match="No entity of graph 'family' was recognised"):
        compare(world, "Qwxyz?")


def test_unknown_topic(world):
    with pytest.raises(NotFound, match="graph 'family' has no entity 'nobody'"):
        compare(world, topic="nobody")


def test_nothing_leads_on_from_the_topic(world):
    with pytest.raises(NotFound, match="No relation leads on from 'Zed'"):
        compare(world, topic="zed")


def test_a_teacher_of_another_graph_is_refused(world, tmp_path, monkeypatch):
    teacher = model_cache.teacher(world, "t")
    other = type("Other", (), {"hash": "other", "name": "films"})()
    stranger = type("Stranger", (), {"graph": other, "name": "t"})()
    monkeypatch.setattr(model_cache, "teacher", lambda *_: stranger)
    with pytest.raises(Stale, match="'t' reasons over graph 'films' now, student 's' speaks about"):
        compare(world)
    assert teacher.graph.name == "family"


def test_a_student_whose_teacher_is_gone(world, tmp_path):
    mine = Workspace(tmp_path / "mine")
    for kind in ("graphs", "students"):
        shutil.copytree(world.root / kind, mine.root / kind)
    with pytest.raises(NotFound, match=r"nothing named 't' among the teachers \(there: none yet\)"):
        compare(mine)


def test_a_node_says_what_its_path_reaches_where_that_is_there():
    graph = KnowledgeGraph.build("g", [("ann", "knows", "bob"), ("ann", "knows", "eve")])
    share = NodeShare(probability=1.0, mass=1.0)

    def reached(*path):
        node = ComparedNode(
            id=1, parent=0, relation=None, stop=False, path=path, teacher=share, student=share
        )
        found = compare_labels._reaching(Naming(graph, "en"), graph.entity("ann"), node)
        return {one.id for one in found.frontier}, found.frontier_size

    assert reached("knows") == ({"bob", "eve"}, 2)
    assert reached() == ({"ann"}, 1)
    assert reached("knows", "∄knows") == (set(), 0)
