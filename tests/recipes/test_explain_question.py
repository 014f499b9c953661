"""Watching a teacher: the trace adds up, and what it shows exists."""

import json
import shutil

import pytest

from core.answers import model_cache
from core.errors import NotFound, SettingsError
from core.graph.path_tree import follow_path
from core.recipes import explain_question, suppose_otherwise, train_teacher
from core.records import Question, looked_for
from core.report import Silent
from core.settings import ExplainSettings, TeacherSettings, WhatIfSettings
from core.workspace import Workspace

QUESTION = "What is the nationality of Bob Berg's children?"


def explain(workspace, question=QUESTION, **settings):
    wanted = ExplainSettings(teacher="t", question=question, **settings)
    return explain_question.run(wanted, Silent(), workspace).as_record()


@pytest.fixture(scope="module")
def trace(world):
    return explain(world)


def test_the_trace_is_whole(trace):
    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    assert (trace["teacher"], trace["language"]) == ("t", "en")
    assert trace["topics"] == [{"id": "bob", "label": "Bob Berg", "match": "exact", "score": 1.0}]
    assert [hop["hop"] for hop in trace["hops"]] == [1, 2]


def test_words_show_the_topic_by_its_label(trace):
    said = ["what", "is", "the", "nationality", "of", "Bob Berg", "s", "children"]
    assert trace["words"] == said
    for hop in trace["hops"]:
        assert len(hop["attention"]) == len(said)
        assert sum(hop["attention"]) == pytest.approx(1, abs=1e-6)


def test_masses_add_up(trace):
    masses = {0: 1.0} | {n["id"]: n["mass"] for hop in trace["hops"] for n in hop["nodes"]}
    stops = {0: 0.0} | {
        n["id"]: n["mass"] * n["stop"] for hop in trace["hops"] for n in hop["nodes"]
    }
    below = dict.fromkeys(masses, 0.0)
    for hop in trace["hops"]:
        shown = [node["mass"] for node in hop["nodes"]]
        assert shown == sorted(shown, reverse=True)
        for node in hop["nodes"]:
            below[node["parent"]] += node["mass"]
            assert node["mass"] == pytest.approx(masses[node["parent"]] * node["probability"])
            assert len(node["path"]) == hop["hop"]
            assert node["path"][-1] == node["relation"]["id"]
    missing = {n["id"]: n["mass"] * n["missing"] for hop in trace["hops"] for n in hop["nodes"]}
    missing[0] = trace["unsaid"] - sum(missing.values())
    for node, mass in masses.items():
        assert mass == pytest.approx(stops[node] + missing[node] + below[node], abs=1e-6)


def test_what_the_graph_lacks_is_told_with_its_mark(trace):
    told = [one["probability"] for one in trace["missing"]]
    assert told and told == sorted(told, reverse=True)
    assert sum(told) <= trace["unsaid"] + 1e-6 < 1
    for one in trace["missing"]:
        assert looked_for(tuple(one["relations"])) is not None
        assert len(one["labels"]) == len(one["relations"])


def test_frontiers_show_the_best_known_first(trace, graph):
    for node in (node for hop in trace["hops"] for node in hop["nodes"]):
        degrees = [graph.degree([graph.entity(e["id"])])[0] for e in node["frontier"]]
        assert degrees == sorted(degrees, reverse=True)
        assert node["frontier_size"] == len(node["frontier"]) > 0


def test_paths_and_rest_are_everything(trace):
    shown = [path["probability"] for path in trace["paths"]]
    assert shown == sorted(shown, reverse=True)
    assert sum(shown) + trace["unsaid"] + trace["rest"] == pytest.approx(1, abs=1e-6)


def test_chains_stand_in_the_graph_and_end_at_answers(trace, graph):
    for path in trace["paths"]:
        assert path["chains"]
        assert path["labels"] == path["relations"]  # the family's English labels are its ids
        for chain, answer in zip(path["chains"], path["answers"], strict=False):
            assert [hop["relation"]["id"] for hop in chain] == path["relations"]
            assert chain[0]["head"]["id"] == "bob"
            assert chain[-1]["tail"] == answer
            for hop in chain:
                head, tail = (graph.entity(hop[end]["id"]) for end in ("head", "tail"))
                assert graph.has(head, graph.relation(hop["relation"]["id"]), tail)


def test_edges_exist_and_carry_the_mass_of_their_nodes(trace, graph):
    edges = trace["edges"]
    assert 0 < len(edges) <= explain_question.MOST_EDGES
    assert len(
        {(e["hop"], e["source"]["id"], e["relation"]["id"], e["target"]["id"]) for e in edges}
    ) == len(edges)
    for edge in edges:
        head, tail = graph.entity(edge["source"]["id"]), graph.entity(edge["target"]["id"])
        assert graph.has(head, graph.relation(edge["relation"]["id"]), tail)
    first = {node["relation"]["id"]: node["mass"] for node in trace["hops"][0]["nodes"]}
    for edge in edges:
        if edge["hop"] == 1:
            assert edge["source"]["id"] == "bob"
            assert edge["probability"] == pytest.approx(first[edge["relation"]["id"]])


