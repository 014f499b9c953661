"""Training a teacher into a workspace."""

import json
import re
from dataclasses import replace

import pytest

from core.answers.predictions import teacher_predictions
from core.errors import AlreadyExists, FormatError, NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.graph.readers import read_graph
from core.questions.question_sets import load_questions
from core.recipes import train_teacher
from core.recipes.train_teacher import grow_all, unlabelled
from core.records import Question
from core.report import Silent
from core.settings import TeacherSettings
from core.teacher import question_trees, training
from core.teacher.policy_scoring import BOUND, PolicyScorer
from core.teacher.teachers import open_teacher
from core.workspace import read_json
from tests.family_graph import TRIPLES, family
from tests.family_loop import asked, publish_questions, teaching
from tests.question_trees import grower, question


class Listening(Silent):
    def __init__(self):
        self.messages, self.stages, self.curves = [], [], {}

    def event(self, kind, **payload):
        self.messages.append(payload["message"])

    def stage(self, name):
        self.stages.append(name)

    def metrics(self, step, values):
        self.curves[step] = set(values)


def test_a_teacher_is_published_with_its_report(workspace, graph):
    report = Listening()
    result = train_teacher.run(teaching(directions="forward"), report, workspace).as_record()
    trained = [one for one in asked(graph) if one.split in ("train", "dev")]
    wanted = {
        "name": "t",
        "graph": "family",
        "questions": "asked",
        "hops": 2,
        "directions": "forward",
        "epochs": 3,
    }
    assert {key: result[key] for key in wanted} == wanted
    assert 0 <= result["dev_hits_at_1"] <= 1
    counts = result["counts"]
    assert counts["used"] == len(trained)
    assert counts["unreachable"] == counts["gold_missing"] == counts["relations_without_label"] == 0
    assert result["retrieval_ceiling"] == 1.0
    assert report.stages == ["teacher"] and report.messages == []
    # Three steps, one an epoch, are fewer than lie between two looks: the last is looked at.
    assert (result["steps"], result["best_step"]) == (3, 3)
    curves = {"teacher/loss", "teacher/dev_hits_at_1", "teacher/dev_explained"}
    assert report.curves == {3: curves}
    teacher = open_teacher(workspace, "t")
    assert teacher.shape == TreeShape(2, "forward")
    assert json.loads(json.dumps(result)) == teacher.card["result"]
    assert teacher.card["kind"] == "policy"
    assert teacher.card["graph_hash"] == graph.hash
    calibration = result["calibration"]
    # A fifth more, which the graph does not answer.
    assert calibration["questions"] == 5 and sum(one.split == "dev" for one in trained) == 4
    assert calibration["precision"] == 0.95
    assert teacher.scorer.policy.temperature.item() == calibration["temperature"]
    card = read_json(workspace.folder("teachers", "t") / "card.json")
    assert TeacherSettings(**card["settings"]) == teaching(directions="forward")


def test_trees_stand_in_the_questions_order_and_each_topic_is_grown_once(graph, monkeypatch):
    topics = []

    def growing(graph, topic, shape, *relevance):
        topics.append(topic)
        return grow_tree(graph, topic, shape, *relevance)

    monkeypatch.setattr(question_trees, "grow_tree", growing)
    monkeypatch.setattr(question_trees, "TOPICS", 1)
    monkeypatch.setattr(question_trees, "AT_HAND", 0)
    people = ("carl", "ann", "nobody", "carl", "bob", "ann")
    mixed = [question(n, "Who?", name, ["gina"]) for n, name in enumerate(people)]
    trees = grow_all(grower(graph, TreeShape(1)), mixed, Silent())
    assert [tree.question.id for tree in trees] == ["q0", "q1", "q3", "q4", "q5"]
    assert sorted(topics) == sorted(graph.entity(name) for name in ("ann", "bob", "carl"))


