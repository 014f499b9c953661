"""A teacher that listens with a text encoder, which learns from the questions, and is reopened."""

import shutil

import pytest
from sentence_transformers import SentenceTransformer

from core.errors import FormatError
from core.pretrained.embedders import UNIVERSAL, Embedder
from core.pretrained.universal_encoder import WEIGHTS, read_universal_encoder
from core.recipes import train_teacher
from core.report import Silent
from core.teacher import text_vectors, tuned_encoder
from core.teacher.reasoning import score_questions
from core.teacher.teachers import open_teacher
from tests.family_loop import asked, teaching
from tests.tiny_sentence_encoder import write_sentence_encoder

PIECES = ["<pad>", "<s>", "</s>", "<unk>", "▁", *"abcdefghijklmnopqrstuvwxyz"]


@pytest.fixture
def encoder(workspace, monkeypatch):
    """A text encoder of random weights where the real one would be; the texts that it was given."""
    folder = workspace.root / "models" / UNIVERSAL
    folder.mkdir(parents=True)
    write_sentence_encoder(folder, PIECES)
    texts = []

    class Counting(Embedder):
        def encode(self, some):
            texts.extend(some)
            return super().encode(some)

    def load(name, models):
        assert (name, models / name) == (UNIVERSAL, folder)
        model = SentenceTransformer(modules=[read_universal_encoder(folder)], device="cpu")
        return Counting(name, model)

    for module in (train_teacher, text_vectors, tuned_encoder):
        monkeypatch.setattr(module, "load_embedder", load)
    return texts


def scores(teacher, graph):
    trees = [tree for one in asked(graph) for tree in teacher.grower().grow(one)]
    return [one.scored[0].path for one in score_questions(teacher.scorer, trees)], trees


def test_it_listens_where_the_encoder_is_here_and_says_the_same_when_opened_again(
    workspace, graph, encoder
):
    assert (workspace.root / "models" / UNIVERSAL / WEIGHTS).is_file()
    train_teacher.run(teaching(encoder_epochs=1), Silent(), workspace)
    teacher = open_teacher(workspace, "t")
    assert teacher.card["encoder"] == UNIVERSAL
    assert teacher.spoken is not None and teacher.scorer.policy.listen is not None
    encoder.clear()
    first, trees = scores(teacher, graph)
    assert encoder and not {t for t in encoder if "him" not in t and "甲" not in t}
    questions = len({tree.masked for tree in trees}) * len(teacher.spoken.languages)
    assert len(encoder) <= questions  # paths are read from disk, only questions are encoded
    shutil.rmtree(workspace.folder("teachers", "t") / tuned_encoder.SPOKEN)
    again, _ = scores(open_teacher(workspace, "t"), graph)
    for one, other in zip(first, again, strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    # What is heard matters: the same policy that hears nothing says otherwise.
    for tree in trees:
        tree.spoken[:] = 0
        tree.absent.spoken[:] = 0
    deaf = [one.scored[0].path for one in score_questions(teacher.scorer, trees)]
    assert max(abs(a - b).max() for a, b in zip(first, deaf, strict=True)) > 1e-3


def test_the_encoder_learns_unless_it_shall_not(workspace, graph, encoder):
    from safetensors.torch import load_file

    train_teacher.run(teaching(encoder_epochs=0), Silent(), workspace)
    kept = load_file(workspace.folder("teachers", "t") / tuned_encoder.ENCODER)
    train_teacher.run(teaching(encoder_epochs=1, replace=True), Silent(), workspace)
    learned = load_file(workspace.folder("teachers", "t") / tuned_encoder.ENCODER)
    assert kept.keys() == learned.keys()
    assert any((kept[name] != learned[name]).any() for name in kept)


def test_without_it_a_teacher_learns_all_the_same(workspace):
    train_teacher.run(teaching(), Silent(), workspace)
    teacher = open_teacher(workspace, "t")
    assert teacher.card["encoder"] == "" and teacher.spoken is None


def test_what_was_learned_must_be_whole(workspace, graph, encoder):
    train_teacher.run(teaching(encoder_epochs=0), Silent(), workspace)
    folder = workspace.folder("teachers", "t")
    shutil.rmtree(folder / tuned_encoder.SPOKEN)
    (folder / tuned_encoder.ENCODER).write_bytes(b"nothing")
    with pytest.raises(FormatError, match="encoder.safetensors"):
        open_teacher(workspace, "t").grower().grow(asked(graph)[0])
