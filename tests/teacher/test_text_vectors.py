import shutil
import zlib
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest

from core.errors import NotFound, WorkspaceError
from core.pretrained.embedders import Embedder
from core.teacher import text_vectors
from core.teacher.text_vectors import open_text_vectors
from core.workspace import Workspace


class Spelling:
    """A small text encoder: three numbers that the spelling of a text gives; counts its work."""

    def __init__(self):
        self.encoded = []

    def encode(self, texts, **_):
        self.encoded += texts
        rows = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=3) for text in texts]
        return np.array([row / np.linalg.norm(row) for row in rows])


@pytest.fixture
def loads(monkeypatch):
    """Every encoder that was loaded, in order."""
    loaded = []

    def load(name, models):
        loaded.append((name, Spelling()))
        return Embedder(name, loaded[-1][1])

    monkeypatch.setattr(text_vectors, "load_embedder", load)
    return loaded


@pytest.fixture
def model(tmp_path):
    """A model's folder, as far as telling it from another goes."""
    folder = tmp_path / "my model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def opened(model):
    return open_text_vectors(Workspace(), str(model))


def kept():
    return sorted((Workspace().root / "vectors").iterdir())


def test_vectors_are_of_unit_length_and_of_their_text(loads, model):
    vectors = opened(model)
    found = vectors.of(["born", "in", "born"])
    assert (found.shape, found.dtype, vectors.dimension) == ((3, 3), np.float32, 3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert found[0].tolist() == found[2].tolist() != found[1].tolist()
    assert found[1].tolist() == vectors.of(["in"])[0].tolist()


def test_nothing_means_nothing(loads, model):
    vectors = opened(model)
    assert vectors.of(["", "in"])[0].tolist() == [0, 0, 0]
    assert vectors.of([]).shape == (0, 3)
    assert "" not in loads[0][1].encoded


def test_a_text_is_encoded_once(loads, model):
    vectors = opened(model)
    vectors.of(["born", "in"])
    vectors.of(["in", "city", "in"])
    assert len(loads) == 1
    assert loads[0][1].encoded == ["a", "born", "in", "city"]  # "a" tells the dimension


def test_the_next_training_loads_no_model(loads, model):
    first = opened(model)
    texts = ["born", "中文", "in"]
    wanted = first.of(texts)
    first.save()
    again = opened(model)
    assert again.of(texts[::-1]).tolist() == wanted[::-1].tolist()
    assert again.dimension == 3
    assert len(loads) == 1
    again.of(["new"])
    again.save()
    assert opened(model).of([*texts, "new"])[:3].tolist() == wanted.tolist()
    assert loads[1][1].encoded == ["new"]
    assert [file.name[:9] for file in kept()] == ["my-model-"]


def test_saving_nothing_new_writes_nothing(loads, model):
    opened(model).save()
    assert not (Workspace().root / "vectors").exists()


def test_another_content_or_name_has_vectors_of_its_own(loads, model, tmp_path):
    def save():
        vectors = opened(model)
        vectors.of(["x"])
        vectors.save()
        return len(kept())

    assert save() == 1
    (model / "readme.md").write_text("no part of the model")
    assert save() == 1
    (model / "model.safetensors").write_bytes(b"other weights")
    assert save() == 2
    model = shutil.copytree(model, tmp_path / "copy")
    assert save() == 3


def test_a_damaged_file_is_made_anew(loads, model):
    vectors = opened(model)
    wanted = vectors.of(["born"])
    vectors.save()
    (folder,) = kept()
    file = folder / "vectors.safetensors"
    for damage in (b"no vectors", file.read_bytes()[:-4]):
        file.write_bytes(damage)
        again = opened(model)
        assert again.of(["born"]).tolist() == wanted.tolist()
        again.save()
    assert len(kept()) == 1


def test_a_model_of_the_hub_is_told_by_its_commit(loads, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    names = []
    for commit in ("c1", "c2"):
        place = tmp_path / "models--some--model"
        for file, text in ((f"snapshots/{commit}/config.json", "{}"), ("refs/main", commit)):
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_text(text)
        vectors = opened("some/model")
        vectors.of(["x"])
        vectors.save()
        names.append([file.name[:6] for file in kept()])
    assert names == [["model-"], ["model-", "model-"]]


def test_an_encoder_out_of_reach_is_said():
    with pytest.raises(NotFound, match="'no/such-model' is neither a folder"):
        opened("no/such-model")


def test_a_workspace_that_cannot_be_written_is_said(loads, model):
    vectors = opened(model)
    vectors.of(["x"])
    Workspace().root.mkdir()
    (Workspace().root / "vectors").write_text("a file in the way")
    with pytest.raises(WorkspaceError):
        vectors.save()


MINILM = Path(__file__).parents[2] / "workspace" / "models" / "all-MiniLM-L6-v2"


@pytest.mark.skipif(not MINILM.is_dir(), reason="all-MiniLM-L6-v2 was not fetched")
def test_a_real_encoder_knows_synonyms(monkeypatch):
    models = Workspace().root / "models"
    models.mkdir(parents=True)
    (models / MINILM.name).symlink_to(MINILM)
    vectors = open_text_vectors(Workspace(), MINILM.name)
    wife, spouse, city = vectors.of(["wife", "spouse", "city"])
    assert vectors.dimension == 384
    assert np.linalg.norm(wife) == pytest.approx(1, abs=1e-5)
    assert wife @ spouse > wife @ city + 0.2
    vectors.save()
    monkeypatch.setattr(text_vectors, "load_embedder", None)  # from here on, no model
    again = open_text_vectors(Workspace(), MINILM.name).of(["city", "wife"])
    assert again.tolist() == [city.tolist(), wife.tolist()]