@pytest.mark.parametrize("dev", [True, False])
def test_only_trees_that_are_judged_keep_their_frontiers(workspace, graph, monkeypatch, dev):
    fitted = []

    def fit(policy, train, dev, *others):
        fitted.append((train, dev))
        return training.fit(policy, train, dev, *others)

    monkeypatch.setattr(train_teacher, "fit", fit)
    questions = [
        one for one in asked(graph) if one.split == "train" or (dev and one.split == "dev")
    ]
    publish_questions(workspace, "some", graph, questions)
    result = train_teacher.run(
        teaching(questions="some", epochs=1), Silent(), workspace
    ).as_record()
    ((train, judges),) = fitted
    assert all(bool(len(tree.tree.entities)) is not dev for tree in train)
    assert bool(judges) is dev and all(len(tree.tree.entities) for tree in judges)
    assert result["calibration"]["questions"] >= len(judges if dev else train)


def test_unusable_questions_are_a_warning(workspace, graph):
    odd = [
        Question("x", "Who?", "en", ("ann", "bob"), ("carl",), split="train"),
        question("y", "Who?", "zed", ["carl"], split="train"),
    ]
    publish_questions(workspace, "odd", graph, [*asked(graph), *odd])
    report = Listening()
    result = train_teacher.run(teaching(questions="odd", epochs=1), report, workspace).as_record()
    counts = result["counts"]
    assert (counts["several_topics"], counts["nothing_around"]) == (1, 1)
    assert len(report.messages) == 1
    assert "Some questions cannot be used" in report.messages[0]
    assert "'nothing_around': 1" in report.messages[0]


def test_what_no_path_reaches_lowers_the_ceiling(workspace, graph):
    lost = [question(n, "Where is Zed?", "carl", ["zed"], split="train") for n in range(3)]
    others = [one for one in asked(graph) if one.split in ("train", "dev")]
    publish_questions(workspace, "lost", graph, [*others, *lost])
    result = train_teacher.run(
        teaching(questions="lost", epochs=1), Silent(), workspace
    ).as_record()
    assert result["counts"]["unreachable"] == 3
    assert result["retrieval_ceiling"] == pytest.approx(len(others) / (len(others) + 3))


def test_relations_without_labels_are_counted(tmp_path):
    labelled = family(tmp_path)
    assert unlabelled(labelled) == 0
    bare = KnowledgeGraph.build("bare", TRIPLES)
    assert unlabelled(bare) == 4
    (tmp_path / "relations.tsv").write_text("relation\tlabel:en\nspouse\twife\nchild\t\n")
    files = [tmp_path / "triples.tsv", tmp_path / "relations.tsv"]
    assert unlabelled(read_graph("some", files)[0]) == 3


def test_a_large_neighbourhood_is_bounded(workspace):
    settings = teaching(epochs=1, max_paths=16, directions="both")
    result = train_teacher.run(settings, Silent(), workspace).as_record()
    assert 0 < result["counts"]["cut_trees"] < result["counts"]["used"]
    teacher = open_teacher(workspace, "t")
    assert teacher.shape == TreeShape(2, "both", most=16)
    # Asked, it grows as much as it needs: all but the bound is as if there were no bound at all.
    shape = TreeShape(2, "both")
    roomy = replace(
        teacher, shape=shape, scorer=PolicyScorer(teacher.scorer.policy, teacher.graph, shape)
    )
    questions = load_questions(workspace, "asked").questions
    for mine, theirs in zip(
        *(teacher_predictions(one, questions, Silent()) for one in (teacher, roomy)), strict=True
    ):
        exact, answers = dict(theirs.answers), dict(mine.answers)
        assert answers and set(answers) <= set(exact)
        for entity, probability in exact.items():
            assert probability - BOUND - 1e-6 <= answers.get(entity, 0.0) <= probability + 1e-6


