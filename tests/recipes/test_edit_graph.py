"""Graphs that change: by files, by hand, and back again."""

import pytest

from core.errors import FormatError, NotFound, SettingsError, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers import read_graph
from core.graph.updating import look as look_at
from core.recipes import edit_graph, import_graph
from core.report import Silent
from core.settings import GraphEditSettings, GraphImportSettings
from core.workspace import Workspace, read_json

FACTS = "ann,knows,bob\nbob,knows,cy\n"


@pytest.fixture
def space(tmp_path):
    space = Workspace(tmp_path / "home")
    brought(space, tmp_path, FACTS, "new")
    return space


def brought(space, folder, text, way, *, look=False):
    file = folder / "facts.csv"
    file.write_text(text)
    settings = GraphImportSettings(name="g", files=(str(file),), update=way)
    if look:
        return look_at(space, "g", settings.files, "", way)
    return import_graph.run(settings, Silent(), space)


def edited(space, **settings):
    return edit_graph.run(GraphEditSettings(graph="g", **settings), Silent(), space)


def graph_of(space):
    return KnowledgeGraph.open(space.open("graphs", "g"))


def facts(space):
    graph = graph_of(space)
    return {
        f"{graph.entity_id(h)},{graph.relation_id(r)},{graph.entity_id(t)}"
        for h, r, t in zip(graph.heads, graph.relations, graph.tails, strict=True)
    }


def test_files_change_a_graph_once_they_were_looked_at(space, tmp_path):
    more = "ann,knows,bob\ncy,likes,ann\n"
    seen = brought(space, tmp_path, more, "add", look=True)
    assert (seen.added_examples, seen.kept) == ((("cy", "likes", "ann"),), None)
    assert facts(space) == {*FACTS.split()}
    made = brought(space, tmp_path, more, "add")
    assert (made.triples, made.change.added, made.change.kept.source) == (3, 1, "add: facts.csv")
    assert facts(space) == {*FACTS.split(), "cy,likes,ann"}
    brought(space, tmp_path, "bob,knows,cy\nno,such,fact\n", "remove")
    assert facts(space) == {"ann,knows,bob", "cy,likes,ann"}
    brought(space, tmp_path, "x,y,z\n", "whole")
    assert graph_of(space).hash == read_graph("g", [tmp_path / "facts.csv"])[0].hash
    assert read_json(space.open("graphs", "g") / "import.json")["triples"] == 1


def test_facts_and_names_are_put_right_by_hand_and_back(space):
    first = graph_of(space)
    wanted = {
        "add": ('ann,knows,"Dee, of X"',),
        "remove": ("bob,knows,cy",),
        "names": ("ann,label:en,Ann Ay", "ann,aliases,A|Annie", "knows,label:en,is known to"),
    }
    seen = edited(space, **wanted, look=True)
    assert (seen.added, seen.removed, seen.renamed, seen.entities) == (1, 1, 3, 1)
    assert graph_of(space).hash == first.hash
    edited(space, **wanted, version=first.hash, source="the archive")
    now = graph_of(space)
    assert facts(space) == {"ann,knows,bob", "ann,knows,Dee, of X"}
    ann = now.entity("ann")
    assert (now.label(ann), now.aliases(ann)) == ("Ann Ay", ("A", "Annie"))
    assert now.relation_label(0) == "is known to"
    with pytest.raises(Stale):
        edited(space, add=("a,b,c",), version=first.hash)
    assert edited(space, undo=1).kept.source == "undo of change 1"
    assert graph_of(space).hash == first.hash


def test_what_is_one_is_merged_after_a_look_and_undone(space):
    first = graph_of(space)
    edited(space, add=("ann b,knows,cy",))
    before = graph_of(space).hash
    seen = edited(space, merge=("ann,ann b",), look=True)
    assert (seen.added, seen.removed, seen.renamed) == (1, 1, 1)
    made = edited(space, merge=("ann,ann b",), version=before)
    assert made.kept.source == "merge: ann,ann b"
    assert facts(space) == {"ann,knows,bob", "ann,knows,cy", "bob,knows,cy"}
    edited(space, undo=2)
    assert graph_of(space).hash == before
    edited(space, undo=1)
    assert graph_of(space).hash == first.hash


def test_what_a_rule_implies_is_added_as_its_own_and_undone(space):
    facts_of_rule = ("bob,lives in,x", "x,part of,y", "bob,home,y", "ann,lives in,x")
    edited(space, add=facts_of_rule)
    before = graph_of(space).hash
    rule = "lives in, part of => home"
    assert edited(space, rule=rule, look=True).added_examples == (("ann", "home", "y"),)
    assert edited(space, rule=rule).kept.source == f"rule: {rule}"
    assert "ann,home,y" in facts(space)
    edited(space, undo=2)
    assert graph_of(space).hash == before


@pytest.mark.parametrize(
    ("wanted", "error", "says"),
    [
        ({}, SettingsError, "which change to undo"),
        ({"add": ("a,b,c",), "undo": 1}, SettingsError, "which change to undo"),
        ({"add": ("a,b",)}, FormatError, "has not 3 cells"),
        ({"add": ('a,"b,c',)}, FormatError, "has not 3 cells"),
        ({"add": ("a,~b,c",)}, FormatError, "is no fact"),
        ({"remove": ("ann,knows,cy",)}, NotFound, "does not hold the fact 'ann knows cy'"),
        ({"names": ("eve,label:en,Eve",)}, NotFound, "no entity 'eve'"),
        ({"names": ("ann,colour,red",)}, FormatError, "no kind of name"),
        ({"undo": 1}, NotFound, "no change 1; there are 0"),
        ({"merge": ("ann,bob",), "undo": 1}, SettingsError, "what to merge"),
        ({"merge": ("ann",)}, FormatError, "has not 2 cells"),
    ],
)
def test_what_is_no_change_is_a_sentence(space, wanted, error, says):
    before = graph_of(space).hash
    with pytest.raises(error, match=says):
        edited(space, **wanted)
    assert graph_of(space).hash == before
    with pytest.raises(NotFound):
        edit_graph.run(GraphEditSettings(graph="none", add=("a,b,c",)), Silent(), space)
