"""Graphs from a SPARQL endpoint: whole or around an entity, resumed, and nobody else is asked."""

from pathlib import Path

import pytest

from core.addresses import is_public
from core.errors import FormatError, NotFound, RunFailed, SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers import endpoint, harvest
from core.recipes import import_graph
from core.report import Silent
from core.settings import GraphImportSettings, checked
from tests.sparql_server import EX, serving

FACTS = [(f"p{n}", "knows", f"p{n + 1}") for n in range(30)]
FACTS += [(f"p{n}", "label", f'"Person {n}') for n in range(31)]
FACTS += [("p3", "height", '"1.65'), ("lone", "knows", "hermit")]


class Kept(Silent):
    def __init__(self, folder):
        self.folder = Path(folder)


@pytest.fixture(scope="module")
def server():
    with serving(FACTS) as state:
        yield state


@pytest.fixture(autouse=True)
def quick(server, monkeypatch):
    monkeypatch.setattr(harvest, "PAGE", 7)
    monkeypatch.setattr(endpoint.time, "sleep", lambda seconds: None)
    server.asked.clear()
    server.most, server.dies_after, server.answers = None, None, []


def brought(server, workspace, report=None, **more):
    given = {"sparql": server.url, "allow_private": True, **more}
    settings = GraphImportSettings(name="g", **given)
    return import_graph.run(settings, report or Silent(), workspace)


def test_a_whole_graph_comes_page_by_page(server, workspace):
    made = brought(server, workspace)
    graph = KnowledgeGraph.open(workspace.open("graphs", "g"))
    assert (graph.triple_count, made.report.skipped) == (32, 0)
    assert graph.label(graph.entity(f"{EX}p3")) == "Person 3"
    assert graph.relation_ids[:2] == ("height", "knows")
    assert len(server.asked) == -(-len(FACTS) // 7) + 1  # one that finds no more
    assert made.report.files[0].file == "127.0.0.1.nt"


def test_an_endpoint_that_gives_less_than_is_asked_for_is_read_to_its_end(server, workspace):
    server.most = 4
    brought(server, workspace)
    assert KnowledgeGraph.open(workspace.open("graphs", "g")).triple_count == 32


def test_a_neighbourhood_reaches_as_far_as_said_and_has_names(server, workspace):
    brought(server, workspace, around=f"{EX}p3", hops=2)
    graph = KnowledgeGraph.open(workspace.open("graphs", "g"))
    people = {name for n in range(31) if (name := graph.find_entity(f"{EX}p{n}")) is not None}
    assert {graph.label(one) for one in people} == {f"Person {n}" for n in range(1, 6)}
    assert graph.triple_count == 5  # four times knows, and a height


def test_what_was_told_is_not_asked_again_after_an_end_in_the_middle(server, workspace, tmp_path):
    server.dies_after = 5
    with pytest.raises(RunFailed, match="resume the run"):
        brought(server, workspace, Kept(tmp_path / "run"))
    assert not workspace.names("graphs")
    server.dies_after = None
    before = list(server.asked)
    brought(server, workspace, Kept(tmp_path / "run"))
    assert len(before) == 5 and not set(before) & set(server.asked[5:])
    assert KnowledgeGraph.open(workspace.open("graphs", "g")).triple_count == 32
    assert not list((tmp_path / "run").iterdir())


def test_no_more_facts_than_are_wanted(server, workspace):
    made = brought(server, workspace, most_facts=10)
    assert made.report.rows == 10


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ((302, {"Location": "http://10.0.0.1/"}, b""), FormatError, "sends on to"),
        ((200, {}, b"<html>hello"), FormatError, "is it an endpoint"),
        ((200, {}, b'{"head": {}, "boolean": true}'), FormatError, "is it an endpoint"),
        ((401, {}, b""), RunFailed, "status 401"),
    ],
)
def test_an_odd_answer_is_one_sentence(server, workspace, answer, error, says):
    server.answers = [answer]
    with pytest.raises(error, match=says):
        brought(server, workspace)
    assert not workspace.names("graphs") and len(server.asked) == 1


def test_who_is_busy_is_asked_again(server, workspace):
    server.answers = [(503, {"Retry-After": "1"}, b""), (429, {}, b"")]
    assert brought(server, workspace).triples == 32


def test_an_endless_answer_is_refused(server, workspace, monkeypatch):
    monkeypatch.setattr(endpoint, "LARGEST_ANSWER", 1000)
    server.answers = [(200, {}, b" " * 2000)]
    with pytest.raises(FormatError, match="larger than 1000 bytes"):
        brought(server, workspace)


def test_a_private_address_is_asked_only_when_it_is_meant(server, workspace):
    with pytest.raises(SettingsError, match="no public address: say --allow-private"):
        brought(server, workspace, allow_private=False)
    assert not server.asked


@pytest.mark.parametrize(
    ("address", "public"),
    [("93.184.216.34", True), ("10.1.2.3", False), ("169.254.169.254", False), ("::1", False),
     ("::ffff:127.0.0.1", False), ("fe80::1", False), ("0.0.0.0", False), ("224.0.0.1", False)],
)  # fmt: skip
def test_what_a_public_address_is(address, public):
    assert is_public(address) == public


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://ann:secret@example.org/sparql", "no place in the address"),
        ("https://ann@example.org/sparql", "no place in the address"),
        ("file:///etc/passwd", "no address of a SPARQL endpoint"),
        ("http://[", "no address of a SPARQL endpoint"),
        ("http://exa mple.org", "no address of a SPARQL endpoint"),
    ],
)
def test_an_address_is_checked_before_it_is_kept(url, says):
    with pytest.raises(SettingsError, match=says) as caught:
        checked(GraphImportSettings, {"name": "g", "sparql": url})
    assert "secret" not in str(caught.value)


def test_files_or_an_endpoint_and_not_both():
    for given in ({}, {"files": ("x",), "sparql": "https://example.org/sparql"}):
        with pytest.raises(SettingsError, match="either files or"):
            checked(GraphImportSettings, {"name": "g", **given})


def test_nothing_there_and_no_iri_are_sentences(server, workspace):
    with pytest.raises(NotFound, match="tells no facts about"):
        brought(server, workspace, around=f"{EX}nobody")
    with pytest.raises(FormatError, match="is no IRI"):
        brought(server, workspace, around="no iri> }")
