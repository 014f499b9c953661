"""Trainings write frames of a few questions: what they make of them, step by step."""

from dataclasses import replace

import pytest

from core.frames import FRAMES, LEAST_MASS, likeliest, read_films
from core.labels.path_labels import read_labels
from core.questions.question_sets import load_questions
from core.recipes import distill_student, train_teacher
from core.recipes.compare_labels import Side, student_side
from core.recipes.watched_questions import EVERY, Watched, places_of, watched_questions
from core.records import TOPIC_MARK
from core.results.named import Named
from core.student.language_model import open_student
from core.teacher import training
from core.teacher.teachers import open_teacher
from tests.family_loop import asked, distilling, small_students, teaching
from tests.small_runs import Scripted


def masses_of_path(film, *path):
    return [masses.get((path, False), 0.0) for masses in film.masses]


def test_a_teachers_frames_begin_before_it_learns_and_end_with_what_it_answers(
    workspace, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "EVAL_EVERY", 2)
    report = Scripted(folder=tmp_path / "run")
    train_teacher.run(teaching(epochs=4, learning_rate=0.02), report, workspace)
    practised, held_out = read_films(tmp_path / "run")
    assert practised.steps == held_out.steps == (0, 2, 4)
    assert (practised.first.practised, held_out.first.practised) == (True, False)
    assert practised.first.text == "Who are the children of Ann Berg?"
    assert practised.first.topic == Named(id="ann", label="Ann Berg")
    for film in (practised, held_out):
        assert all(masses[(), False] == pytest.approx(1, abs=1e-3) for masses in film.masses)
        assert all(place.label is None for place in film.places)
        for masses in film.masses:  # a place never comes without the one before it
            assert all((path[: len(path) - (not stop)], False) in masses for path, stop in masses)
    before, *_, after = masses_of_path(practised, "child")
    assert after > before
    (child,) = [one for one in practised.places if one.path == ("child",) and not one.stop]
    assert child.relation.id == "child" and child.frontier_size == len(child.frontier) > 0


def test_a_students_frames_end_with_what_the_student_says(workspace, taught, tmp_path):
    report = Scripted(folder=tmp_path / "run")
    with small_students():
        distill_student.run(distilling(learning_rate=0.02), report, workspace)
        student = open_student(workspace, "s")
    teacher = open_teacher(workspace, "t")
    place = workspace.open("labels", "t-asked-posterior") / "labels.parquet"
    labels, _ = read_labels(place, teacher.graph.hash, teacher.hash)
    practised, held_out = read_films(tmp_path / "run")
    assert (practised.first.training, practised.first.practised) == ("student", True)
    assert held_out.first.training == "student" and held_out.steps[0] == 0
    assert len(practised.steps) == 3  # before the first of two epochs, and after each
    label = labels[practised.first.question]
    aim = likeliest(places_of(label, Side(label.masses, label.stops)))
    assert {(p.path, p.stop): p.label for p in practised.places if p.label >= LEAST_MASS} == aim
    prompt = student.speller.prompt("Who are the children of " + TOPIC_MARK + "?")
    said = likeliest(places_of(label, student_side(student, label, prompt)))
    assert len(said) > 1 and practised.masses[-1] == pytest.approx(said, abs=2e-4)
    assert practised.masses[0] != practised.masses[-1]


def test_where_no_run_is_kept_nothing_is_watched(workspace, tmp_path):
    train_teacher.run(teaching(epochs=1), Scripted(), workspace)
    assert not list(tmp_path.rglob(FRAMES))


def test_in_each_language_one_is_practised_and_one_in_all_is_held_out(workspace):
    known = load_questions(workspace, "asked")
    both = [*known.questions, *(replace(one, language="zh") for one in known.questions)]
    both[0] = replace(both[0], topics=("ann", "bob"))  # two trees are not watched
    both = replace(known, questions=tuple(both))
    chosen = [watched_questions(both, seed) for seed in range(9)]
    splits = [(one.language, one.split) for one in chosen[0]]
    assert splits[:2] == [("en", "train"), ("zh", "train")] and splits[2][1:] == ("dev",)
    assert chosen[0][0].id == both.questions[1].id
    assert len({one.id for _, _, one in chosen}) > 1
    assert watched_questions(both, 3) == chosen[3]


def test_a_long_training_keeps_ever_fewer_frames(graph, tmp_path):
    question = asked(graph)[0]
    watched = Watched(tmp_path, "teacher", question, graph)
    for step in range(3 * EVERY + 8):
        watched.take(step, {((), False): 1.0})
    (film,) = read_films(tmp_path)
    assert film.steps == (
        *range(EVERY), *range(EVERY, 3 * EVERY, 2), *range(3 * EVERY, 3 * EVERY + 8, 4),
    )  # fmt: skip
