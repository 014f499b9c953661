"""Pretrained students: the marks are added, everything else stays."""

import pytest
import torch

from core.records import TOPIC_MARK
from core.student.pretrained import load_pretrained
from core.student.prompts import Speller
from tests.plain_llama import plain_tokenizer, save_plain_llama


def loaded(folder, **wanted):
    before = save_plain_llama(folder, **wanted)
    torch.manual_seed(0)
    return before, *load_pretrained(str(folder), folder)


@pytest.mark.parametrize("tied", [True, False])
def test_a_student_gets_the_marks_and_keeps_the_rest(tmp_path, tied):
    before, model, tokenizer = loaded(tmp_path, tied=tied)
    speller = Speller(tokenizer)
    known = before.config.vocab_size
    assert len(tokenizer) == len(model.get_input_embeddings().weight) == known + 7
    for layer in ("get_input_embeddings", "get_output_embeddings"):
        old, new = (getattr(one, layer)().weight for one in (before, model))
        assert torch.equal(new[:known], old)
        assert (new[known:] - old.mean(0)).abs().max() < old.std()  # near the mean of all others
        assert len(new[known:].unique(dim=0)) == 7  # and apart from each other
    assert tokenizer.eos_token_id == model.config.eos_token_id == speller.stop
    assert tokenizer.pad_token_id == model.config.pad_token_id != speller.stop
    assert speller.read(speller.spell(("child", "<hop>"))) == ("child", "<hop>")
    assert tokenizer.padding_side == "left"


def test_spare_rows_of_the_vocabulary_are_used(tmp_path):
    before, model, tokenizer = loaded(tmp_path, spare=64)
    weight = model.get_input_embeddings().weight
    assert len(weight) == before.config.vocab_size
    marks = weight[len(tokenizer) - 7 : len(tokenizer)]
    assert not torch.equal(marks, before.get_input_embeddings().weight[-71:-64])


def test_a_distilled_student_may_learn_again(tmp_path):
    _, model, tokenizer = loaded(tmp_path)
    model.save_pretrained(tmp_path / "again")
    tokenizer.save_pretrained(tmp_path / "again")
    same, again = load_pretrained(str(tmp_path / "again"), tmp_path)
    assert len(again) == len(tokenizer)
    assert torch.equal(same.get_input_embeddings().weight, model.get_input_embeddings().weight)


def test_a_tokenizer_without_padding_or_end_gets_both(tmp_path):
    save_plain_llama(tmp_path)
    plain_tokenizer().save_pretrained(tmp_path)
    model, tokenizer = load_pretrained(str(tmp_path), tmp_path)
    assert tokenizer.eos_token_id == model.config.eos_token_id == Speller(tokenizer).stop
    assert tokenizer.pad_token_id == model.config.pad_token_id != tokenizer.eos_token_id


def test_a_question_is_asked_in_its_words(tmp_path):
    tokenizer = loaded(tmp_path)[2]
    prompt = Speller(tokenizer).prompt(f"谁是 {TOPIC_MARK} 的配偶?")
    assert tokenizer.decode(prompt) == "谁是<topic>的配偶<path>"