def test_edges_of_the_best_chain_are_drawn(trace):
    drawn = {
        (e["hop"], e["source"]["id"], e["relation"]["id"], e["target"]["id"])
        for e in trace["edges"]
    }
    for chain in trace["paths"][0]["chains"]:
        for number, hop in enumerate(chain, start=1):
            ends = hop["head"]["id"], hop["relation"]["id"], hop["tail"]["id"]
            assert (number, *ends) in drawn


def test_an_answer_is_as_probable_as_the_paths_that_reach_it(trace):
    reaching = {answer["id"]: 0.0 for answer in trace["answers"]}
    for path in trace["paths"]:
        for answer in path["answers"]:
            reaching[answer["id"]] = reaching.get(answer["id"], 0.0) + path["probability"]
    for answer in trace["answers"]:
        assert answer["probability"] == pytest.approx(
            reaching[answer["id"]], abs=trace["rest"] + 1e-6
        )


def test_the_two_best_paths_part_where_their_relations_do(trace):
    first, second = (path["labels"] for path in trace["paths"][:2])
    shared = [a for n, a in enumerate(first) if first[: n + 1] == second[: n + 1]]
    following = [(labels[len(shared) :] or [None])[0] for labels in (first, second)]
    assert trace["parting"] == {
        "shared": shared,
        "next": following,
        "probabilities": [path["probability"] for path in trace["paths"][:2]],
    }
    assert following[0] != following[1]


def test_what_message_passing_moved_most_is_told(world, trace):
    masses = {n["id"]: n["mass"] for hop in trace["hops"] for n in hop["nodes"]}
    prefixes = {n["id"]: n["path"] for hop in trace["hops"] for n in hop["nodes"]}
    told = trace["message_passing"]
    moved = [abs(one["with"] - one["without"]) for one in told]
    assert moved == sorted(moved, reverse=True)
    assert moved and min(moved) >= explain_question.LEAST
    for one in told:
        assert one["with"] == pytest.approx(masses[one["node"]])
        assert one["labels"] == prefixes[one["node"]]  # the family's English labels are its ids
    # What it would be without is what the blind policy says of the same tree.
    teacher = model_cache.teacher(world, "t")
    asked = Question("q", QUESTION, "en", ("bob",), ())
    (blind,) = teacher.scorer.whole(teacher.grower().grow(asked), without_message_passing=True)
    without = {one["node"]: one["without"] for one in told}
    assert without == pytest.approx({node: float(blind.mass[node]) for node in without}, abs=1e-6)


@pytest.fixture(scope="module")
def small_world(world, tmp_path_factory):
    """Teachers for whom the family is a large graph: `narrow`, and `plain` with no messages."""
    made = Workspace(tmp_path_factory.mktemp("small"))
    for kind in ("graphs", "questions"):
        shutil.copytree(world.root / kind, made.root / kind)
    common = {"graph": "family", "questions": "asked", "hops": 2, "epochs": 1, "width": 16}
    for name, changes in (("narrow", {"max_paths": 16}), ("plain", {"message_passing": 0})):
        teaching = TeacherSettings(name=name, device="cpu", directions="both", **common, **changes)
        train_teacher.run(teaching, Silent(), made)
    return made


def test_a_tree_grown_as_needed_is_told_as_any_other(small_world, graph):
    wanted = ExplainSettings(teacher="narrow", question=QUESTION)
    trace = explain_question.run(wanted, Silent(), small_world).as_record()
    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    assert trace["message_passing"] is None  # the blind would have grown another tree
    masses = {0: 1.0} | {n["id"]: n["mass"] for hop in trace["hops"] for n in hop["nodes"]}
    assert len(masses) > 16  # more than was grown at once
    for node in (node for hop in trace["hops"] for node in hop["nodes"]):
        assert node["mass"] == pytest.approx(masses[node["parent"]] * node["probability"])
    shown = [path["probability"] for path in trace["paths"]]
    assert sum(shown) + trace["unsaid"] + trace["rest"] == pytest.approx(1, abs=1e-6)
    for path in trace["paths"]:
        codes = tuple(graph.relation(name) for name in path["relations"])
        assert len(follow_path(graph, graph.entity("bob"), codes)) == len(codes) + 1


def test_without_message_passing_there_is_nothing_to_tell_of_it(small_world):
    wanted = ExplainSettings(teacher="plain", question=QUESTION)
    assert (
        explain_question.run(wanted, Silent(), small_world).as_record()["message_passing"] is None
    )


def test_in_chinese(world):
    trace = explain(world, "鲍勃·伯格的子女是哪国人？")
    assert trace["words"][0] == "鲍勃·伯格"
    assert {node["relation"]["label"] for node in trace["hops"][0]["nodes"]} == {
        "子女", "朋友", "国籍", "配偶",
    }  # fmt: skip


def test_the_same_question_gives_the_same_trace(world, trace):
    again = explain(world)
    assert {**again, "seconds": 0} == {**trace, "seconds": 0}


