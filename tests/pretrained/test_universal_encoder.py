"""The encoder against a slow one that follows the description, number by number."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from tiny_sentence_encoder import write_sentence_encoder

from core.errors import FormatError
from core.pretrained import embedders, universal_encoder
from core.pretrained.embedders import PACKAGED, UNIVERSAL, load_embedder
from core.pretrained.universal_encoder import (
    BEGIN,
    END,
    TOKENS,
    WEIGHTS,
    read_token_vectors,
    read_universal_encoder,
)

PIECES = ["<unk>", "<s>", "</s>", "▁", "▁who", "▁is", "▁it", "?", "谁", "是", "▁它"]


def slowly(weights, tokens):
    """One text's vector in float64, token by token."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}
    parts = len(w["lo"])
    rows = []
    for token in tokens:
        part = token % parts
        rows.append(w[f"q{part + 1}"][token // parts] * w["scale"][part] + w["lo"][part])

    def all_of(name):
        return np.concatenate([w[f"{name}{width}"] for width in (2, 3, 5)], axis=-1)

    def normed(row, scale, shift):
        return (row - row.mean()) / np.sqrt(row.var() + 1e-12) * scale + shift

    entered = [
        normed(row @ all_of("proj") + all_of("proj_b"), all_of("ln_g"), all_of("ln_b"))
        for row in rows
    ]
    seen = [list(row) for row in rows]
    for place, (width, before) in enumerate({2: 0, 3: 1, 5: 2}.items()):
        size = len(w[f"b1_{width}"])
        state = [row[place * size : (place + 1) * size] for row in entered]
        for layer in (1, 2):
            padded = [np.zeros(size)] * before + state + [np.zeros(size)] * width
            state = [
                own
                + np.maximum(
                    np.concatenate(padded[at : at + width]) @ w[f"w{layer}_{width}"]
                    + w[f"b{layer}_{width}"],
                    0,
                )
                for at, own in enumerate(state)
            ]
        seen = [row + list(own) for row, own in zip(seen, state, strict=True)]
    spoken = [normed(np.array(row), w["ln_g"], w["ln_b"]) @ w["cnn_W"] + w["cnn_b"] for row in seen]
    mean = sum(spoken) / np.sqrt(len(tokens))
    middle = np.maximum(mean @ w["p1"] + np.maximum(mean @ w["d0"], 0) @ w["d1"], 0)
    end = np.tanh(middle @ w["p3"] + np.maximum(middle @ w["d2"], 0) @ w["d3"])
    return end / np.linalg.norm(end)


@pytest.fixture
def folder(tmp_path):
    """A small encoder's folder, of eleven tokens."""
    write_sentence_encoder(tmp_path, PIECES)
    return tmp_path


def spelled(encoder, text):
    return encoder.preprocess([text])["tokens"].tolist()


def test_a_text_is_spelled_between_its_ends(folder):
    encoder = read_universal_encoder(folder)
    assert spelled(encoder, "who  is it? ") == [BEGIN, 4, 5, 6, 7, END]
    assert spelled(encoder, "它是谁?") == [BEGIN, 10, 9, 8, 7, END]
    assert spelled(encoder, "") == [BEGIN, 0, END]


def test_vectors_are_those_of_the_description(folder):
    encoder = read_universal_encoder(folder)
    with np.load(folder / WEIGHTS) as weights:
        for tokens in ([BEGIN, END], [BEGIN, 4, END], [BEGIN, 4, 5, 6, 7, 3, 10, END]):
            found = encoder.encoded(torch.tensor(tokens), torch.tensor([len(tokens)]))[0]
            assert found.tolist() == pytest.approx(slowly(weights, tokens), abs=1e-5)


def test_texts_do_not_see_their_neighbours(folder):
    model = SentenceTransformer(modules=[read_universal_encoder(folder)], device="cpu")
    texts = ["who is it?", "谁", "", "它是谁?", "is it?"]
    together = model.encode(texts, batch_size=5)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-6)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1)


def test_all_but_the_token_vectors_learns(folder):
    encoder = read_universal_encoder(folder)
    tokens = torch.tensor([BEGIN, 4, 5, 6, END, BEGIN, 8, 9, 10, END])
    one, other = encoder.encoded(tokens, torch.tensor([5, 5]))
    (one @ other).backward()
    assert all(part.grad.abs().sum() > 0 for part in encoder.parameters())
    assert encoder.state_dict().keys() == dict(encoder.named_parameters()).keys()


def test_tokens_by_themselves_are_those_of_texts(folder):
    known = read_token_vectors(folder)
    assert known.pieces == tuple(PIECES[END + 1 :])
    assert known.scores == tuple(-float(rank) for rank in range(END + 1, len(PIECES)))
    with np.load(folder / WEIGHTS) as weights:
        parts = len(weights["scale"])
        for token in range(END + 1, len(PIECES)):
            part = token % parts
            row = weights[f"q{part + 1}"][token // parts] * weights["scale"][part]
            row = row + weights["lo"][part]
            assert known.vectors[token - END - 1] == pytest.approx(row, rel=1e-5)


def damage(folder, kind):
    file = folder / WEIGHTS
    if kind == "missing":
        file.unlink()
    elif kind == "no archive":
        file.write_bytes(b"weights")
    elif kind == "no tokens":
        (folder / TOKENS).write_bytes(b"\xff" * 40)
    else:
        with np.load(file) as weights:
            arrays = dict(weights)
        if kind == "pickled":
            arrays["d0"] = np.array([{}], object)
        elif kind == "without a layer":
            del arrays["d0"]
        else:
            arrays["more"] = np.zeros(1 << 20, np.uint8)
        np.savez_compressed(file, **arrays)


@pytest.mark.parametrize(
    "kind", ["missing", "no archive", "no tokens", "pickled", "without a layer", "too large"]
)
def test_files_that_make_no_sense_are_told_in_a_sentence(folder, tmp_path, monkeypatch, kind):
    monkeypatch.setattr(embedders, "fetch_model", lambda model, place: folder)
    damage(folder, kind)
    monkeypatch.setattr(universal_encoder, "LARGEST", 1 << 20)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 1 << 20
    with pytest.raises(FormatError, match=r"cannot be read|more than the"):
        load_embedder(UNIVERSAL, tmp_path)


REAL = Path(__file__).parents[2] / "workspace" / "models" / UNIVERSAL
GIVEN = {
    "Who directed it?": [0.043672, 0.017254, -0.003355, 0.022580],
    "它的导演是谁？": [0.039518, -0.034163, 0.054232, 0.032058],
}
"""The first four numbers that the package's own program gives."""


@pytest.mark.skipif(not REAL.is_dir(), reason=f"{UNIVERSAL} was not fetched")
def test_the_real_one_reads_both_languages_as_its_package_does():
    model = load_embedder(UNIVERSAL, REAL.parent)
    vectors = model.encode(list(GIVEN))
    assert vectors[:, :4].tolist() == pytest.approx(np.array(list(GIVEN.values())), abs=1e-4)
    with np.load(REAL / PACKAGED[UNIVERSAL].weights) as weights:
        tokens = spelled(model.model[0], "Who directed it?")
        assert vectors[0] == pytest.approx(slowly(weights, tokens), abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ model.encode(["它的首都是哪里？"])[0] + 0.2
