"""Distilling a student into a workspace, and what it learns from."""

import pytest

from core.errors import AlreadyExists, FormatError, NotFound, RunStopped, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes import distill_student, label_questions, train_teacher
from core.recipes.distill_student import make_examples
from core.report import Silent
from core.student.language_model import open_student
from core.workspace import read_json
from tests.family_graph import TRIPLES, family
from tests.family_loop import (
    asked,
    distilling,
    labelling,
    publish_questions,
    small_students,
    teaching,
    world,
)
from tests.tiny_student import tiny_student


class Listening(Silent):
    def __init__(self, stop_at=None):
        self.messages, self.stages, self.names = [], [], set()
        self.stop_at, self.steps = stop_at, 0

    def event(self, kind, **payload):
        self.messages.append(payload["message"])

    def stage(self, name):
        self.stages.append(name)

    def metrics(self, step, values):
        self.names |= set(values)

    def controls(self):
        self.steps += 1
        return {}

    def check_stop(self):
        if self.stop_at is not None and self.steps >= self.stop_at:
            raise RunStopped("Stopped.")


@pytest.fixture(scope="module", autouse=True)
def small():
    with small_students():
        yield


@pytest.fixture
def workspace(tmp_path):
    made = world(tmp_path)
    train_teacher.run(teaching(epochs=1), Silent(), made)
    return made


def test_a_student_is_published_with_its_labels_and_report(workspace):
    report = Listening()
    result = distill_student.run(distilling(), report, workspace)
    train = load_questions(workspace, "asked").part("train")
    assert report.stages == ["labels", "distil"] and report.messages == []
    steps = 2 * -(-len(train) // 8)
    wanted = {"name": "s", "teacher": "t", "labels": "t-asked-posterior", "steps": steps}
    assert {key: result[key] for key in wanted} == wanted
    assert result["examples"] == len(train)
    assert 0 < result["with_gold"] == sum(bool(q.paths) for q in train) < len(train)
    parts = ("loss", "hard", "soft", "choice", "validity", "alpha", "temperature", "learning_rate")
    assert report.names == {f"distil/{p}" for p in (*parts, "dev_path_exact_match")}
    student = open_student(workspace, "s")
    assert sum(p.numel() for p in student.model.parameters()) == result["parameters"]
    assert student.card["result"] == result
    assert student.card["graph_hash"] == student.graph.hash
    assert workspace.names("labels") == ["t-asked-posterior"]
    files = {path.name for path in workspace.folder("students", "s").iterdir()}
    assert "scratch" not in files and {"card.json", "model.safetensors"} <= files


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


@pytest.mark.parametrize("labels", ["prior", "uniform"])
def test_other_kinds_of_labels_have_their_own_name(workspace, labels):
    result = distill_student.run(distilling(labels=labels, epochs=1), Silent(), workspace)
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
    with pytest.raises(NotFound, match="'no/such' is neither a folder of a causal language model"):
        distill_student.run(distilling(student="no/such"), Silent(), workspace)
    other = KnowledgeGraph.build("other", TRIPLES)
    publish_questions(workspace, "foreign", other, asked(other))
    with pytest.raises(FormatError, match="'foreign' were tied to graph 'other' as it was"):
        distill_student.run(distilling(questions="foreign"), Silent(), workspace)
    assert workspace.names("students") == []
    distill_student.run(distilling(epochs=1), Silent(), workspace)
    with pytest.raises(AlreadyExists, match="'s' is taken among the students"):
        distill_student.run(distilling(epochs=1), Silent(), workspace)


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


def test_alpha_and_gold_share_choose_the_targets(tmp_path):
    questions = tuple(asked(family(tmp_path)))
    masked, speller = {q.id: q.text for q in questions}, tiny_student()[1]
    with_gold = [q for q in questions if q.paths]

    def made(**changes):
        return make_examples(questions, masked, {}, speller, distilling(**changes))

    assert len(made()) == len(with_gold)
    half = made(gold_share=0.5, seed=1)
    assert len(half) == round(len(with_gold) / 2)
    assert [e.prompt for e in half] == [e.prompt for e in made(gold_share=0.5, seed=1)]
    assert [e.prompt for e in half] != [e.prompt for e in made(gold_share=0.5, seed=2)]
    with pytest.raises(FormatError, match="alpha is 0.5, and no training question has"):
        made(gold_share=0.0)