def test_several_topics_meet_as_counting_by_hand_says(world, graph):
    both = "Who is a child of Ann Berg and of Bob Berg?"
    trace = explain(world, both, topic="ann", also=("bob",))
    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    assert [topic["id"] for topic in trace["topics"]] == ["ann", "bob"]
    (beside,) = trace["beside"]
    assert {"words", "hops", "edges", "paths", "parting", "rest"} <= beside.keys()
    assert {e["source"]["id"] for e in beside["edges"] if e["hop"] == 1} == {"bob"}
    teacher = model_cache.teacher(world, "t")
    trees = teacher.grower().grow(Question("q", both, "en", ("ann", "bob"), ()))
    one, other = teacher.scorer.score(trees)
    meetings = {}
    for u in range(1, len(one.tree)):
        for v in range(1, len(other.tree)):
            common = {*one.tree.frontier(u).tolist()} & {*other.tree.frontier(v).tolist()}
            if common:
                meetings[u, v] = one.path[u] * other.path[v], common
    total = sum(product for product, _ in meetings.values())
    chance = {}
    for product, common in meetings.values():
        for entity in common:
            name = graph.entity_id(entity)
            said = (1 - one.missing.total) * (1 - other.missing.total)
            chance[name] = chance.get(name, 0.0) + product / total * said
    told = {answer["id"]: answer["probability"] for answer in trace["answers"]}
    assert told == pytest.approx({name: chance[name] for name in told}, abs=1e-6)
    best = sorted((product / total for product, _ in meetings.values()), reverse=True)
    likely = [meeting["probability"] for meeting in trace["meetings"]]
    assert likely == pytest.approx(best[: explain_question.MOST_PATHS], abs=1e-6)
    for meeting in trace["meetings"]:
        codes = [[graph.relation(name) for name in path] for path in meeting["paths"]]
        ends = [
            follow_path(graph, graph.entity(topic), path)[-1].tolist()
            for topic, path in zip(("ann", "bob"), codes, strict=True)
        ]
        assert meeting["reached"] == len({*ends[0]} & {*ends[1]})
        assert {a["id"] for a in meeting["answers"]} == {
            graph.entity_id(entity) for entity in {*ends[0]} & {*ends[1]}
        }


def test_one_topic_meets_nothing(trace):
    assert (trace["beside"], trace["meetings"]) == ([], [])


def test_a_topic_named_twice(world):
    with pytest.raises(SettingsError, match="each of its topics once; found bob, bob"):
        explain(world, also=("bob",))


def test_a_further_topic_that_leads_nowhere(world):
    with pytest.raises(NotFound, match="No relation leads on from 'Zed' in graph 'family'"):
        explain(world, topic="bob", also=("zed",))


def test_unknown_teacher(world):
    with pytest.raises(NotFound, match=r"nothing named 'x' among the teachers \(there: t\)"):
        explain_question.run(ExplainSettings(teacher="x", question="Who?"), Silent(), world)


def test_no_topic_is_recognised(world):
    with pytest.raises(NotFound, match="No entity of graph 'family' was recognised"):
        explain(world, "Qwxyz?")


def test_unknown_topic(world):
    with pytest.raises(NotFound, match="graph 'family' has no entity 'nobody'"):
        explain(world, topic="nobody")


def test_nothing_leads_on_from_the_topic(world):
    with pytest.raises(NotFound, match="No relation leads on from 'Zed' in graph 'family'; choose"):
        explain(world, "Who is married to Zed?")


def test_what_is_taken_away_is_not_walked_and_the_rest_is_thought_anew(world, trace):
    both = ("bob|child|dora", "bob|child|carl")
    less = explain(world, without_edges=both)
    walked = {tuple(node["path"]) for hop in less["hops"] for node in hop["nodes"]}
    assert {("child",), ("child", "nationality")}.isdisjoint(walked) and walked
    assert sum(path["probability"] for path in less["paths"]) + less["rest"] + less[
        "unsaid"
    ] == pytest.approx(1)
    supposed = suppose_otherwise.run(
        WhatIfSettings(teacher="t", question=QUESTION, without_edges=both), Silent(), world
    )
    after = {change.relations: change.after for change in supposed.paths}
    told = {tuple(path["relations"]): path["probability"] for path in less["paths"]}
    both_tell = after.keys() & told.keys()
    assert len(both_tell) > 1
    assert {path: after[path] for path in both_tell} == pytest.approx(
        {path: told[path] for path in both_tell}, rel=1e-5
    )


def test_a_word_that_is_silenced_is_not_attended_to(world, trace):
    less = explain(world, without_words=("nationality",))
    assert less["words"] == [word for word in trace["words"] if word != "nationality"]
    assert less["answers"] != trace["answers"]


def test_where_all_is_taken_away_nothing_leads_on(world):
    facts = ("friend|bob", "nationality|peru", "spouse|ann", "child|carl", "child|dora")
    edges = (*(f"bob|{fact}" for fact in facts), "ann|spouse|bob")
    with pytest.raises(NotFound, match="No relation leads on from 'Bob Berg'"):
        explain(world, without_edges=edges)
