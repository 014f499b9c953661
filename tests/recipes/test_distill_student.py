"""Distilling a student into a workspace, and what it learns from."""

from dataclasses import replace

import pytest
import torch

from core.errors import AlreadyExists, FormatError, NotFound, RunStopped, SettingsError, Stale
from core.evaluation.absence import WEIGHTS
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.labels.path_labels import label_key
from core.questions.question_sets import load_questions
from core.recipes import distill_student, evaluate, label_questions, train_teacher
from core.recipes.training_examples import make_examples, masked_texts, spelled_targets
from core.records import Question
from core.report import Silent
from core.settings import DistillSettings
from core.student.forms.bits import rounded
from core.student.language_model import open_student
from core.workspace import read_json
from tests.family_graph import TRIPLES, family
from tests.family_loop import (
    asked,
    distilling,
    evaluating,
    labelling,
    publish_questions,
    small_students,
    teaching,
)
from tests.labels_at_random import random_label
from tests.tiny_student import tiny_student


class Listening(Silent):
    def __init__(self, stop_at=None, folder=None, changes=None):
        self.messages, self.stages, self.names, self.events = [], [], set(), []
        self.stop_at, self.folder, self.changes, self.steps = stop_at, folder, changes or {}, 0

    def event(self, kind, **payload):
        self.events.append((kind, payload))
        self.messages += [payload["message"]] if "message" in payload else []

    def stage(self, name):
        self.stages.append(name)

    def metrics(self, step, values):
        self.names |= set(values)

    def controls(self):
        self.steps += 1
        return self.changes.get(self.steps, {})

    def check_stop(self):
        if self.stop_at is not None and self.steps >= self.stop_at:
            raise RunStopped("Stopped.")


@pytest.fixture(scope="module", autouse=True)
def small():
    with small_students():
        yield


pytestmark = pytest.mark.usefixtures("taught")


