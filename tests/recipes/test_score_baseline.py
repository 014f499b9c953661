"""Baselines: what is right without reading the question."""

import pytest

from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.recipes import score_baseline
from core.report import Silent
from core.settings import BaselineSettings
from core.workspace import read_json
from tests.family_loop import publish_questions
from tests.question_trees import question


def scoring(**changes):
    return BaselineSettings(**{"baseline": "frequent-paths", "questions": "few", **changes})


@pytest.fixture
def few(workspace):
    """Two ask for children and one for the spouse; carl has both, dora's are asked for."""
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    child, spouse = ("child",), ("spouse",)
    ends = {path: tuple(_ends(graph, "carl", path)) for path in (child, spouse)}
    assert all(ends.values())
    asked = [
        question(0, "Who?", "carl", ends[child], [child], split="train"),
        question(1, "Whose?", "carl", ends[child], [child], split="train"),
        question(2, "Whom?", "carl", ends[spouse], [spouse], split="train"),
        question(3, "Tell me.", "carl", ends[spouse], [spouse], split="test"),
    ]
    publish_questions(workspace, "few", graph, asked)
    return workspace, len(ends[child])


def _ends(graph, topic, path):
    return [graph.entity_id(end) for end in walk_path(graph, graph.entity(topic), path).ends]


def test_the_frequent_path_comes_first(few):
    workspace, _ = few
    found = score_baseline.run(scoring(), Silent(), workspace)
    assert (found.kind, found.model, found.questions) == ("baseline", "frequent-paths", 1)
    assert found.hits_at_1 == 0.0 and found.path_exact_match == 0.0
    assert found.path_validity == 1.0
    kept = workspace.folder("evaluations", "frequent-paths.few.test.baseline")
    assert read_json(kept / "evaluation.json") == found.as_record()


def test_any_path_is_a_draw(few):
    workspace, children = few
    found = score_baseline.run(scoring(baseline="any-path"), Silent(), workspace)
    assert found.hits_at_1 == pytest.approx(1 / (children + 1))


def test_a_path_that_leads_nowhere_is_not_said(few):
    workspace, _ = few
    found = score_baseline.run(scoring(split="train"), Silent(), workspace)
    assert found.hits_at_1 == pytest.approx(2 / 3)


def test_training_must_tell_paths(few):
    workspace, _ = few
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    untold = [question(n, "Who?", "carl", ["ann"], split=split)
              for n, split in enumerate(("train", "test"))]  # fmt: skip
    publish_questions(workspace, "untold", graph, untold)
    with pytest.raises(NotFound, match="needs training questions that tell their path"):
        score_baseline.run(scoring(questions="untold"), Silent(), workspace)
    with pytest.raises(NotFound, match="have no 'dev' part"):
        score_baseline.run(scoring(split="dev"), Silent(), workspace)
