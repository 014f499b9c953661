"""The bilingual student: words that no question has are read by their neighbours, and stay so."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from core.errors import FormatError
from core.export.gguf_file import write_gguf
from core.pretrained.universal_encoder import TokenVectors
from core.records import TOPIC_MARK
from core.student import bilingual
from core.student.bilingual import FIRST, build_bilingual, kept_tokens, principal
from core.student.prompts import Speller
from tests.student.test_prompts import NAMES

WORDS = ("▁wife", "▁spouse", "妻子", "▁born", "▁birth", "▁banana", "▁who", "▁is", "Wife", "▁épouse")
LETTERS = tuple("▁abcdefghijklmnopqrstuvwxyz_<>041的")
QUESTIONS = [f"Who is {TOPIC_MARK}'s wife?", f"Where was {TOPIC_MARK} born?"]


@pytest.fixture(scope="module")
def known():
    """Vectors in which the words of a meaning are near each other."""
    rng = np.random.default_rng(0)
    meaning = {
        "▁wife": 0,
        "▁spouse": 0,
        "妻子": 0,
        "Wife": 0,
        "▁épouse": 0,
        "▁born": 1,
        "▁birth": 1,
    }
    centres = rng.normal(size=(2, 16))
    vectors = rng.normal(size=(len(WORDS) + len(LETTERS), 16))
    for row, word in enumerate(WORDS):
        if word in meaning:
            vectors[row] = 3 * centres[meaning[word]] + 0.1 * vectors[row]
    scores = (-8.0,) * len(WORDS) + (-12.0,) * len(LETTERS)
    return TokenVectors(WORDS + LETTERS, scores, vectors.astype(np.float32))


@pytest.fixture
def student(known, monkeypatch):
    monkeypatch.setattr(bilingual, "WIDTH", 32)
    torch.manual_seed(0)
    return build_bilingual(known, QUESTIONS, ["spouse", "born_in"])


def test_what_spells_the_texts_is_kept_and_then_what_is_nearest(known, monkeypatch):
    monkeypatch.setattr(bilingual, "KEPT", 0)
    first = {known.pieces[token] for token in kept_tokens(known, [" who is", " s wife"])}
    assert {"▁wife", "▁who", "▁is", "▁", *LETTERS[:-1]} == first
    monkeypatch.setattr(bilingual, "KEPT", len(first) + 2)
    near = {known.pieces[token] for token in kept_tokens(known, [" who is", " s wife"])} - first
    assert near == {"▁spouse", "妻子"}  # not what no question in normal form can hold


@pytest.mark.parametrize("name", [*NAMES, "<0x41>", "妻子 Wife"])
def test_any_relation_is_read_back_as_spelled(student, name):
    speller = Speller(student[1])
    for path in ((name,), ("born_in", name, "spouse")):
        assert speller.read(speller.spell(path)) == path


def test_a_question_is_read_in_its_normal_form(student):
    speller = Speller(student[1])
    tokens = speller.prompt(f"WHO is {TOPIC_MARK}’s 妻子?")
    read = student[1].convert_ids_to_tokens(tokens)
    assert read == ["▁who", "▁is", "<topic>", "▁", "s", "妻子", "<path>"]


def test_what_is_learned_of_a_word_holds_for_its_neighbours(student):
    model, tokenizer = student
    speller = Speller(tokenizer)
    asked = ((QUESTIONS[0], "spouse"), (QUESTIONS[1], "born_in"))
    rows = [(speller.prompt(text), speller.spell((path,))) for text, path in asked]
    before = model.get_input_embeddings().weight.detach().clone()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.0)
    for _ in range(40):
        for prompt, path in rows:
            labels = torch.tensor([[-100] * len(prompt) + path])
            model(torch.tensor([prompt + path]), labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    after = model.get_input_embeddings().weight.detach()
    last = len(tokenizer) - 7  # marks
    assert torch.equal(after[FIRST:last], before[FIRST:last])
    assert not torch.equal(after[speller.path], before[speller.path])  # the marks learn
    model.eval()
    for text, path in (
        (f"Who is {TOPIC_MARK}'s spouse?", "spouse"),
        (f"Who is {TOPIC_MARK}'s 妻子?", "spouse"),
        (f"Where was {TOPIC_MARK} birth?", "born_in"),
    ):
        with torch.no_grad():
            logits = model(torch.tensor([speller.prompt(text)])).logits[0, -1]
        assert int(logits.argmax()) == speller.relation(path)[0]


def test_it_is_a_plain_folder(student, tmp_path):
    model, tokenizer = student
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    opened = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    prompt = Speller(tokenizer).prompt(QUESTIONS[0])
    assert Speller(again).prompt(QUESTIONS[0]) == prompt
    with torch.no_grad():
        said = [one(torch.tensor([prompt])).logits for one in (model.eval(), opened)]
    assert torch.equal(*said)
    with pytest.raises(FormatError, match="only byte-level BPE"):
        write_gguf(tmp_path / "s.gguf", model, tokenizer, "float32", "s")


def test_principal_axes_keep_distances_while_there_are_enough():
    vectors = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
    turned = principal(vectors, 8, 0.5)
    assert turned.shape == (20, 8) and not turned[:, 6:].any()
    assert turned[:, :6].std() == pytest.approx(0.5, rel=1e-5)

    def distances(rows):
        return np.linalg.norm(rows[:, None] - rows[None], axis=-1)

    ratio = distances(turned)[0, 1:] / distances(vectors)[0, 1:]
    assert ratio == pytest.approx(ratio[0], rel=1e-4)
    fewer = principal(vectors, 2, 0.5)
    assert fewer.std(0)[0] >= fewer.std(0)[1]
