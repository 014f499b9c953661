"""Changes make exactly the graph that was asked for, and backwards the one that was."""

import random

import pyarrow as pa
import pytest

from core.errors import FormatError, NotFound, Stale
from core.graph.changes import Changes, changed, changes_to, one_after_another
from core.graph.history import change, history, since, undoing
from core.graph.import_report import describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.updating import update_to
from core.workspace import Workspace, write_json


def graph_of(facts, labels=()):
    ids = pa.table(
        {
            "id": [one for one, *_ in labels],
            "label:en": [label for _, label, _ in labels],
            "aliases": pa.array([aliases for *_, aliases in labels], pa.list_(pa.string())),
        }
    )
    return KnowledgeGraph.build("g", facts, ids if labels else None)


FACTS = [("a", "r", "b"), ("b", "r", "c"), ("c", "s", "a")]
LABELS = [("a", "Ay", ["A1"]), ("b", None, None), ("lone", "Lone", [])]


def listed(graph):
    return {
        (graph.entity_id(h), graph.relation_id(r), graph.entity_id(t))
        for h, r, t in zip(graph.heads, graph.relations, graph.tails, strict=True)
    }


def test_facts_and_names_come_go_and_come_back():
    graph = graph_of(FACTS, LABELS)
    found = changes_to(
        graph,
        [("a", "r", "b"), ("new", "t", "a")],
        [("c", "s", "a")],
        [("entities", "a", "label:zh", "甲"), ("entities", "a", "label:en", "")],
    )
    assert found.added == (("new", "t", "a"),)
    now = changed(graph, found)
    assert listed(now) == {("a", "r", "b"), ("b", "r", "c"), ("new", "t", "a")}
    assert (now.label(now.entity("a"), "zh"), now.column("entities", "label:en")[0].as_py()) == (
        "甲",
        None,
    )
    assert now.relation_ids[:3] == ("r", "s", "t")  # what lost its facts is still known
    again = changed(now, found.backwards())
    assert (again.hash, listed(again)) == (graph.hash, set(FACTS))
    assert Changes.from_json(found.as_json()) == found


def test_any_changes_one_after_another_are_one_and_can_be_undone():
    draw = random.Random(0)
    graph = first = graph_of(FACTS, LABELS)
    parts = []
    for _ in range(60):
        there = sorted(listed(graph))
        gone = draw.sample(there, min(draw.randrange(3), len(there) - 1))
        come = [
            (draw.choice("abcdef"), draw.choice("rst"), draw.choice("abcdef")) for _ in range(2)
        ]
        name = ("entities", "a", "label:en", draw.choice(["", "A", "B"]))
        part = changes_to(graph, set(come) - set(gone), gone, [name])
        graph = changed(graph, part)
        parts.append(part)
    whole = one_after_another(parts)
    assert changed(first, whole).hash == graph.hash
    back = one_after_another(part.backwards() for part in reversed(parts))
    assert changed(graph, back).hash == first.hash
    rebuilt = graph_of(sorted(listed(graph)))
    assert set(listed(graph)) == set(listed(rebuilt))


@pytest.mark.parametrize(
    ("add", "remove", "error"),
    [
        ([], [("a", "r", "c")], NotFound),
        ([], [("a", "nothing", "c")], NotFound),
        ([("a", "~r", "b")], [], FormatError),
        ([("", "r", "b")], [], FormatError),
        ([("x", "r", "b")], [("x", "r", "b")], FormatError),
    ],
)
def test_what_cannot_be_changed_is_refused(add, remove, error):
    with pytest.raises(error):
        changes_to(graph_of(FACTS), add, remove)
    with pytest.raises(NotFound):
        changes_to(graph_of(FACTS), names=[("entities", "nobody", "label:en", "N")])


def test_files_add_remove_or_are_the_whole_graph():
    graph = graph_of(FACTS, LABELS)
    said = graph_of([("a", "r", "b"), ("d", "t", "a")], [("a", "Aye", ["A2"]), ("e", "Eh", None)])
    more = changed(graph, update_to(graph, said, "add"))
    assert listed(more) == {*FACTS, ("d", "t", "a")}
    assert (more.label(more.entity("a")), more.aliases(more.entity("a"))) == ("Aye", ("A1", "A2"))
    assert more.label(more.entity("e")) == "Eh"
    less = changed(graph, update_to(graph, said, "remove"))
    assert listed(less) == {("b", "r", "c"), ("c", "s", "a")}
    found = update_to(graph, said, "whole")
    assert changed(graph, found).hash == said.hash
    assert changed(said, found.backwards()).hash == graph.hash


@pytest.fixture
def space(tmp_path):
    space = Workspace(tmp_path)
    graph = graph_of(FACTS, LABELS)
    with space.publish("graphs", "g") as folder:
        graph.save(folder)
        write_json(folder / "import.json", describe(graph, (), ()).as_record())
    return space


def test_a_graph_keeps_its_history_and_goes_back(space):
    first = KnowledgeGraph.open(space.open("graphs", "g"))
    for number in range(3):
        fact = ("a", "r", f"x{number}")
        change(space, "g", lambda graph, _, fact=fact: changes_to(graph, [fact]), f"no. {number}")
    folder = space.open("graphs", "g")
    assert [(one.number, one.source, one.added) for one in history(folder)] == [
        (1, "no. 0", 1),
        (2, "no. 1", 1),
        (3, "no. 2", 1),
    ]
    assert [one.number for one in since(folder, first.hash)] == [1, 2, 3]
    assert since(folder, "another") is None
    graph, _, version = change(space, "g", lambda _, place: undoing(place, 2), "undo")
    assert ("a", "r", "x0") in listed(graph) and ("a", "r", "x1") not in listed(graph)
    assert version.after == history(space.open("graphs", "g"))[0].after
    again, _, _ = change(space, "g", lambda _, place: undoing(place, 4), "undo")
    assert listed(again) == {*FACTS, *(("a", "r", f"x{n}") for n in range(3))}
    with pytest.raises(NotFound):
        undoing(space.open("graphs", "g"), 9)


def test_a_change_for_another_version_or_none_at_all_makes_nothing(space):
    def find(graph, _):
        return changes_to(graph, [FACTS[0]])

    assert change(space, "g", find, "nothing")[2] is None
    assert history(space.open("graphs", "g")) == ()
    with pytest.raises(Stale, match="was changed since you looked"):
        change(space, "g", find, "late", expected="0" * 64)
