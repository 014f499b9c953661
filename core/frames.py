"""What a training makes of a few questions while it goes on: frames, kept with its run.

    frames.jsonl    a line a frame: {"training": "student", "question": ..., "step": 120, ...}

A frame is complete but for the names of its places, which stand in the first frame that shows them.
Whatever is half written is one frame less. A training that was interrupted goes on in the same
file: from where it begins again, what it says replaces what was said before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from core.errors import FormatError
from core.foreign_files import lines_of, open_foreign, parse_json
from core.records import RelationPath
from core.results.named import Named
from core.results.record import Record
from core.roots import make_folder
from core.workspace import writing

FRAMES: Final = "frames.jsonl"
"""In the folder of a run."""

LARGEST_FRAMES: Final = 16 << 20
"""Bytes of such a file."""

MOST_PLACES: Final = 60
"""Places of a frame, those of most mass."""

LEAST_MASS: Final = 5e-4
"""What has less mass than this is in no frame."""

Place = tuple[RelationPath, bool]
"""A place in a question's tree: a path, and whether it is the choice to stop there."""

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, kw_only=True)
class FramePlace(Record):
    """A place by name.

    Attributes:
        id: By which frames name it.
        path: Ids of the relations that lead there; see `core.records.MISSING`.
        stop: Whether it is the choice to stop at the end of the path.
        relation: The last relation; None where a path stops.
        frontier: The best known entities that the path reaches.
        frontier_size: How many it reaches.
        label: The mass that is to be learned; None where a training has no such thing.
    """

    id: int
    path: tuple[str, ...]
    stop: bool
    relation: Named | None
    frontier: tuple[Named, ...] = ()
    frontier_size: Annotated[int, Field(ge=0)] = 0
    label: Share | None = None


@dataclass(frozen=True, kw_only=True)
class Frame(Record):
    """What was made of a question after so many steps.

    Attributes:
        training: Who learned.
        question: Its id in the question set.
        practised: Whether it is one of those that are learned from.
        places: Those that no frame before has named.
        masses: By a place's number the probability of all paths through it; places of hardly any
            are left out.
    """

    training: Literal["teacher", "student"]
    question: str
    text: str
    language: str
    topic: Named
    practised: bool
    step: Annotated[int, Field(ge=0, le=2**31 - 1)]
    places: tuple[FramePlace, ...]
    masses: tuple[tuple[int, Share], ...]


@dataclass(frozen=True, eq=False)
class Film:
    """All frames of a question in a training.

    Attributes:
        first: The first frame, which says what is asked.
        places: In the order in which they came up.
        steps: Ascending.
        masses: By step and place; what is not there has hardly any.
    """

    first: Frame
    places: tuple[FramePlace, ...]
    steps: tuple[int, ...]
    masses: tuple[Mapping[Place, float], ...]


def likeliest(masses: Mapping[Place, float]) -> dict[Place, float]:
    """What of a tree's masses a frame keeps; a place comes with those on the way to it.

    Args:
        masses: A place comes after those on the way to it, which have no less.
    """
    best = sorted(masses.items(), key=lambda item: -item[1])[:MOST_PLACES]
    return {place: round(min(mass, 1.0), 4) for place, mass in best if mass >= LEAST_MASS}


def write_frame(folder: Path, frame: Frame) -> None:
    """Add a frame to those of a run.

    Args:
        folder: Of the run; made where it is missing.
        frame: The frame.

    Raises:
        WorkspaceError: If it cannot be written.
    """
    line = Frame._adapter().dump_json(frame, exclude_defaults=True)
    make_folder(folder)
    with writing(folder), (folder / FRAMES).open("a+b") as file:
        if file.tell():
            file.seek(-1, 2)
            line = line if file.read() == b"\n" else b"\n" + line  # after what is half written
        file.write(line + b"\n")


def read_films(folder: Path) -> Sequence[Film]:
    """The films of a run, in the order in which they began; none where it has none.

    Raises:
        FormatError: If the file is no regular file, or larger than `LARGEST_FRAMES`.
    """
    path = folder / FRAMES
    if not path.exists():
        return ()
    found = path.stat()
    return _films(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _films(path: Path, _changed: int, _size: int) -> tuple[Film, ...]:
    """The films of a file as it was at some time."""
    found: dict[tuple[str, str], list[Frame]] = {}
    for frame in _frames(path):
        found.setdefault((frame.training, frame.question), []).append(frame)
    return tuple(map(_film, found.values()))


def _film(frames: Sequence[Frame]) -> Film:
    """A film of frames as they were written."""
    places: dict[Place, FramePlace] = {}
    called: dict[int, Place] = {}
    cut: list[tuple[int, Mapping[Place, float]]] = []
    for frame in frames:
        for place in frame.places:
            called[place.id] = (place.path, place.stop)
            places[called[place.id]] = place
        while cut and cut[-1][0] >= frame.step:
            cut.pop()
        masses = {called[number]: mass for number, mass in frame.masses if number in called}
        cut.append((frame.step, masses))
    steps, shown = zip(*cut, strict=True)
    return Film(frames[0], tuple(places.values()), steps, shown)


def _frames(path: Path) -> Iterator[Frame]:
    with open_foreign(path, LARGEST_FRAMES) as file:
        for line in lines_of(file, path.name):
            # Half written, or by another version: one frame less.
            with suppress(FormatError, ValueError, TypeError):
                yield Frame.from_record(parse_json(line))
