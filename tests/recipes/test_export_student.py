"""Exports: they hold what they should, and their own scripts run and say what the student says."""

import json
import re
import shutil
import zipfile
from types import SimpleNamespace

import pytest
import torch

from core.answers.predictions import execute
from core.errors import AlreadyExists, FormatError, NotFound, WorkspaceError
from core.recipes import export_student
from core.report import Silent
from core.results.evaluation import Honesty
from core.settings import DistillSettings, ExportSettings
from core.student.building import build_student
from core.student.forms import form_of
from core.student.language_model import open_student
from core.student.saving import save_model
from core.workspace import Workspace, read_json, write_json
from tests.plain_llama import save_plain_llama
from tests.stand_ins.results import evaluation

SCRIPT = re.compile(r"^```python\n(.*?)^```", re.S | re.M)


def exported(world, folder, student="s", **changes):
    settings = ExportSettings(student=student, to=str(folder), **changes)
    return export_student.run(settings, Silent(), world).as_record()


def said_by_its_scripts(folder, monkeypatch, capsys):
    """What the scripts of a card print, run one after the other in its folder."""
    monkeypatch.chdir(folder)
    capsys.readouterr()
    names = {}
    for script in SCRIPT.findall((folder / "README.md").read_text(encoding="utf-8")):
        exec(script, names)
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def copied(world, tmp_path):
    """A workspace of one's own, as `world` is."""
    shutil.copytree(world.root, tmp_path / "copied")
    return Workspace(tmp_path / "copied")


def test_a_folder_opens_with_plain_transformers_and_answers(world, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "out"
    result = exported(world, folder, with_graph=True, licence="MIT")
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} < set(
        result["files"]
    )
    assert "card.json" not in result["files"]
    assert result["bytes"] == sum(path.stat().st_size for path in folder.iterdir())
    spelled, reached = said_by_its_scripts(folder, monkeypatch, capsys)
    student = open_student(world, "s")
    path = spelled.removesuffix("<stop>").split("<hop>")[:-1]
    assert path == result["example"]["path"]
    topic = student.graph.entity(result["example"]["topic"])
    assert eval(reached) == set(execute(student.graph, topic, path))
    assert "license: mit\n" in (folder / "README.md").read_text(encoding="utf-8")