def test_names_are_checked(workspace):
    with pytest.raises(NotFound, match="nothing named 'none' among the graphs .there: family"):
        train_teacher.run(teaching(graph="none"), Silent(), workspace)
    with pytest.raises(NotFound, match="nothing named 'none' among the questions .there: asked"):
        train_teacher.run(teaching(questions="none"), Silent(), workspace)
    train_teacher.run(teaching(epochs=1), Silent(), workspace)
    with pytest.raises(AlreadyExists, match="'t' is taken among the teachers"):
        train_teacher.run(teaching(epochs=1), Silent(), workspace)
    train_teacher.run(teaching(epochs=1, replace=True), Silent(), workspace)


def test_questions_of_another_graph_are_refused(workspace):
    with workspace.publish("graphs", "other") as folder:
        KnowledgeGraph.build("other", TRIPLES).save(folder)
    sentence = "questions 'asked' were tied to graph 'family' as it was, not to 'other' as it"
    with pytest.raises(FormatError, match=sentence):
        train_teacher.run(teaching(graph="other"), Silent(), workspace)
    assert workspace.names("teachers") == []


def test_questions_that_teach_nothing_leave_no_teacher(workspace, graph):
    useless = [question(0, "Where is Zed?", "carl", ["zed"], split="train")]
    publish_questions(workspace, "useless", graph, useless)
    with pytest.raises(FormatError, match="None of the 1 training questions can teach from 'both'"):
        train_teacher.run(teaching(questions="useless"), Silent(), workspace)
    assert workspace.names("teachers") == []


def test_questions_about_several_topics_are_learned_and_answered(workspace, graph):
    """Children of the one who are friends of the other: neither topic alone tells."""
    both = [
        Question(f"b{n}", "Who is a child of Carl Berg and a friend of Finn?", "en",
                 ("carl", "finn"), ("emma",), (("child",), ("~friend",)), split=split)
        for n, split in enumerate(("train", "train", "dev"))
    ]  # fmt: skip
    publish_questions(workspace, "both", graph, both)
    settings = teaching(questions="both", epochs=80, learning_rate=0.03, directions="both")
    result = train_teacher.run(settings, Silent(), workspace).as_record()
    assert result["counts"]["several_topics"] == 3
    (told,) = teacher_predictions(open_teacher(workspace, "t"), both[2:], Silent())
    # Right, and as sure as a single dev question allows: (1 + 1) / (1 + 2).
    assert told.answers[0] == ("emma", pytest.approx(2 / 3, abs=0.01))
    assert [path.relations for path in told.paths[:2]] == [("child",), ("~friend",)]


def test_lost_gold_paths_are_said_aloud_and_nothing_is_learned_from_paths_alone(workspace, graph):
    far = [one for one in asked(graph) if one.paths and len(one.paths[0]) == 2]
    publish_questions(workspace, "far", graph, [replace(one, split="train") for one in far])
    report = Listening()
    settings = teaching(questions="far", epochs=1, hops=1)
    result = train_teacher.run(settings, report, workspace).as_record()
    assert result["counts"]["gold"] == result["counts"]["gold_missing"] == len(far)
    said = f"Of {len(far)} gold paths {len(far)} do not exist in trees of 1 hops (forward)."
    assert report.messages == [said]
    with pytest.raises(FormatError, match=f"No gold path can teach. {re.escape(said)} Allow"):
        train_teacher.run(
            settings.model_copy(update={"supervision": "paths", "replace": True}),
            Silent(),
            workspace,
        )


def test_a_teacher_of_answers_alone_does_not_look_at_gold_paths_to_choose_its_trees(
    workspace, graph
):
    """The children of Ann's spouse are her own: one hop explains the answers, not what is asked."""
    asks = "Who are the children of the spouse of Ann?"
    gold = (("spouse", "child"),)
    odd = [Question("x", asks, "en", ("ann",), ("carl", "dora"), gold, split="train")]
    publish_questions(workspace, "odd", graph, odd)
    for supervision, hops in (("answers", 1), ("both", 2)):
        settings = teaching(
            name=supervision, questions="odd", epochs=1, hops=None, supervision=supervision
        )
        assert train_teacher.run(settings, Silent(), workspace).hops == hops