def test_a_student_is_published_with_its_labels_and_report(workspace):
    report = Listening()
    result = distill_student.run(distilling(), report, workspace).as_record()
    train = load_questions(workspace, "asked").part("train")
    assert report.stages == ["labels", "distil"] and report.messages == []
    steps = 2 * -(-len(train) // 8)
    wanted = {"name": "s", "teacher": "t", "labels": "t-asked-posterior", "steps": steps}
    assert {key: result[key] for key in wanted} == wanted
    assert result["examples"] == len(train)
    assert 0 < result["with_gold"] == sum(bool(q.paths) for q in train) < len(train)
    assert result["with_label"] == len(train) and not result["kept_early"]
    parts = ("loss", "hard", "soft", "choice", "validity")
    knobs = ("alpha", "temperature", "beta", "reward", "learning_rate")
    dev = ("dev_path_exact_match", "dev_hard", "dev_kl_path", "dev_on_graph")
    assert report.names == {f"distil/{name}" for name in (*parts, *knobs, *dev)}
    student = open_student(workspace, "s")
    assert sum(p.numel() for p in student.model.parameters()) == result["parameters"]
    assert student.card["result"] == result
    assert student.card["graph_hash"] == student.graph.hash
    weight = student.card["absence_weight"]
    assert weight in WEIGHTS.tolist() and student.card["certainty"]
    assert workspace.names("labels") == ["t-asked-posterior"]
    files = {path.name for path in workspace.folder("students", "s").iterdir()}
    assert "scratch" not in files and {"card.json", "model.safetensors"} <= files


def test_a_student_learns_with_rounded_weights_and_keeps_them(workspace):
    """Both begin with the same weights: what differs has been learned."""
    students = {}
    for name, epochs in (("before", 1), ("after", 3)):
        wanted = distilling(name=name, epochs=epochs, rounding="q8_0", learning_rate=0.01)
        distill_student.run(wanted, Silent(), workspace)
        students[name] = open_student(workspace, name).model.state_dict()
    matrices = [name for name, one in students["after"].items() if one.ndim > 1]
    for name in matrices:
        after = students["after"][name]
        assert torch.equal(after, rounded(after))
        assert not torch.equal(after, students["before"][name])


def test_fresh_labels_are_used_and_stale_ones_made_again(workspace):
    distill_student.run(distilling(epochs=1), Silent(), workspace)
    path = workspace.folder("labels", "t-asked-posterior") / "labels.parquet"
    before = path.read_bytes()
    report = Listening()
    distill_student.run(distilling(name="s2", epochs=1), report, workspace)
    assert report.stages == ["distil"] and path.read_bytes() == before
    train_teacher.run(teaching(epochs=1, seed=5, replace=True), Silent(), workspace)
    distill_student.run(distilling(name="s3", epochs=1), report, workspace)
    assert report.stages == ["distil", "labels", "distil"]
    assert path.read_bytes() != before
    assert report.messages == [
        "The labels at 't-asked-posterior' were made by another training of teacher 't'; label "
        "again. Labelling again now."
    ]


def test_another_set_teaches_as_well_but_for_what_is_held_out(workspace):
    questions = load_questions(workspace, "asked")
    train, test = questions.part("train"), questions.part("test")
    graph = KnowledgeGraph.open(workspace.open("graphs", "family"))
    # Other questions of the same ids; one asks what the first set holds out.
    more = [
        replace(train[1], id=train[0].id, text="who is it"),
        replace(test[0], id=train[1].id, split="train"),
        replace(train[2], id=train[2].id, text="and where"),
    ]
    publish_questions(workspace, "more", graph, more)
    result = distill_student.run(distilling(epochs=1, more="more"), Silent(), workspace)
    assert result.examples == result.with_label == len(train) + 2
    assert workspace.names("labels") == ["t-asked-posterior", "t-more-posterior"]
    other = KnowledgeGraph.build("other", (("a", "r", "b"),))
    publish_questions(workspace, "elsewhere", other, more)
    with pytest.raises(FormatError, match="elsewhere"):
        distill_student.run(distilling(name="s2", more="elsewhere"), Silent(), workspace)


@pytest.mark.parametrize("labels", ["prior", "uniform"])
def test_other_kinds_of_labels_have_their_own_name(workspace, labels):
    result = distill_student.run(
        distilling(labels=labels, epochs=1), Silent(), workspace
    ).as_record()
    assert result["labels"] == f"t-asked-{labels}"
    card = read_json(workspace.folder("labels", f"t-asked-{labels}") / "card.json")
    assert card["kind"] == labels


def test_a_stop_leaves_no_half_student(workspace):
    with pytest.raises(RunStopped):
        distill_student.run(distilling(), Listening(stop_at=2), workspace)
    assert not (workspace.root / "students").exists() or not list(
        (workspace.root / "students").iterdir()
    )


def test_bad_input_is_said_in_one_sentence(workspace, tmp_path):
    with pytest.raises(NotFound, match="nothing named 'none' among the teachers"):
        distill_student.run(distilling(teacher="none"), Silent(), workspace)
    with pytest.raises(NotFound, match="nothing named 'none' among the questions"):
        distill_student.run(distilling(questions="none"), Silent(), workspace)
    with pytest.raises(NotFound, match="'no/such' is neither a folder nor within reach"):
        distill_student.run(distilling(student="no/such"), Silent(), workspace)
    other = KnowledgeGraph.build("other", TRIPLES)
    publish_questions(workspace, "foreign", other, asked(other))
    with pytest.raises(FormatError, match="'foreign' were tied to graph 'other' as it was"):
        distill_student.run(distilling(questions="foreign"), Silent(), workspace)
    assert workspace.names("students") == []
    distill_student.run(distilling(epochs=1), Silent(), workspace)
    with pytest.raises(AlreadyExists, match="'s' is taken among the students"):
        distill_student.run(distilling(epochs=1), Silent(), workspace)


def test_without_word_vectors_the_student_is_a_tiny_one(workspace, monkeypatch):
    def out_of_reach(models):
        raise NotFound("The package index does not give {wanted}: {last}", wanted="x", last="gone")

    monkeypatch.setattr(distill_student, "universal_encoder", out_of_reach)
    settings = DistillSettings(name="b", teacher="t", student="tiny-bilingual")
    report = Listening()
    assert distill_student._within_reach(settings, report, workspace).student == "tiny"
    assert report.messages == [
        "The package index does not give x: gone; the student is a tiny one, without word vectors."
    ]
    monkeypatch.setattr(distill_student, "universal_encoder", lambda models: models)
    assert distill_student._within_reach(settings, report, workspace) == settings


def test_gold_alone_without_gold_is_refused(workspace):
    sentence = "nothing to learn from: alpha is 1, and no training question has a gold path to use"
    with pytest.raises(FormatError, match=sentence):
        distill_student.run(distilling(alpha=1.0, gold_share=0.0), Silent(), workspace)
    assert workspace.names("students") == []


def test_a_changed_graph_makes_everything_stale(workspace):
    label_questions.run(labelling(), Silent(), workspace)
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="Teacher 't' was trained on another version"):
        distill_student.run(distilling(), Silent(), workspace)


