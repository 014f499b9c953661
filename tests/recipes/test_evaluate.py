"""Evaluating teachers and students, at the end of the whole loop."""

import shutil

import pytest

from core.answers.predictions import execute, student_predictions, teacher_predictions
from core.errors import FormatError, NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.questions.question_sets import load_questions
from core.recipes import distill_student, evaluate, label_questions, train_teacher
from core.report import Silent
from core.settings import EvaluateSettings
from core.student.language_model import open_student
from core.teacher.teachers import open_teacher
from core.workspace import read_json
from tests.family_graph import TRIPLES
from tests.family_loop import (
    asked,
    distilling,
    evaluating,
    labelling,
    publish_questions,
    small_students,
    teaching,
    world,
)
from tests.question_trees import question


@pytest.fixture(scope="module", autouse=True)
def small():
    with small_students():
        yield


@pytest.fixture(scope="module")
def workspace(small, tmp_path_factory):
    """The whole loop, once: long enough to learn the family by heart."""
    made = world(tmp_path_factory.mktemp("loop"))
    settings = teaching(epochs=40, patience=40, batch_size=4, learning_rate=0.01)
    train_teacher.run(settings, Silent(), made)
    label_questions.run(labelling(), Silent(), made)
    settings = distilling(epochs=40, batch_size=4, alpha=0.3, learning_rate=0.01)
    distill_student.run(settings, Silent(), made)
    return made


def test_the_loop_ends_in_a_teacher_and_a_student_that_know_their_lessons(workspace):
    for model in ("t", "s"):
        scores = evaluate.run(
            evaluating(model=model, split="train"), Silent(), workspace
        ).as_record()
        assert scores["hits_at_1"] >= 0.9
        assert scores["path_validity"] == 1.0
        assert scores["path_exact_match"] >= 0.9


@pytest.mark.parametrize(
    ("model", "decoding", "kind", "shown"),
    [
        ("t", "constrained", "teacher", "exact"),
        ("s", "constrained", "student", "constrained"),
        ("s", "free", "student", "free"),
    ],
)
def test_scores_are_returned_and_kept(workspace, model, decoding, kind, shown):
    result = evaluate.run(
        evaluating(model=model, decoding=decoding), Silent(), workspace
    ).as_record()
    questions = load_questions(workspace, "asked")
    wanted = {
        "model": model,
        "kind": kind,
        "decoding": shown,
        "question_set": "asked",
        "split": "test",
        "split_kind": "given",
        "questions": questions.counts["test"],
    }
    assert {key: result[key] for key in wanted} == wanted
    assert sum(one["questions"] for one in result["levels"]) <= result["questions"]
    assert result["levels"] and all(0 <= one["hits_at_1"] <= 1 for one in result["levels"])
    shares = ("hits_at_1", "hit", "f1", "path_exact_match", "path_validity", "faithfulness")
    assert all(0 <= result[share] <= 1 for share in shares)
    assert sum(one["questions"] for one in result["languages"]) == result["questions"]
    assert [one["part"] for one in result["hops"]] == sorted(
        {one["part"] for one in result["hops"]}
    )
    said = result["decisions"]
    assert said["answered"] + said["unsure"] + said["refused"] == pytest.approx(1)
    assert 0 < result["answering"] <= result["seconds"]
    name = f"{model}.asked.test.{shown[:8]}"
    assert read_json(workspace.folder("evaluations", name) / "evaluation.json") == result
    assert EvaluateSettings(**evaluating(model=model).model_dump()).model == model


def test_only_so_many_are_scored(workspace):
    assert evaluate.run(evaluating(limit=1), Silent(), workspace).as_record()["questions"] == 1


def test_questions_without_an_answer_are_scored_apart(workspace):
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    there = [one for one in asked(graph) if one.split == "test"]
    none = [
        question(n, f"Who is the boss of {one.text}", one.topics[0], [], [("∄",)], split="test")
        for n, one in enumerate(there[:3])
    ]
    publish_questions(workspace, "mixed", graph, [*there, *none])
    for model in ("t", "s"):
        alone = evaluate.run(evaluating(model=model), Silent(), workspace)
        mixed = evaluate.run(evaluating(model=model, questions="mixed"), Silent(), workspace)
        assert mixed.questions == alone.questions + 3
        assert (mixed.hits_at_1, mixed.hit, mixed.f1) == (alone.hits_at_1, alone.hit, alone.f1)
        assert (alone.honesty.unanswerable, mixed.honesty.unanswerable) == (0, 3)
        assert alone.honesty.unanswerable_answered is alone.honesty.auroc is None
        assert 0 <= mixed.honesty.unanswerable_answered <= 1
        assert mixed.honesty.answerable_refused == alone.honesty.answerable_refused
        assert mixed.honesty.auroc is not None


