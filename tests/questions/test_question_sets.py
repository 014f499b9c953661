import json

import pytest

from core.errors import FormatError, NotFound
from core.questions.question_sets import QuestionSet, load_questions
from core.records import Question
from core.workspace import Workspace

QUESTIONS = (
    Question("a", "Who is it?", "en", ("x",), ("y", "z"), (("r", "~s"),), "train", "x r ~s"),
    Question("b", "是谁？", "zh", ("x",), ("y",), (), "test", "x y"),
)
MADE = QuestionSet("kin", "family", "0123", "grouped", QUESTIONS)


def test_a_saved_set_opens_as_it_was(tmp_path):
    MADE.save(tmp_path, {"read": 2})
    assert QuestionSet.open(tmp_path) == MADE


def test_the_summary_beside_the_questions(tmp_path):
    MADE.save(tmp_path, {"read": 2})
    assert json.loads((tmp_path / "set.json").read_text(encoding="utf-8")) == {
        "name": "kin",
        "graph": "family",
        "graph_hash": "0123",
        "split": "grouped",
        "counts": {"train": 1, "dev": 0, "test": 1},
        "languages": ["en", "zh"],
        "report": {"read": 2},
    }


def test_questions_are_loaded_by_name():
    workspace = Workspace()
    with workspace.publish("questions", "kin") as folder:
        MADE.save(folder, {})
    assert load_questions(workspace, "kin") == MADE


def test_a_part_is_one_split():
    assert [question.id for question in MADE.part("test")] == ["b"]
    with pytest.raises(NotFound, match="There is no split 'tset'; there are train, dev, test."):
        MADE.part("tset")


@pytest.mark.parametrize("line", ["{", '{"id": "c"}', '{"id": 1, "colour": "red"}', "[]"])
def test_damage_is_told_with_its_line(tmp_path, line):
    MADE.save(tmp_path, {})
    with (tmp_path / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(FormatError, match="is damaged at line 3: expected an object with id, text"):
        QuestionSet.open(tmp_path)


def test_a_missing_file_is_told(tmp_path):
    MADE.save(tmp_path, {})
    (tmp_path / "questions.jsonl").unlink()
    with pytest.raises(FormatError, match="questions.jsonl is missing"):
        QuestionSet.open(tmp_path)
