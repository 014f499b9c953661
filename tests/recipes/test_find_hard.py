"""Where a student differs from its teacher, and the question set that is made of it."""

from dataclasses import replace

import pytest

from core.errors import FormatError
from core.questions.question_sets import load_questions
from core.recipes import compare_labels, find_hard
from core.recipes.find_hard import Scored, choose
from core.records import Question
from core.report import Silent
from core.settings import CompareSettings, HardSettings
from core.student.language_model import open_student
from core.teacher.teachers import open_teacher

NAMES = {"name": "weak", "student": "s"}


def settings(**changes):
    wanted = {**NAMES, "count": 30, "keep": 3, "device": "cpu", "replace": True}
    return HardSettings(**{**wanted, **changes})


@pytest.fixture(scope="module")
def found(world):
    return find_hard.run(settings(), Silent(), world)


def test_the_set_holds_the_paths_of_largest_divergence_that_the_teacher_knows(world, found):
    made = load_questions(world, "weak")
    assert len(made.questions) == found.chosen == 3 == len(made.part("train"))
    known = [row for row in found.by_path if row.teacher_right >= find_hard.KNOWN]
    in_set = [row for row in known if row.chosen]
    assert in_set == known[: len(in_set)] and not any(
        row.chosen for row in found.by_path if row not in known
    )
    assert sum(row.questions for row in found.by_path) == found.asked
    assert sum(row.questions for row in found.by_hops) == found.asked
    by_id = {one.id: one for one in made.questions}
    assert all(by_id[row.example].paths == (row.relations,) for row in in_set)


def test_nothing_is_learned_that_the_students_questions_hold_out(world, found):
    held = {one.group for one in load_questions(world, "asked").part("dev")}
    assert not held & {one.group for one in load_questions(world, "weak").questions}


def test_the_divergence_is_that_of_the_soft_labels(world, found):
    question = load_questions(world, "weak").questions[0]
    teacher, student = open_teacher(world, "t", "cpu"), open_student(world, "s")
    (one,) = find_hard.scored_pool(teacher, student, [question], Silent())
    asked = CompareSettings(student="s", question=question.text, topic=question.topics[0])
    compared = compare_labels.run(asked, Silent(), world)
    assert one.divergence == pytest.approx(compared.kl_path, abs=1e-4) and one.divergence > 0.1


def test_what_the_student_learned_besides_goes_along(world, monkeypatch):
    older = (Question("en-00001", "Who?", "en", ("bob",), ("ann",), (("spouse",),), "train", "x"),)
    monkeypatch.setattr(find_hard, "_learned_besides", lambda student, workspace: older)
    report = find_hard.run(settings(name="both"), Silent(), world)
    made = load_questions(world, "both")
    assert report.taken_over == 1 and len(made.questions) == report.chosen + 1
    assert made.questions[-1] == replace(older[0], id="more-00001")


def test_a_teacher_that_knows_nothing_leaves_no_set(world, monkeypatch):
    monkeypatch.setattr(find_hard, "KNOWN", 1.1)
    with pytest.raises(FormatError, match="no relation path that the teacher 't' finds itself"):
        find_hard.run(settings(name="none"), Silent(), world)
    assert not world.exists("questions", "none")


def scored(path, number, divergence, teacher_right):
    question = Question(f"{path}{number}", "Who?", "en", ("bob",), ("ann",), ((path,),))
    return Scored(question, divergence, teacher_right, False)


POOL = [scored(path, n, divergence, path != "guessed")
        for path, divergence in (("easy", 0.1), ("guessed", 9.0), ("hard", 3.0))
        for n in range(4)]  # fmt: skip


def test_chance_draws_from_the_same_questions():
    hard = choose(POOL, settings(keep=4))
    assert [one.path for one in hard] == [("hard",)] * 4
    drawn = [choose(POOL, settings(keep=4, pick="random", seed=seed)) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert {one.path for ones in drawn for one in ones} == {("easy",), ("hard",)}
    assert {len(ones) for ones in drawn} == {4}
