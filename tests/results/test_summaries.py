"""Summaries of what a workspace holds: what older versions and this one wrote is read."""

import zipfile
from pathlib import Path

import pytest
from stand_ins.results import EXAMPLES, trained_teacher

from core.errors import FormatError
from core.results.summaries import QuestionsSummary, StudentSummary, TeacherSummary
from core.results.teacher import TransferredTeacher, UntrainedTeacher
from core.workspace import Workspace
from pages.parts.state import READ_AS, SUMMARIES

ARCHIVE = Path(__file__).parents[1] / "workspaces" / "0.1.0.zip"
CARD = {
    "name": "t", "graph": "g", "graph_hash": "x", "questions": "q", "hops": 2, "settings": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    folder = tmp_path_factory.mktemp("older")
    zipfile.ZipFile(ARCHIVE).extractall(folder)
    return Workspace(folder / "home")


def test_an_older_workspace_is_read(older):
    found = {
        (kind, name): as_kind.from_record(older.read(kind, name, SUMMARIES[kind]))
        for kind, as_kind in READ_AS.items()
        for name in older.names(kind)
        if kind != "graphs" or (older.folder(kind, name) / SUMMARIES[kind]).exists()
    }
    assert {kind for kind, _ in found} >= {"questions", "teachers", "students", "evaluations"}
    assert found["questions", "made"].counts == {"train": 8, "dev": 2, "test": 2}
    assert isinstance(found["teachers", "moved"].result, TransferredTeacher)
    assert isinstance(found["teachers", "lexical"].result, UntrainedTeacher)
    assert found["students", "s"].parameters == 8176


@pytest.mark.parametrize("recipe", ["train_teacher", "transfer_teacher", "lexical_teacher"])
def test_a_teacher_is_read_with_what_its_recipe_returned(recipe):
    made = EXAMPLES[recipe]
    read = TeacherSummary.from_record({**CARD, "temperature": 1.0, "result": made.as_record()})
    assert read.result == made


def test_a_result_of_a_newer_version_is_refused():
    newer = trained_teacher().as_record() | {"version": 9}
    with pytest.raises(FormatError, match="newer version"):
        TeacherSummary.from_record({**CARD, "result": newer})


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (TeacherSummary, CARD),
        (TeacherSummary, {**CARD, "result": 3}),
        (StudentSummary, {**CARD, "teacher": "t", "parameters": "many"}),
        (QuestionsSummary, {"graph": "g", "counts": {"train": "2"}, "report": {}}),
    ],
)
def test_what_is_no_summary_is_refused(kind, record):
    with pytest.raises(FormatError, match="cannot be read"):
        kind.from_record(record)
