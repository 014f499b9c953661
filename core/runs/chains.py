"""Several runs as one chain: each waits for the one before.

    generate questions -> train a teacher -> label with it -> distil a student -> score them

`start_chain` has the questions already; `learn` begins with a graph alone and names everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from core.errors import AlreadyExists
from core.runs import client
from core.runs.run import ACTIVE
from core.runs.store.store import Store
from core.settings import (
    DistillSettings,
    EvaluateSettings,
    LabelSettings,
    QuestionGenerationSettings,
    Settings,
    TeacherSettings,
    checked,
)
from core.workspace import joined_name

Link = tuple[str, Settings]
"""A recipe and its settings."""

GENERATED_EPOCHS = 8
"""A teacher's passes over questions that are generated: forty take several times as long, and of
people's own words it understood hardly more (`docs/teachers.md`)."""


def start_chain(
    store: Store, graph: str, questions: str, teacher: str, student: str, device: str = "auto"
) -> list[str]:
    """Queue the four runs from questions to a scored student, with usual settings.

    Args:
        store: Where the runs are kept.
        graph: The graph to reason over.
        questions: The question set to learn from and be scored on.
        teacher: What the teacher will be called.
        student: What the student will be called.
        device: What all of them compute on.

    Returns:
        Their ids, in the order they will go.

    Raises:
        NotFound: If there is no such graph or question set.
        AlreadyExists: If a name is taken.
        SettingsError: If a name or the device is none.
        WorkspaceError: If the workspace is full or cannot be written.
    """
    place = store.workspace
    place.folder("graphs", graph)
    place.folder("questions", questions)
    for kind, name in (("teachers", teacher), ("students", student)):
        if place.exists(kind, name):
            raise AlreadyExists(
                "The name {name!r} is taken among the {kind}; choose another.", name=name, kind=kind
            )
    return _queued(store, _from_questions(graph, questions, teacher, student, device))


def learn(store: Store, graph: str, device: str = "auto") -> list[str]:
    """Queue the whole way from a graph alone to a student that answers about it, and its scores.

    Questions, teacher and student are called after the graph, by names that nothing else has or
    will have.

    Args:
        store: Where the runs are kept.
        graph: The graph to teach.
        device: What all of them compute on.

    Returns:
        The ids of the six runs, in the order they will go; the last but one scores the student, the
        last its teacher.

    Raises:
        NotFound: If there is no such graph.
        SettingsError: If the device is none.
        WorkspaceError: If the workspace is full or cannot be written.
    """
    store.workspace.folder("graphs", graph)
    questions = _free_name(store, "questions", joined_name(graph, "-questions"))
    teacher = _free_name(store, "teachers", joined_name(graph, "-teacher"))
    student = _free_name(store, "students", joined_name(graph, "-student"))
    asking = checked(QuestionGenerationSettings, {"name": questions, "graph": graph})
    scoring = {"model": teacher, "role": "teacher", "questions": questions, "device": device}
    links: list[Link] = [
        ("generate_questions", asking),
        *_from_questions(graph, questions, teacher, student, device, {"epochs": GENERATED_EPOCHS}),
        ("evaluate", checked(EvaluateSettings, scoring)),
    ]
    return _queued(store, links)


def _from_questions(
    graph: str,
    questions: str,
    teacher: str,
    student: str,
    device: str,
    teaching: Mapping[str, Any] = MappingProxyType({}),
) -> list[Link]:
    """The four runs of `start_chain`; `teaching` are settings of the teacher."""
    common = {"questions": questions, "device": device}
    training = {"name": teacher, "graph": graph, **common, **teaching}
    distilling = checked(DistillSettings, {"name": student, "teacher": teacher, **common})
    # Called as the distillation looks for them, which else would make them itself.
    labels = joined_name(f"{teacher}-{questions}", f"-{distilling.labels}")
    labelling = {"name": labels, "teacher": teacher, "kind": distilling.labels, **common}
    return [
        ("train_teacher", checked(TeacherSettings, training)),
        ("label_questions", checked(LabelSettings, {**labelling, "replace": True})),
        ("distill_student", distilling),
        ("evaluate", checked(EvaluateSettings, {"model": student, "role": "student", **common})),
    ]


def _queued(store: Store, links: list[Link]) -> list[str]:
    ids: list[str] = []
    for recipe, settings in links:
        ids.append(client.submit(store, recipe, settings, after=ids[-1:]).id)
    return ids


def _free_name(store: Store, kind: str, wanted: str) -> str:
    """A name that nothing of a kind has, and that no run which goes on will give."""
    promised = {run.settings.get("name") for run in store.runs(500, states=ACTIVE)}
    name, number = wanted, 2
    while store.workspace.exists(kind, name) or name in promised:
        name, number = joined_name(wanted, f"-{number}"), number + 1
    return name
