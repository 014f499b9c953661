"""What is watched of a training, read back: half-written lines, trainings that begin again."""

from dataclasses import replace

import pytest

from core.errors import FormatError
from core.frames import FRAMES, MOST_PLACES, Frame, FramePlace, likeliest, read_films, write_frame
from core.results.named import Named

BORN, CITY = ("born_in",), ("born_in", "city_of")


def place(number, path, stop=False, **more):
    relation = None if stop or not path else Named(id=path[-1], label=path[-1])
    return FramePlace(id=number, path=path, stop=stop, relation=relation, **more)


def frame(step, masses, places=(), **changes):
    made = Frame(
        training="student",
        question="q1",
        text="What is Joe Biden's nationality?",
        language="en",
        topic=Named(id="joe_biden", label="Joe Biden"),
        practised=True,
        step=step,
        places=places,
        masses=masses,
    )
    return replace(made, **changes)


FIRST = (place(0, ()), place(1, BORN))


def test_frames_are_read_as_they_were_written(tmp_path):
    assert read_films(tmp_path / "none") == ()
    frames = [
        frame(0, ((0, 1.0), (1, 0.05)), FIRST),
        frame(60, ((0, 1.0), (1, 0.57), (2, 0.5)), (place(2, CITY, label=0.6),)),
        frame(0, ((0, 1.0),), FIRST, training="teacher"),
    ]
    for one in frames:
        write_frame(tmp_path / "run", one)
    student, teacher = read_films(tmp_path / "run")
    assert (student.first, student.steps) == (frames[0], (0, 60))
    assert student.places == (*FIRST, *frames[1].places)
    assert student.masses == (
        {((), False): 1.0, (BORN, False): 0.05},
        {((), False): 1.0, (BORN, False): 0.57, (CITY, False): 0.5},
    )
    assert (teacher.first.training, teacher.steps) == ("teacher", (0,))


@pytest.mark.parametrize(
    "left", [b'{"training": "stud', b"[]\n", b'"x"\n', b"\n", b"\xff\n", b"{}"]
)
def test_what_is_no_frame_is_one_frame_less(tmp_path, left):
    write_frame(tmp_path, frame(0, ((0, 1.0),), FIRST))
    with (tmp_path / FRAMES).open("ab") as file:
        file.write(left)
    assert [film.steps for film in read_films(tmp_path)] == [(0,)]
    write_frame(tmp_path, frame(60, ((0, 1.0),)))
    assert [film.steps for film in read_films(tmp_path)] == [(0, 60)]


@pytest.mark.parametrize("change", ['"step":-1', '"masses":[[0,1.5]]', '"masses":[["0",1]]'])
def test_a_frame_that_cannot_be_is_none(tmp_path, change):
    write_frame(tmp_path, frame(7, ((0, 1.0),), FIRST))
    path = tmp_path / FRAMES
    name = change.partition(":")[0]
    as_it_was = {'"step"': '"step":7', '"masses"': '"masses":[[0,1.0]]'}[name]
    text = path.read_text(encoding="utf-8")
    assert as_it_was in text
    path.write_text(text.replace(as_it_was, change), encoding="utf-8")
    assert read_films(tmp_path) == ()


def test_a_training_that_begins_again_replaces_what_it_said_of_later_steps(tmp_path):
    for one in (
        frame(0, ((0, 1.0), (1, 0.1)), FIRST),
        frame(60, ((1, 0.2),)),
        frame(120, ((1, 0.3),)),
        frame(60, ((0, 0.4),), (place(0, BORN),)),  # its numbers begin again as well
    ):
        write_frame(tmp_path, one)
    (film,) = read_films(tmp_path)
    assert film.steps == (0, 60)
    assert film.masses[-1] == {(BORN, False): 0.4}


def test_a_frame_keeps_the_likeliest_places_with_those_on_their_way():
    masses = {((), False): 1.0, (BORN, False): 0.5, (CITY, False): 0.5, (CITY, True): 0.0001}
    many = {((f"r{number}",), False): 0.4 for number in range(2 * MOST_PLACES)}
    assert likeliest(masses) == {place: masses[place] for place in list(masses)[:3]}
    kept = likeliest({**masses, **many})
    assert len(kept) == MOST_PLACES and (CITY, False) in kept


def test_a_folder_in_its_place_is_refused(tmp_path):
    (tmp_path / FRAMES).mkdir()
    with pytest.raises(FormatError, match="a folder"):
        read_films(tmp_path)
