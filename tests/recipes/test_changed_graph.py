"""A student and a teacher go on with a graph that was changed since they learned it."""

import shutil

import numpy as np

from core.graph.dependants import dependants
from core.graph.import_report import describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.manifests import seal
from core.recipes import answer_question, edit_graph
from core.report import Silent
from core.settings import AskSettings, GraphEditSettings
from core.teacher.teachers import open_teacher
from core.workspace import Workspace, write_json


def test_a_student_answers_from_its_graph_as_it_is_now_and_says_that_it_was_changed(
    world, tmp_path
):
    """No training in between; what was learned about relations stays, facts are read anew."""
    space = Workspace(tmp_path / "changed")
    shutil.copytree(world.root, space.root)
    graph = KnowledgeGraph.open(space.open("graphs", "family"))
    write_json_report(space, graph)
    topic, code, tail = fact_of(graph, "spouse")
    question = f"Who is married to {graph.label(topic)}?"
    settings = AskSettings(student="s", question=question, topic=graph.entity_id(topic))
    before = answer_question.run(settings, Silent(), space)
    assert before.graph_changes == 0
    ends = graph.entity_id(topic), graph.relation_id(code)
    edit = GraphEditSettings(
        graph="family",
        remove=(",".join((*ends, graph.entity_id(tail))),),
        add=(",".join((*ends, "somebody_new")),),
        names=("somebody_new,label:en,Somebody New",),
    )
    edit_graph.run(edit, Silent(), space)
    after = answer_question.run(settings, Silent(), space)
    assert after.graph_changes == 3
    reached = {
        one.id for path in after.paths if path.relations == ("spouse",) for one in path.answers
    }
    assert "somebody_new" in reached and graph.entity_id(tail) not in reached
    assert open_teacher(space, "t").graph.hash != graph.hash
    ways = {one.kind: one.way_on for one in dependants(space, "family")}
    assert ways["questions"] == "before_training" and ways["students"] == "measure"


def fact_of(graph, relation):
    """A fact of a relation whose head has no other."""
    code = graph.relation(relation)
    for head in range(graph.entity_count):
        tails = graph.follow(np.array([head]), code)
        if len(tails) == 1:
            return head, code, int(tails[0])
    raise AssertionError(relation)


def write_json_report(space, graph):
    """The graph of this world was never imported: it lacks a report."""
    folder = space.folder("graphs", "family")
    write_json(folder / "import.json", describe(graph, (), ()).as_record())
    seal(folder, kind="graphs", name="family")
