"""A teacher on another graph: the same weights, other relations, nothing trained."""

import pytest

from core.errors import FormatError, NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import train_teacher, transfer_teacher
from core.report import Silent
from core.settings import TransferSettings
from core.teacher.teachers import open_teacher
from tests.family_loop import publish_questions, teaching
from tests.question_trees import question
from tests.resealed import rewrite

ELSEWHERE = (("tom", "spouse", "tina"), ("tom", "lives_in", "rome"), ("rome", "located_in", "it"))


@pytest.fixture
def workspace(workspace):
    train_teacher.run(teaching(directions="forward"), Silent(), workspace)
    graph = KnowledgeGraph.build("elsewhere", ELSEWHERE)
    with workspace.publish("graphs", "elsewhere") as folder:
        graph.save(folder)
    asked = [question(0, "Where does tom live?", "tom", ["it"], split="test")]
    publish_questions(workspace, "there", graph, asked)
    return workspace


def transfer(workspace, **changes):
    wanted = {"name": "moved", "teacher": "t", "graph": "elsewhere", **changes}
    return transfer_teacher.run(TransferSettings(**wanted), Silent(), workspace).as_record()


def test_the_weights_go_along_and_reason_over_the_other_graph(workspace):
    result = transfer(workspace)
    assert (result["graph"], result["hops"], result["directions"]) == ("elsewhere", 2, "forward")
    before, after = open_teacher(workspace, "t"), open_teacher(workspace, "moved")
    assert before.hash == after.hash
    trees = after.grower().grow(question(0, "Who is the spouse of tom?", "tom", ["tina"]))
    scored = next(after.scorer.score(trees))
    assert scored.path.sum() + scored.missing.total == pytest.approx(1)
    assert "calibration" not in after.card["result"]
    assert (after.card["from_teacher"], after.card["from_graph"]) == ("t", "family")


def test_its_questions_choose_the_shape(workspace):
    assert transfer(workspace, questions="there")["hops"] == 2
    assert transfer(workspace, questions="there", hops=1, replace=True)["hops"] == 1
    assert transfer(workspace, directions="both", replace=True)["directions"] == "both"


def test_what_cannot_be_moved_is_said(workspace):
    with pytest.raises(FormatError, match="'asked' were tied to graph 'family'"):
        transfer(workspace, questions="asked")
    with pytest.raises(NotFound, match="nothing named 'none' among the teachers"):
        transfer(workspace, teacher="none")
    card = workspace.folder("teachers", "t") / "card.json"
    rewrite(card, kind="lexical")
    with pytest.raises(FormatError, match="'t' is a lexical teacher, which is not trained"):
        transfer(workspace)
    assert workspace.names("teachers") == ["t"]