@pytest.mark.parametrize("model", ["s", "t"])
def test_a_measured_model_is_held_to_its_likely_sets(workspace, model):
    opened = {"s": open_student, "t": open_teacher}[model](workspace, model)
    measured = opened.card["certainty"]
    found = evaluate.run(evaluating(model=model), Silent(), workspace)
    assert [one.level for one in found.likely_sets] == [one["level"] for one in measured["levels"]]
    assert all(0 <= one.coverage <= 1 and one.size >= 0 for one in found.likely_sets)


@pytest.mark.parametrize("beams", [1, 2, 8])
def test_every_constrained_path_runs_and_probabilities_add_up(workspace, beams):
    student, questions = open_student(workspace, "s"), load_questions(workspace, "asked").questions
    made = student_predictions(student, questions, "constrained", beams, Silent(), search="beam")
    for one, prediction in zip(questions, made, strict=True):
        topic = student.graph.entity(one.topics[0])
        assert 1 <= len(prediction.paths) <= beams
        assert sum(path.probability for path in prediction.paths) <= 1 + 1e-5
        for path in prediction.paths:
            codes = relation_codes(student.graph, path.relations)
            reached = follow_path(student.graph, topic, codes)
            assert len(reached) == len(codes) + 1
            assert path.answers == tuple(student.graph.entity_id(e) for e in reached[-1])
        for entity, probability in prediction.answers:
            through = [path.probability for path in prediction.paths if entity in path.answers]
            assert probability == pytest.approx(sum(through))


def test_what_cannot_be_read_is_predicted_as_nothing(workspace):
    odd = [question(0, "Who?", "zed", ["ann"]), question(1, "Who?", "nobody", ["ann"])]
    student, teacher = open_student(workspace, "s"), open_teacher(workspace, "t")
    for made in (
        student_predictions(student, odd, "constrained", 2, Silent()),
        teacher_predictions(teacher, odd, Silent()),
    ):
        assert [(p.question, p.answers, p.paths) for p in made] == [
            ("q0", (), ()),
            ("q1", (), ()),
        ]


def test_paths_are_executed_as_they_are_spoken(workspace):
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    carl = graph.entity("carl")
    assert execute(graph, carl, ("child", "friend")) == ("finn", "gina")
    for nonsense in ((), ("chil",), ("child", "child"), ("child", "no_such"), ("",)):
        assert execute(graph, carl, nonsense) == ()


def test_bad_input_is_said_in_one_sentence(workspace):
    with pytest.raises(NotFound, match=r"No student or teacher is named 'x' \(there: s, t\)\."):
        evaluate.run(evaluating(model="x"), Silent(), workspace)
    with pytest.raises(NotFound, match="nothing named 'none' among the questions"):
        evaluate.run(evaluating(questions="none"), Silent(), workspace)
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    train_only = [one for one in asked(graph) if one.split == "train"]
    publish_questions(workspace, "trainonly", graph, train_only)
    with pytest.raises(NotFound, match="The questions 'trainonly' have no 'test' part."):
        evaluate.run(evaluating(questions="trainonly"), Silent(), workspace)
    other = KnowledgeGraph.build("other", TRIPLES)
    publish_questions(workspace, "foreign", other, asked(other))
    with pytest.raises(FormatError, match="'foreign' were tied to graph 'other' as it was"):
        evaluate.run(evaluating(questions="foreign"), Silent(), workspace)


def test_a_teacher_of_the_same_name_can_be_meant(workspace):
    shutil.copytree(workspace.folder("teachers", "t"), workspace.root / "teachers" / "s")
    try:
        assert evaluate.run(evaluating(model="s"), Silent(), workspace).kind == "student"
        asked_for = evaluating(model="s", role="teacher")
        assert evaluate.run(asked_for, Silent(), workspace).kind == "teacher"
    finally:
        shutil.rmtree(workspace.root / "teachers" / "s")
    with pytest.raises(NotFound, match="No student or teacher is named 't'"):
        evaluate.run(evaluating(model="t", role="student"), Silent(), workspace)


def test_long_names_do_not_meet_in_one_place(workspace):
    long = [f"{'a-student-of-' * 3}{end}" for end in ("one", "two")]
    for name in long:
        shutil.copytree(workspace.folder("students", "s"), workspace.root / "students" / name)
        evaluate.run(evaluating(model=name), Silent(), workspace)
    kept = [workspace.read("evaluations", one, "evaluation.json")
            for one in workspace.names("evaluations")]  # fmt: skip
    assert {one["model"] for one in kept} >= set(long)
