"""A teacher on disk: the same after opening, refused where its graph or files have changed."""

import pytest
import torch
from safetensors.torch import save_file

from core.errors import FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.manifests import seal
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.teachers import open_teacher, save_teacher
from core.workspace import Workspace
from tests.family_graph import TRIPLES, family
from tests.question_trees import grown, question
from tests.resealed import unseal


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
        "kind": "policy",
        "graph": "family",
        "graph_hash": graph.hash,
        "settings": {"width": 16, "message_passing": 1},
    }
    with made.publish("teachers", "t") as folder:
        save_teacher(folder, TreeShape(2, "forward"), card, policy)
    return made


def test_an_opened_teacher_scores_as_before(workspace, policy):
    teacher = open_teacher(workspace, "t")
    assert teacher.shape == teacher.grower().shape == TreeShape(2, "forward")
    assert not teacher.scorer.policy.training
    asked = question(0, "Who is the spouse of Carl?", "carl", ["gina"])
    trees = grown(teacher.graph, teacher.shape, [asked])
    before = next(PolicyScorer(policy, teacher.graph, teacher.shape).score(trees))
    assert next(teacher.scorer.score(teacher.grower().grow(asked))).path.tobytes() == (
        before.path.tobytes()
    )


def test_a_temperature_is_kept(workspace, policy):
    before = open_teacher(workspace, "t").hash
    policy.temperature.fill_(1.75)
    folder = workspace.folder("teachers", "t")
    save_teacher(folder, TreeShape(2), open_teacher(workspace, "t").card, policy)
    seal(folder)
    again = open_teacher(workspace, "t")
    assert again.scorer.policy.temperature.item() == 1.75
    assert again.hash != before


def test_a_teacher_remembers_its_weights(workspace, policy):
    before = open_teacher(workspace, "t").hash
    assert before == open_teacher(workspace, "t").hash
    with torch.no_grad():
        policy.score.bias += 1
    folder = workspace.folder("teachers", "t")
    save_teacher(folder, TreeShape(2), open_teacher(workspace, "t").card, policy)
    seal(folder)
    assert open_teacher(workspace, "t").hash != before


def test_another_graph_makes_it_stale(workspace):
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="Teacher 't' was trained on another version of graph 'family'"):
        open_teacher(workspace, "t")


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_damaged_weights_are_refused(workspace, damage, tmp_path):
    path = workspace.folder("teachers", "t") / "weights.safetensors"
    sentence = "weights.safetensors is (missing|not what was written); make it again from its graph"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:100])
    elif damage == "gone":
        path.unlink()
    else:
        other = PathPolicy(family(tmp_path), 32, 1)
        save_file(other.state_dict(), path)
    with pytest.raises(FormatError, match=sentence):
        open_teacher(workspace, "t")
    unseal(path.parent)
    with pytest.raises(FormatError, match="weights.safetensors is missing or damaged; train the"):
        open_teacher(workspace, "t")


def test_a_teacher_of_before_there_were_kinds_is_a_policy_to_be_trained_again(workspace, policy):
    folder = workspace.folder("teachers", "t")
    card = open_teacher(workspace, "t").card
    del card["kind"]
    save_teacher(folder, TreeShape(2), card, policy)
    unseal(folder)
    assert open_teacher(workspace, "t").scorer.policy.rounds == 1
    (folder / "weights.safetensors").unlink()
    with pytest.raises(FormatError, match="train the teacher again"):
        open_teacher(workspace, "t")


def test_an_unknown_teacher_or_graph_is_said(workspace):
    with pytest.raises(NotFound, match="nothing named 'u' among the teachers"):
        open_teacher(workspace, "u")
    workspace.delete("graphs", "family")
    with pytest.raises(NotFound, match="nothing named 'family' among the graphs"):
        open_teacher(workspace, "t")