@pytest.fixture
def asked_and_labelled(tmp_path):
    """Questions, and for two of three of them a label of its own."""
    questions = tuple(asked(family(tmp_path)))
    labels = {q.id: random_label(n, 3) for n, q in enumerate(questions) if n % 3}
    return questions, labels


@pytest.fixture
def made(asked_and_labelled, tmp_path):
    """Examples under some settings."""
    questions, labels = asked_and_labelled
    masked, speller = {q.id: q.text for q in questions}, tiny_student()[1]

    def examples(**changes):
        settings = distilling(**changes)
        targets = spelled_targets(tmp_path / "labels", labels, speller, settings)
        return make_examples(questions, masked, labels, targets, speller, settings)

    return examples


def gold(examples):
    return [e for e in examples if e.gold]


def soft(examples):
    return [e for e in examples if e.soft is not None]


def test_alpha_and_shares_choose_what_is_learned(made, asked_and_labelled):
    questions, labels = asked_and_labelled
    with_gold = [q for q in questions if q.paths]
    assert (len(gold(made())), len(soft(made()))) == (len(with_gold), len(labels))
    assert len(made()) == len([q for q in questions if q.paths or q.id in labels])
    assert soft(made(alpha=1.0)) == [] and len(made(alpha=1.0)) == len(with_gold)
    assert len(soft(made(alpha=1.0, alpha_end=0.5))) == len(labels)
    half = made(gold_share=0.5, seed=1)
    assert len(gold(half)) == round(len(with_gold) / 2) and len(soft(half)) == len(labels)
    prompts = [[e.prompt for e in gold(made(gold_share=0.5, seed=s))] for s in (1, 1, 2)]
    assert prompts[0] == prompts[1] != prompts[2]
    third = made(teacher_share=0.3)
    assert len(soft(third)) == round(0.3 * len(labels)) and len(gold(third)) == len(with_gold)


