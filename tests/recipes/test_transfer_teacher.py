"""A teacher on another graph: the same weights, other relations, nothing trained."""

import numpy as np
import pytest
from safetensors.torch import load_file

from core.errors import FormatError, NotFound
from core.evaluation.calibration import expected_calibration_error, reliability
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes import train_teacher, transfer_teacher
from core.report import Silent
from core.settings import TransferSettings
from core.teacher.reasoning import score_questions
from core.teacher.teachers import open_teacher
from tests.family_loop import publish_questions, teaching
from tests.question_trees import question
from tests.resealed import rewrite

HEAT = "temperature"

ELSEWHERE = (
    *((f"p{n}", "spouse", f"q{n}") for n in range(9)),
    *((f"p{n}", "lives_in", f"c{n % 3}") for n in range(9)),
    *((f"c{n}", "located_in", f"l{n % 2}") for n in range(3)),
)


@pytest.fixture
def workspace(workspace):
    train_teacher.run(teaching(directions="forward"), Silent(), workspace)
    graph = KnowledgeGraph.build("elsewhere", ELSEWHERE)
    with workspace.publish("graphs", "elsewhere") as folder:
        graph.save(folder)
    asked = [
        question(n, f"Which country is p{n} living in?", f"p{n}", [f"l{n % 3 % 2}"], split="dev")
        for n in range(9)
    ]
    publish_questions(workspace, "there", graph, asked)
    return workspace


def transfer(workspace, **changes):
    wanted = {"name": "moved", "teacher": "t", "graph": "elsewhere", **changes}
    return transfer_teacher.run(TransferSettings(**wanted), Silent(), workspace).as_record()


def test_it_reasons_over_the_other_graph_with_the_weights_of_before(workspace):
    result = transfer(workspace)
    assert (result["graph"], result["hops"], result["directions"]) == ("elsewhere", 2, "both")
    before, after = open_teacher(workspace, "t"), open_teacher(workspace, "moved")
    weights = [
        load_file(workspace.folder("teachers", name) / "weights.safetensors")
        for name in ("t", "moved")
    ]
    assert all((weights[0][key] == weights[1][key]).all() for key in weights[0] if key != HEAT)
    trees = after.grower().grow(question(0, "Who is the spouse of p1?", "p1", ["q1"]))
    scored = next(after.scorer.score(trees))
    assert scored.path.sum() + scored.missing.total == pytest.approx(1)
    assert before.hash != after.hash
    assert (after.card["from_teacher"], after.card["from_graph"]) == ("t", "family")


def test_it_is_never_worse_than_the_lexical_teacher_on_what_it_was_judged_by(workspace):
    for questions in (None, "there"):
        result = transfer(workspace, questions=questions, replace=True)
        others = result["alone_hits_at_1"], result["lexical_hits_at_1"]
        assert result["dev_hits_at_1"] >= max(others)
        assert 0 <= result["calibration"]["ece"] <= 0.25
        assert result["calibration"]["questions"] >= 9


def test_what_is_opened_says_what_was_judged(workspace):
    """A policy that knows nothing: what is published answers as the mixture that was calibrated."""
    result = transfer(workspace, questions="there")
    teacher = open_teacher(workspace, "moved")
    grower = teacher.grower()
    asked = load_questions(workspace, "there").questions
    trees = [tree for one in asked for tree in grower.grow(one)]
    told = [one.confidence() for one in score_questions(teacher.scorer, trees)]
    assert np.mean([hit for _, hit in told]) == pytest.approx(result["dev_hits_at_1"])
    bins = reliability(*np.transpose(told))
    assert expected_calibration_error(bins) == pytest.approx(result["calibration"]["ece"])
    assert teacher.card["certainty"]["questions"] == len(asked)


def test_its_questions_choose_the_shape(workspace):
    assert transfer(workspace, questions="there")["hops"] == 2
    assert transfer(workspace, questions="there", hops=1, replace=True)["hops"] == 1
    assert transfer(workspace, directions="forward", replace=True)["directions"] == "forward"


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
