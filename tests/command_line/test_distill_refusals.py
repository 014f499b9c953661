"""What a distillation refuses, or ends in: one sentence each, and nothing half made is left."""

import shutil

import pytest
import torch

from core import sizing
from core.command_line import making
from core.command_line.main import main
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import distill_student, train_teacher
from core.report import Silent
from core.runs.store.store import Store
from core.runs.worker.recipe_loading import load_recipe
from core.settings import DistillSettings
from core.workspace import Workspace
from tests.family_loop import (
    asked,
    distilling,
    publish_questions,
    small_students,
    teaching,
    world,
)
from tests.plain_llama import save_plain_llama

LITTLE = sizing.Machine("cpu", memory=1.5e9, rate=2e10, bfloat16=False)


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A workspace with a teacher and its labels."""
    made = world(tmp_path_factory.mktemp("taught"))
    train_teacher.run(teaching(epochs=1), Silent(), made)
    with small_students():
        distill_student.run(distilling(epochs=1), Silent(), made)
    shutil.rmtree(made.folder("students", "s"))
    return made.root


@pytest.fixture
def workspace(taught, monkeypatch):
    """A copy of it, in which a run is taken at once and in this process."""
    made = Workspace()
    shutil.copytree(taught, made.root)

    def start(store, recipe, settings, **_):
        return load_recipe(recipe)(settings.model_dump(), Silent(), made)

    monkeypatch.setattr(making, "start", start)
    with small_students():
        yield made


@pytest.fixture
def refused(capfd, workspace):
    """Distil; gives the exit code and the sentence by which it is refused."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["distill", "--teacher", "t", "--device", "cpu", "--epochs", "1", *words])
        out, err = capfd.readouterr()
        assert out == "" and err.startswith("Error: ") and err.count("\n") == 1
        assert workspace.names("students") == []
        return ended.value.code, err.removeprefix("Error: ").rstrip("\n")

    return run


def test_nothing_is_left_to_learn_from(refused, workspace):
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    wavering = [one for one in asked(graph) if one.topics[0] in ("bob", "carl")]  # many paths each
    publish_questions(workspace, "wavering", graph, wavering)
    unsure = ("--questions", "wavering", "--labels", "prior", "--confidence", "1")
    assert refused(*unsure, "--gold-share", "0") == (
        2,
        "There is nothing to learn from: no label's best path is as probable as the confidence 1 "
        "asks, and no training question has a gold path to use.",
    )
    assert refused("--alpha", "1", "--gold-share", "0") == (
        2,
        "There is nothing to learn from: alpha is 1, and no training question has a gold path to "
        "use or a label.",
    )


def test_a_student_that_does_not_fit(refused, monkeypatch):
    monkeypatch.setattr(sizing, "machine", lambda device: LITTLE)
    code, said = refused("--student", "SmolLM2-135M")
    assert code == 2 and said.startswith("Distilling 'SmolLM2-135M' needs about ")
    assert "cpu has 1.5 GB free, so" in said and "GB are missing; " in said


def test_a_folder_that_holds_no_model(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    code, said = refused("--student", str(tmp_path / "empty"))
    missing = tmp_path / "empty" / "config.json"
    assert (code, said) == (2, f"{missing} cannot be read: No such file or directory.")


def test_a_loss_that_is_no_number(refused, tmp_path):
    model = save_plain_llama(tmp_path / "broken")
    torch.nn.init.constant_(model.model.norm.weight, torch.nan)
    model.save_pretrained(tmp_path / "broken")
    code, said = refused("--student", str(tmp_path / "broken"))
    assert code == 1 and said.startswith("The loss is no number any more (hard nan")
    assert said.endswith("at step 1: go on from the last checkpoint with a lower learning rate.")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("alpha=1.5", "Setting 'alpha': Input should be less than or equal to 1 (given: 1.5)."),
        ("temperature=0", "Setting 'temperature': Input should be greater than 0 (given: 0.0)"),
        ("validity=-1", "Setting 'validity': Input should be greater than or equal to 0"),
        ("learning_rate=nan", "Setting 'learning_rate': "),
        ("epochs=3", "'epochs' cannot change while a run goes on"),
    ],
)
def test_a_change_out_of_range(capfd, change, sentence):
    store = Store(Workspace())
    store.add("r", "distill_student", DistillSettings(name="s", teacher="t").model_dump(), "", None)
    store.begin("r", 1, 1.0)
    with pytest.raises(SystemExit) as ended:
        main(["runs", "set", "r", change])
    err = capfd.readouterr().err
    assert ended.value.code == 2 and err.count("\n") == 1
    assert err.removeprefix("Error: ").startswith(sentence)
    assert store.controls("r") == []
    assert store.run("r").state == "running"
    store.close()
