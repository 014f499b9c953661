"""A first try at a foreign model: what its libraries stumble over becomes a sentence."""

import json

import pytest
from transformers import GPT2Config, GPT2LMHeadModel

from core.errors import FormatError
from core.pretrained.models.language_models import load_language_model
from core.pretrained.models.trial import attempt
from tests.plain_llama import plain_tokenizer, save_plain_llama

pytestmark = pytest.mark.usefixtures("trial_in_its_own_process")


@pytest.fixture
def llama(tmp_path):
    save_plain_llama(tmp_path)
    return tmp_path


def change(file, **values):
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def refused(folder, match):
    with pytest.raises(FormatError, match=match):
        load_language_model(str(folder), folder)


def test_a_sound_model_passes(llama):
    model, _ = load_language_model(str(llama), llama)
    assert model.num_parameters() == 9488


def test_sizes_under_any_name_fit_the_weights(tmp_path):
    tokenizer = plain_tokenizer(eos_token="<end>")
    tokenizer.save_pretrained(tmp_path)
    config = GPT2Config(vocab_size=len(tokenizer), n_positions=64, n_embd=16, n_layer=1, n_head=2)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    change(tmp_path / "config.json", n_positions=1_000_000_000)
    refused(tmp_path, "describes a model of 16,000,[0-9,]+ numbers, and its weights hold")


def test_what_a_library_takes_amiss_is_its_own_words_in_a_sentence(llama):
    change(llama / "config.json", num_attention_heads="four")
    refused(llama, "cannot be read as a language model: .*num_attention_heads")


def test_a_tokenizer_that_cannot_be_read_or_panics_is_said(llama):
    file = llama / "tokenizer.json"
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    refused(llama, "cannot be read as a language model: ")
    told = json.loads(whole)
    told["pre_tokenizer"] = {
        "type": "Split", "pattern": {"Regex": "(a+)+b"}, "behavior": "Isolated", "invert": False,
    }  # fmt: skip
    file.write_text(json.dumps(told))
    refused(llama, "cannot be read as a language model: .*retry-limit-in-match")


def test_an_architecture_of_its_own_is_never_run(llama):
    (llama / "mine.py").write_text(f"open({str(llama / 'ran')!r}, 'w')")
    code = {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Model"}
    change(llama / "config.json", model_type="mine", auto_map=code)
    refused(llama, "cannot be read as a language model: it needs code of its own")
    assert not (llama / "ran").exists()


def test_words_without_a_network_are_tried_too(llama):
    (llama / "config.json").unlink()
    assert attempt(llama) == {"numbers": 0}
