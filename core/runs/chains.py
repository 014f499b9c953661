"""The whole way from questions to a scored student as one chain: each run waits for the one before.

train a teacher -> label with it -> distil a student -> score the student
"""

from __future__ import annotations

from core.errors import AlreadyExists
from core.runs import client
from core.runs.store.store import Store
from core.settings import (
    DistillSettings,
    EvaluateSettings,
    LabelSettings,
    Settings,
    TeacherSettings,
    checked,
)
from core.workspace import joined_name


def start_chain(
    store: Store, graph: str, questions: str, teacher: str, student: str, device: str = "auto"
) -> list[str]:
    """Queue the four runs, with usual settings.

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
    common = {"questions": questions, "device": device}
    training = {"name": teacher, "graph": graph, **common}
    distilling = checked(DistillSettings, {"name": student, "teacher": teacher, **common})
    # Called as the distillation looks for them, which else would make them itself.
    labels = joined_name(f"{teacher}-{questions}", f"-{distilling.labels}")
    labelling = {"name": labels, "teacher": teacher, "kind": distilling.labels, **common}
    links: list[tuple[str, Settings]] = [
        ("train_teacher", checked(TeacherSettings, training)),
        ("label_questions", checked(LabelSettings, {**labelling, "replace": True})),
        ("distill_student", distilling),
        ("evaluate", checked(EvaluateSettings, {"model": student, **common})),
    ]
    ids: list[str] = []
    for recipe, settings in links:
        ids.append(client.submit(store, recipe, settings, after=ids[-1:]).id)
    return ids
