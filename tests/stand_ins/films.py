"""A film of a student's training, as frames in its run's folder."""

from dataclasses import replace

from stand_ins import results

from core.frames import Frame, FramePlace

BORN, CITY, WORK = ("born_in",), ("born_in", "city_of"), ("works_in",)


def place(number, path, label=None, *, stop=False, reached=("usa",)):
    return FramePlace(
        id=number,
        path=path,
        stop=stop,
        relation=None if stop or not path else results.named(path[-1]),
        frontier=tuple(map(results.named, reached)),
        frontier_size=len(reached),
        label=label,
    )


PLACES = (
    place(0, (), 1.0),
    place(1, BORN, 0.6, reached=("scranton",)),
    place(2, CITY, 0.6),
    place(3, CITY, 0.5, stop=True),
    place(4, WORK, 0.1),
    place(5, (*BORN, "∄mayor"), 0.0, reached=()),
)


def frame(step, masses, places=(), **changes):
    made = Frame(
        training="student",
        question="q1",
        text="What is Joe Biden's nationality?",
        language="en",
        topic=results.named("joe_biden", results.HTML_ESCAPE),
        practised=True,
        step=step,
        places=places,
        masses=masses,
    )
    return replace(made, **changes)


START = frame(0, ((0, 1.0), (1, 0.2), (2, 0.1), (3, 0.1), (4, 0.1)), PLACES)
LAST = frame(60, ((0, 1.0), (1, 0.5), (2, 0.4), (3, 0.3), (5, 0.05)))
