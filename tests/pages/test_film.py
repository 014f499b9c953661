"""A film of a run: what is drawn of its frames, and that pages show it."""

import os
from dataclasses import replace

import pytest
from stand_ins.films import LAST, PLACES, START, place
from stand_ins.screens import add_run, clean, open_page, words

from core.frames import FRAMES, Film, read_films, write_frame
from core.runs.store.store import Store
from core.settings import DistillSettings, TeacherSettings
from core.workspace import Workspace
from pages.parts.stage.learning import MOST, MOST_FRAMES, PEAK, learning


def film(*frames):
    """A film as it is read: masses by place."""
    ways = [(one.path, one.stop) for one in PLACES]
    return Film(
        frames[0],
        PLACES,
        tuple(one.step for one in frames),
        tuple({ways[number]: mass for number, mass in one.masses} for one in frames),
    )


def masses(stage, shares):
    found = {}
    for one, share in zip(stage.places, shares, strict=True):
        found[one.id] = share * found.get(one.parent, 1.0)
    return {name.replace("\n", " "): pytest.approx(mass, abs=1e-3) for name, mass in found.items()}


def test_a_film_is_drawn_on_one_tree_with_the_masses_of_each_frame_and_of_the_label():
    stage = learning(film(START, LAST), [(30, "alpha 0.5 → 0.3")])
    assert stage.sides == ("student", "teacher")
    assert (stage.reel.side, stage.reel.steps) == ("student", (0, 60))
    assert stage.reel.marks == ((30, "alpha 0.5 → 0.3"),)
    born, city, work = "topic born_in", "topic born_in city_of", "topic works_in"
    missing, rest, below = "topic born_in ∄mayor", "topic rest", "topic born_in rest"
    first, last = (masses(stage, shares) for shares in stage.reel.shares)
    assert first == {
        "topic": 1, born: 0.2, city: 0.1, f"{city} stop": 0.1, work: 0.1, f"{work} rest": 0.1,
        missing: 0, rest: 0.7, below: 0.1, f"{city} rest": 0,
    }  # fmt: skip
    assert last == {
        "topic": 1, born: 0.5, city: 0.4, f"{city} stop": 0.3, work: 0, f"{work} rest": 0,
        missing: 0.05, rest: 0.5, below: 0.05, f"{city} rest": 0.1,
    }  # fmt: skip
    label = masses(stage, [one.shares["teacher"] for one in stage.places])
    assert (label[born], label[f"{city} stop"], label[rest]) == (0.6, 0.5, 0.3)
    assert [one.shares["student"] for one in stage.places] == list(stage.reel.shares[-1])
    assert {one.kind for one in stage.places if "∄" in one.id} == {"missing"}
    assert [(end.entities, end.more) for end in stage.ends] == [("Usa", 0)]


def test_where_places_stand_does_not_change_with_what_is_probable():
    likelier = replace(LAST, masses=((0, 1.0), (1, 0.9), (2, 0.2), (3, 0.1), (4, 0.08), (5, 0.5)))
    one, other = (learning(film(START, last)) for last in (LAST, likelier))
    spots = [{p.id: (p.column, p.row) for p in stage.places} for stage in (one, other)]
    assert spots[0] == spots[1]


def test_what_was_believed_for_a_while_is_drawn_and_what_hardly_was_is_not():
    many = tuple(replace(place(number, (f"r{number}",)), label=None) for number in range(1, 60))
    ways = [(one.path, False) for one in many]
    for peak, drawn in ((PEAK, True), (PEAK / 2, False)):
        first = dict.fromkeys(ways, 0.002) | {ways[-1]: peak}
        last = {way: (60 - nth) / 2000 for nth, way in enumerate(ways[:-1])}
        stage = learning(Film(replace(START, training="teacher"), many, (0, 60), (first, last)))
        assert stage.sides == ("teacher",)
        kinds = [one.relation for one in stage.places if one.kind == "relation"]
        assert len(kinds) == MOST and ("R59" in kinds) is drawn


def test_a_long_film_is_thinned_to_its_first_and_last_frames():
    frames = [replace(LAST, step=step) for step in range(1000)]
    steps = learning(film(*frames)).reel.steps
    assert len(steps) == MOST_FRAMES and (steps[0], steps[-1]) == (0, 999)


# --- on a page ------------------------------------------------------------------------------------


def watched(recipe, settings, *frames, **run):
    add_run(recipe, settings, pid=os.getpid(), **run)
    folder = Store(Workspace()).workspace.root / "runs" / run.get("run_id", "run-1")
    for one in frames:
        write_frame(folder, one)
    return folder


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "Orange: what the student says"), ("zh", "橙色：学生学习过程中")]
)
def test_a_run_shows_its_film_while_it_goes_on(lang, told):
    settings = DistillSettings(name="s", teacher="t")
    others = [
        replace(one, question="q2", text="乔·拜登？", language="zh", practised=False)
        for one in (START, LAST)
    ]
    folder = watched("distill_student", settings, START, LAST, *others)
    assert len(read_films(folder)) == 2
    app = clean(open_page("runs/runs", lang=lang, run="run-1"))
    assert told in words(app)
    choice = app.selectbox(key="film.question.run-1.student")
    assert choice.value == {"en": "q1", "zh": "q2"}[lang]
    assert [one.partition(" · ")[0] for one in choice.options] == [START.text, "乔·拜登？"]


def test_of_two_trainings_the_later_one_is_shown_and_the_other_can_be():
    teacher = [replace(one, training="teacher") for one in (START, LAST)]
    watched("train_teacher", TeacherSettings(name="t", graph="g", questions="q"), *teacher, START)
    app = clean(open_page("runs/runs", run="run-1"))
    assert "Orange: what the student says" in words(app)
    app.segmented_control(key="film.learner.run-1").set_value("teacher").run()
    assert "What the teacher makes of it while it learns" in words(clean(app))


def test_frames_that_are_no_file_are_one_sentence():
    folder = watched("train_teacher", TeacherSettings(name="t", graph="g", questions="q"))
    (folder / FRAMES).mkdir()
    app = clean(open_page("runs/runs", run="run-1"))
    assert len(app.error) == 1 and "a folder" in app.error[0].value
