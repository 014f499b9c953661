"""A language model as a teacher in a workspace."""

import json

import pytest
import torch

from core.errors import NotFound
from core.recipes import language_model_teacher
from core.report import Silent
from core.settings import LanguageModelTeacherSettings
from core.teacher.teachers import open_teacher
from tests.plain_llama import save_plain_llama
from tests.question_trees import question
from tests.recipes.untrained_teachers import works


@pytest.fixture(autouse=True)
def model(tmp_path):
    (tmp_path / "model").mkdir()
    save_plain_llama(tmp_path / "model")


@pytest.fixture
def make(workspace, tmp_path):
    def made(**changes):
        wanted = {"name": "m", "graph": "family", "questions": "asked", "hops": 1,
                  "calibration_questions": 2, "model": str(tmp_path / "model"),
                  "device": "cpu", **changes}  # fmt: skip
        return language_model_teacher.run(
            LanguageModelTeacherSettings(**wanted), Silent(), workspace
        ).as_record()

    return made


def scored(teacher):
    asked = question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"])
    return next(teacher.scorer.score(teacher.grower().grow(asked)))


def test_the_card_names_the_model_and_keeps_the_fitted_temperature(workspace, make, tmp_path):
    result = make(calibration_questions=3)
    teacher = open_teacher(workspace, "m")
    assert teacher.card["result"] == json.loads(json.dumps(result))
    assert result["kind"] == "language-model"
    assert result["calibration"]["questions"] == 3
    assert teacher.scorer.temperature == result["calibration"]["temperature"]
    assert teacher.card["settings"]["model"] == str(tmp_path / "model")
    files = {file.name for file in workspace.folder("teachers", "m").iterdir()}
    assert files == {"card.json", "manifest.json"}
    again = open_teacher(workspace, "m")
    assert again.hash == teacher.hash
    assert scored(again).path.tobytes() == scored(teacher).path.tobytes()


def test_it_serves_like_any_other(workspace, make):
    make()
    works(workspace, "m")


def test_other_weights_in_the_same_folder_are_another_teacher(workspace, make, tmp_path):
    make()
    before = open_teacher(workspace, "m").hash
    model = save_plain_llama(tmp_path / "model")
    assert open_teacher(workspace, "m").hash == before
    with torch.no_grad():
        model.lm_head.weight.add_(0.1)
    model.save_pretrained(tmp_path / "model")
    assert open_teacher(workspace, "m").hash != before


def test_a_model_that_is_not_there_is_said_and_leaves_nothing(workspace, make, tmp_path):
    with pytest.raises(NotFound, match="'no/such' is neither a folder nor within reach"):
        make(model="no/such")
    with pytest.raises(NotFound, match="There is no file .* and no folder"):
        make(model=str(tmp_path / "none.gguf"))
    assert workspace.names("teachers") == []
    make()
    (tmp_path / "model").rename(tmp_path / "elsewhere")
    with pytest.raises(NotFound, match="There is no file '.*model' and no folder"):
        open_teacher(workspace, "m")
