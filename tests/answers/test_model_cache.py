"""What stays open when a graph is changed: its names, unless these have changed."""

from core.answers import model_cache
from core.graph.changes import changed, changes_to
from core.graph.linking import Linker
from tests.family_graph import TRIPLES


def test_names_are_gathered_anew_only_where_they_have_changed(graph, monkeypatch):
    gathered = []

    def counted(one):
        gathered.append(one.hash)
        return Linker(one)

    monkeypatch.setattr(model_cache, "Linker", counted)
    monkeypatch.setattr(model_cache, "_linkers", {})
    fewer = changed(graph, changes_to(graph, remove=[("bob", "spouse", "ann")]))
    named = changed(graph, changes_to(graph, names=[("entities", "bob", "label:en", "Robert")]))
    for one in (graph, fewer, graph, named, fewer):
        linker = model_cache.linker(one)
        assert linker.graph is one
        assert [m.entity for m in linker.link("Who is Ann Berg?")] == [
            m.entity for m in Linker(one).link("Who is Ann Berg?")
        ]
    assert gathered == [graph.hash, named.hash]
    assert [m.surface for m in model_cache.linker(named).link("Is Robert here?")] == ["Robert"]


def test_a_linker_ranks_namesakes_by_the_edges_of_the_graph_that_it_is_over(graph):
    ann, other = graph.entity("ann"), graph.entity("ann2")
    facts = [fact for fact in TRIPLES if "ann" in fact]
    bare = changed(graph, changes_to(graph, remove=facts))
    linker = Linker(graph)
    for one, first in ((linker, ann), (linker.over(bare), other), (linker, ann)):
        assert one.read("ann berg").mentions[0].entity == first