def test_confidence_passes_over_labels_that_waver(made, asked_and_labelled):
    best = sorted(label.best(1)[0][1] for label in asked_and_labelled[1].values())
    threshold = best[len(best) // 2]
    assert 0 < len(soft(made(confidence=threshold))) == sum(p >= threshold for p in best)
    with pytest.raises(FormatError, match="as probable as the confidence 1 asks, and no training"):
        made(confidence=1.0, gold_share=0.0)


def test_cuts_of_labels(made, asked_and_labelled):
    labels = asked_and_labelled[1]
    for targets, most in (("sequence", 1), ("top", 2)):
        cut = soft(made(targets=targets, top_k=2))
        assert len(cut) == len(labels)
        assert {len(e.soft.ends) for e in cut} <= set(range(1, most + 1))
    assert max(len(e.soft.ends) for e in soft(made())) > 2


def test_targets_are_spelled_once(made, tmp_path):
    one = soft(made())[0]
    spelled = list((tmp_path / "labels" / "spelled").iterdir())
    stamps = {file: file.stat().st_mtime_ns for file in spelled[0].iterdir()}
    assert len(spelled) == 1
    again = soft(made(epochs=1))[0]
    assert {file: file.stat().st_mtime_ns for file in spelled[0].iterdir()} == stamps
    assert again.soft.row(int(again.soft.ends[0])) == one.soft.row(int(one.soft.ends[0]))
    made(targets="top")
    assert len(list((tmp_path / "labels" / "spelled").iterdir())) == 2


def test_nothing_to_learn_from_is_said(made):
    with pytest.raises(FormatError, match="alpha is 1, and no training question has"):
        made(alpha=1.0, gold_share=0.0)


def test_a_question_with_several_topics_teaches_from_each(tmp_path):
    """Its text masked for the topic, its paths from there, its label for it."""
    graph, speller = family(tmp_path), tiny_student()[1]
    linker = Linker(graph)
    paths = (("born",), ("spouse",), ("born_in",), ("spouse",))
    one = Question("q", "Who is it that Ann and Bob know?", "en", ("ann", "bob"), ("cid",), paths)
    masked = {label_key(one, topic): f"{topic}?" for topic in one.topics}
    labels = {key: random_label(n, 3) for n, key in enumerate(masked)}
    targets = spelled_targets(tmp_path / "labels", labels, speller, distilling())
    first, second = make_examples([one], masked, labels, targets, speller, distilling())
    assert first.gold == (speller.spell(("born",)), speller.spell(("born_in",)))
    assert second.gold == (speller.spell(("spouse",)),)
    for example, key in ((first, "q @ ann"), (second, "q @ bob")):
        assert example.prompt == speller.prompt(masked[key])
        assert example.soft.masses.tolist() == targets[key].masses.tolist()
    assert set(masked_texts(linker, [one])) == {"q @ ann", "q @ bob"}


def weights(workspace, name):
    return (workspace.folder("students", name) / "model.safetensors").read_bytes()


def test_a_run_that_was_stopped_goes_on_in_its_folder(workspace, tmp_path):
    distill_student.run(distilling(name="whole"), Silent(), workspace)
    folder = workspace.root / "runs" / "r1"
    with pytest.raises(RunStopped):
        distill_student.run(distilling(), Listening(stop_at=4, folder=folder), workspace)
    report = Listening(folder=folder)
    result = distill_student.run(distilling(), report, workspace).as_record()
    assert ("resumed", {"step": 3}) in report.events
    assert weights(workspace, "s") == weights(workspace, "whole")
    assert result["steps"] == open_student(workspace, "whole").card["result"]["steps"]


def test_a_branch_and_a_replay_take_up_another_run(workspace, tmp_path):
    folder = workspace.root / "runs" / "r1"
    report = Listening(folder=folder, changes={2: {"alpha": 0.1}, 3: {"checkpoint": 1}})
    distill_student.run(distilling(), report, workspace)
    distill_student.run(distilling(name="s2", branch="r1:2", alpha=0.9), Silent(), workspace)
    card = open_student(workspace, "s2").card
    assert card["schedule"]["begin"]["alpha"] == 0.9 and card["schedule"]["changes"] == []
    assert weights(workspace, "s2") != weights(workspace, "s")
    for number, source in enumerate(("r1", "s")):
        name = f"again{number}"
        distill_student.run(distilling(name=name, replay=source, alpha=0.7), Silent(), workspace)
        assert weights(workspace, name) == weights(workspace, "s")
    for changes in ({"branch": "r1:99"}, {"branch": "r9"}, {"replay": "r9"}):
        with pytest.raises(NotFound):
            distill_student.run(distilling(name="s3", **changes), Silent(), workspace)


def test_stop_and_keep_publishes_the_student_as_it_is(workspace):
    result = distill_student.run(
        distilling(), Listening(changes={3: {"keep": 1}}), workspace
    ).as_record()
    assert (result["steps"], result["kept_early"]) == (3, True)
    assert open_student(workspace, "s").card["result"]["kept_early"]


ANSWERS_ALONE = {"alpha": 1.0, "gold_share": 0.0, "reward": 1.0, "paths": "all"}


def test_a_student_learns_from_the_answers_alone(workspace):
    questions = load_questions(workspace, "asked")
    alone = {**ANSWERS_ALONE, "rewording": 0.0, "learning_rate": 0.01}
    scores = []
    for epochs in (1, 40):
        made = distilling(**alone, epochs=epochs, replace=True)
        result = distill_student.run(made, Silent(), workspace)
        assert (result.with_gold, result.with_label) == (0, 0)
        assert result.examples == result.with_reward == len(questions.part("train"))
        asked = evaluating(decoding="free", split="train")
        scores.append(evaluate.run(asked, Silent(), workspace).hits_at_1)
    assert scores[0] < 0.2 and scores[1] > 0.8


def test_questions_without_answers_are_refused_a_reward_before_anything_starts(workspace):
    graph = KnowledgeGraph.open(workspace.open("graphs", "family"))
    mute = [replace(one, answers=()) for one in load_questions(workspace, "asked").questions]
    publish_questions(workspace, "mute", graph, mute)
    report = Listening()
    with pytest.raises(FormatError, match="No training question of 'mute' has a known answer"):
        distill_student.run(distilling(**ANSWERS_ALONE, questions="mute"), report, workspace)
    assert report.stages == []


def test_a_course_with_rewards_is_not_taken_without_them(workspace):
    distill_student.run(distilling(**ANSWERS_ALONE, epochs=1), Silent(), workspace)
    with pytest.raises(SettingsError, match="The course that 's' took weighs rewards"):
        distill_student.run(distilling(name="s2", replay="s"), Silent(), workspace)
