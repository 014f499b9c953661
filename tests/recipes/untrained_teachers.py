"""What every teacher must be good for, whatever it is made of, and a tiny language model."""

import json

import pytest

from core.labels.path_labels import read_labels
from core.recipes import (
    distill_student,
    evaluate,
    explain_question,
    label_questions,
    suppose_otherwise,
)
from core.report import Silent
from core.settings import ExplainSettings, WhatIfSettings
from core.teacher.teachers import open_teacher
from tests.family_loop import distilling, evaluating, labelling, small_students

QUESTION = "What is the nationality of the children of Bob Berg?"


def works(workspace, name):
    """Label, explain, suppose, evaluate and distil from a teacher, in the smallest size."""
    label_questions.run(labelling(teacher=name, name=f"{name}-l"), Silent(), workspace)
    teacher = open_teacher(workspace, name)
    path = workspace.folder("labels", f"{name}-l") / "labels.parquet"
    labels, _ = read_labels(path, teacher.graph.hash, teacher.hash)
    assert labels
    for label in labels.values():
        assert label.stops.sum() + label.rest == pytest.approx(1)
    trace = explain_question.run(
        ExplainSettings(teacher=name, question=QUESTION), Silent(), workspace
    ).as_record()
    assert json.loads(json.dumps(trace, allow_nan=False)) == trace
    assert trace["message_passing"] is None
    told = sum(path["probability"] for path in trace["paths"]) + trace["rest"] + trace["unsaid"]
    assert told == pytest.approx(1)
    without = WhatIfSettings(teacher=name, question=QUESTION, without_entities=("carl", "dora"))
    supposed = suppose_otherwise.run(without, Silent(), workspace).as_record()
    assert 0 <= supposed["moved"] <= 1
    assert any(path["gone"] for path in supposed["paths"])
    scores = evaluate.run(evaluating(model=name), Silent(), workspace).as_record()
    assert scores["kind"] == "teacher" and 0 <= scores["hits_at_1"] <= 1
    with small_students():
        learned = distilling(teacher=name, name=f"{name}-s", epochs=1)
        assert distill_student.run(learned, Silent(), workspace).as_record()["name"] == f"{name}-s"
