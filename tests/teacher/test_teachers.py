"""A teacher on disk: the same after opening, refused where its graph or files have changed."""

import pytest
import torch

from core.errors import FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.teacher.path_policy import PathPolicy
from core.teacher.question_trees import batch_trees
from core.teacher.teachers import open_teacher, save_teacher
from core.workspace import Workspace
from tests.family_graph import TRIPLES, family
from tests.question_trees import question


@pytest.fixture
def policy(tmp_path):
    torch.manual_seed(0)
    return PathPolicy(family(tmp_path), 16, 1).eval()


@pytest.fixture
def workspace(tmp_path, policy):
    made, graph = Workspace(), family(tmp_path)
    with made.publish("graphs", "family") as folder:
        graph.save(folder)
    card = {
        "name": "t",
        "graph": "family",
        "graph_hash": graph.hash,
        "settings": {"width": 16, "message_passing": 1},
    }
    with made.publish("teachers", "t") as folder:
        save_teacher(folder, policy, TreeShape(2, "forward"), card)
    return made


def test_an_opened_teacher_scores_as_before(workspace, policy):
    teacher = open_teacher(workspace, "t")
    assert teacher.shape == TreeShape(2, "forward")
    assert not teacher.policy.training
    tree = teacher.grower().grow(question(0, "Who is the spouse of Carl?", "carl", ["gina"]))
    batch = batch_trees([tree], policy.relation_words)
    assert torch.equal(teacher.policy(batch).path, policy(batch).path)


def test_a_teacher_remembers_its_weights(workspace, policy):
    before = open_teacher(workspace, "t").hash
    assert before == open_teacher(workspace, "t").hash
    with torch.no_grad():
        policy.score.bias += 1
    folder = workspace.folder("teachers", "t")
    save_teacher(folder, policy, TreeShape(2), open_teacher(workspace, "t").card)
    assert open_teacher(workspace, "t").hash != before


def test_another_graph_makes_it_stale(workspace):
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="Teacher 't' was trained on another version of graph 'family'"):
        open_teacher(workspace, "t")


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_damaged_weights_are_refused(workspace, damage, tmp_path):
    path = workspace.folder("teachers", "t") / "weights.safetensors"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    elif damage == "gone":
        path.unlink()
    else:
        card = open_teacher(workspace, "t").card
        save_teacher(path.parent, PathPolicy(family(tmp_path), 32, 1), TreeShape(2), card)
    with pytest.raises(FormatError, match="weights.safetensors is missing or damaged; train the"):
        open_teacher(workspace, "t")


def test_an_unknown_teacher_or_graph_is_said(workspace):
    with pytest.raises(NotFound, match="nothing named 'u' among the teachers"):
        open_teacher(workspace, "u")
    workspace.delete("graphs", "family")
    with pytest.raises(NotFound, match="nothing named 'family' among the graphs"):
        open_teacher(workspace, "t")