def test_without_a_folder_it_is_a_zip_file_among_the_exports(copied, tmp_path):
    first, second = (
        export_student.run(ExportSettings(student="s"), Silent(), copied).as_record()["export"]
        for _ in range(2)
    )
    assert (first, second) == ("s", "s-2") and copied.names("exports") == ["s", "s-2"]
    with zipfile.ZipFile(copied.folder("exports", "s") / "s.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert archive.getinfo("s/model.safetensors").compress_type == zipfile.ZIP_STORED
    assert {"s/README.md", "s/config.json", "s/model.safetensors"} < set(names)
    assert all(name.startswith("s/") for name in names)
    assert {path.name for path in copied.open("exports", "s").iterdir()} == {
        "manifest.json",
        "s.zip",
    }


def test_an_export_that_the_disk_cannot_take_is_not_begun(copied, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(WorkspaceError, match="takes up to .* MB for a while"):
        export_student.run(ExportSettings(student="s"), Silent(), copied)
    assert copied.names("exports") == []


def test_nothing_of_this_machine_goes_along(world, tmp_path):
    exported(world, tmp_path / "out", with_graph=True)
    for path in (tmp_path / "out").iterdir():
        if path.suffix in (".json", ".md", ".tsv"):
            text = path.read_text(encoding="utf-8")
            assert str(world.root) not in text and str(tmp_path) not in text, path.name
    card = json.loads((tmp_path / "out" / "pathdistill.json").read_text(encoding="utf-8"))
    assert card["settings"]["alpha"] == 0.5


def test_a_gguf_file_has_its_card_beside(world, tmp_path):
    result = exported(world, tmp_path / "out", format="gguf", weights="float32")
    assert set(result["files"]) == {
        "README.md", "manifest.json", "pathdistill.json", "s.gguf", "tokenizer.json",
    }  # fmt: skip
    assert 'model.path = "s.gguf"' in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


def test_a_page_has_its_card_beside_and_goes_alone_where_it_is_downloaded(copied, tmp_path):
    result = exported(copied, tmp_path / "out", format="html", with_graph=True)
    assert set(result["files"]) == {"README.md", "manifest.json", "pathdistill.json", "s.html"}
    assert "Open `s.html` in a browser." in (tmp_path / "out" / "README.md").read_text("utf-8")
    kept = export_student.run(ExportSettings(student="s", format="html"), Silent(), copied)
    assert {path.name for path in copied.open("exports", "s").iterdir()} == {
        "manifest.json",
        "s.html",
    }
    page = copied.folder("exports", "s") / "s.html"
    assert kept.files == {"s.html": page.stat().st_size} and kept.bytes == page.stat().st_size


def test_a_page_says_how_good_the_student_is_alone_and_otherwise(copied, tmp_path):
    honesty = Honesty(
        unanswerable=38, unanswerable_answered=0, answerable_refused=0, wrong_and_sure=0, auroc=None
    )
    for heard, hits in ((True, 0.9), (False, 0.7)):
        of = {"model": "s", "heard": heard, "hits_at_1": hits, "honesty": honesty}
        with copied.publish("evaluations", f"heard-{heard}".lower()) as folder:
            found = evaluation("student", decoding="constrained", **of)
            write_json(folder / "evaluation.json", found.as_record())
    exported(copied, tmp_path / "out", format="html")
    page = (tmp_path / "out" / "s.html").read_text("utf-8")
    scores = json.loads(re.search(r'id="data">(.*?)</script>', page)[1])["about"]["scores"]
    told = {(one["alone"], one["hits"], one["questions"]) for one in scores}
    assert told == {(False, 0.9, 162), (True, 0.7, 162)}


def test_llama_cpp_says_what_the_student_says(world, tmp_path, monkeypatch, capsys):
    xllamacpp = pytest.importorskip("xllamacpp")

    def on_one_thread(usual=xllamacpp.CommonParams):  # more would spin on a busy machine
        parameters = usual()
        parameters.cpuparams.n_threads = 1
        return parameters

    monkeypatch.setattr(xllamacpp, "CommonParams", on_one_thread)
    path = exported(world, tmp_path / "out", format="gguf", weights="float32")["example"]["path"]
    said = said_by_its_scripts(tmp_path / "out", monkeypatch, capsys)[-1]
    assert said.removesuffix("<hop>").split("<hop>") == path


def test_an_adapter_goes_alone_and_says_the_same(copied, tmp_path, monkeypatch, capsys):
    save_plain_llama(tmp_path / "base")
    wanted = DistillSettings(name="lora", teacher="t", student=str(tmp_path / "base"), lora_rank=4)
    torch.manual_seed(0)
    model, tokenizer = build_student(wanted, [], [], tmp_path)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_()  # as if it had learned
    card = read_json(copied.folder("students", "s") / "card.json")
    with copied.publish("students", "lora") as folder:
        save_model(folder, model.eval(), tokenizer, form_of(wanted))
        write_json(folder / "card.json", {**card, "settings": wanted.model_dump(), "name": "lora"})
    exported(copied, tmp_path / "whole", "lora")
    result = exported(copied, tmp_path / "alone", "lora", adapter=True)
    assert "model.safetensors" not in result["files"]
    assert result["files"]["adapter_model.safetensors"] < 200_000
    whole, alone = (
        said_by_its_scripts(tmp_path / name, monkeypatch, capsys) for name in ("whole", "alone")
    )
    assert whole == alone
    card = json.loads((tmp_path / "alone" / "pathdistill.json").read_text(encoding="utf-8"))
    assert card["settings"]["student"] == "base"


def test_a_student_without_questions_goes_too(copied, tmp_path):
    shutil.rmtree(copied.root / "questions")
    result = exported(copied, tmp_path / "out")
    assert result["example"]["path"] == []
    assert "README.md" in result["files"]


def test_what_cannot_be_done_is_said_and_leaves_nothing(world, tmp_path):
    with pytest.raises(NotFound, match="nothing named 'x' among the students"):
        exported(world, tmp_path / "out", "x")
    with pytest.raises(FormatError, match="'s' has no adapter: it learned by all its weights"):
        exported(world, tmp_path / "out", adapter=True)
    assert not list(tmp_path.iterdir())
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with pytest.raises(AlreadyExists, match="There is something at"):
        exported(world, tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["mine.txt"]
