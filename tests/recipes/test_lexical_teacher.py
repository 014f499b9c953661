"""A lexical teacher in a workspace: its card, its hash, and that it serves like any other."""

import json

import pytest

from core.errors import AlreadyExists, FormatError, NotFound, RunStopped, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import read_labels
from core.recipes import label_questions, lexical_teacher
from core.report import Silent
from core.settings import LexicalTeacherSettings
from core.teacher.lexical_matching import TEMPERATURE
from core.teacher.teachers import open_teacher
from tests.family_graph import TRIPLES, family
from tests.family_loop import labelling, publish_questions
from tests.question_trees import question
from tests.recipes.untrained_teachers import works
from tests.resealed import rewrite


def make(workspace, **changes):
    wanted = {"name": "l", "graph": "family", "questions": "asked", "hops": 2, **changes}
    return lexical_teacher.run(LexicalTeacherSettings(**wanted), Silent(), workspace).as_record()


def test_the_card_tells_what_it_is_and_how_it_did(workspace):
    result = make(workspace, directions="forward")
    teacher = open_teacher(workspace, "l")
    assert teacher.card["result"] == json.loads(json.dumps(result))
    assert (teacher.shape.hops, teacher.shape.directions) == (2, "forward")
    for key in ("name", "kind", "graph", "questions", "hops", "directions"):
        assert teacher.card[key] == result[key]
    assert (result["kind"], result["counts"]["unreachable"]) == ("lexical", 0)
    assert result["retrieval_ceiling"] == 1.0
    calibration = result["calibration"]
    assert calibration["questions"] == result["counts"]["used"] > 0
    right = sum(one["count"] * one["accuracy"] for one in calibration["reliability"])
    assert result["dev_hits_at_1"] == pytest.approx(right / calibration["questions"])
    assert teacher.scorer.temperature == TEMPERATURE * calibration["temperature"]
    assert teacher.card["temperature"] == teacher.scorer.temperature


def test_it_serves_like_any_other(workspace):
    make(workspace)
    works(workspace, "l")


def test_another_temperature_makes_labels_stale_and_another_name_does_not(workspace):
    make(workspace)
    label_questions.run(labelling(teacher="l", name="labels"), Silent(), workspace)
    path = workspace.folder("labels", "labels") / "labels.parquet"
    make(workspace, name="twin", precision=0.5)
    twin = open_teacher(workspace, "twin")
    assert read_labels(path, twin.graph.hash, twin.hash)
    card = workspace.folder("teachers", "l") / "card.json"
    rewrite(card, temperature=0.5)
    changed = open_teacher(workspace, "l")
    assert changed.scorer.temperature == 0.5
    with pytest.raises(Stale):
        read_labels(path, changed.graph.hash, changed.hash)


def test_another_graph_makes_it_stale(workspace):
    make(workspace)
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="'l' was made for another version of graph 'family'; make it"):
        open_teacher(workspace, "l")


def test_other_trees_are_another_teacher(workspace):
    hashes = set()
    for hops in (1, 2):
        make(workspace, hops=hops, replace=True)
        card = workspace.folder("teachers", "l") / "card.json"
        rewrite(card, temperature=0.5)
        hashes.add(open_teacher(workspace, "l").hash)
    assert len(hashes) == 2


def test_without_dev_questions_the_others_calibrate_and_without_any_nothing_is_claimed(
    workspace, tmp_path
):
    graph = family(tmp_path)
    asked = question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"], split="train")
    publish_questions(workspace, "train", graph, [asked])
    assert make(workspace, name="a", questions="train")["dev_hits_at_1"] == 1.0
    lost = question(0, "Who?", "nobody", ["gina"], split="dev")
    publish_questions(workspace, "lost", graph, [lost])
    result = make(workspace, name="b", questions="lost")
    assert result["dev_hits_at_1"] is None
    assert result["calibration"]["temperature"] == 1.0
    assert result["calibration"]["threshold"] is None


def test_what_cannot_be_made_is_said_and_leaves_nothing(workspace):
    with pytest.raises(NotFound, match="nothing named 'none' among the graphs"):
        make(workspace, graph="none")
    with pytest.raises(NotFound, match="nothing named 'none' among the questions"):
        make(workspace, questions="none")
    with workspace.publish("graphs", "other") as folder:
        KnowledgeGraph.build("other", TRIPLES).save(folder)
    with pytest.raises(FormatError, match="'asked' were tied to graph 'family'"):
        make(workspace, graph="other")
    assert workspace.names("teachers") == []
    make(workspace)
    with pytest.raises(AlreadyExists, match="'l' is taken among the teachers"):
        make(workspace)


def test_it_can_be_stopped(workspace):
    class Stopping(Silent):
        def progress(self, done, total, note=""):
            self.said = done, total

        def check_stop(self):
            if hasattr(self, "said"):
                raise RunStopped("Stopped.")

    report = Stopping()
    settings = LexicalTeacherSettings(name="l", graph="family", questions="asked", hops=1)
    with pytest.raises(RunStopped):
        lexical_teacher.run(settings, report, workspace)
    assert report.said[0] == 0 < report.said[1]
    assert workspace.names("teachers") == []
