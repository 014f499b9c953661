"""The tokenizer's normal form is that of `core.plain_text`, survives saving, and spares names."""

import random
import re
import unicodedata

import pytest
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen2Tokenizer,
)

from core.plain_text import UNSPACED, words
from core.records import TOPIC_MARK
from core.student.normal_form import (
    NORMAL_FORM,
    reads_normal_form,
    tokens_as_written,
    with_normal_form,
)
from core.student.pretrained import load_pretrained
from core.student.prompts import Speller
from tests.plain_llama import plain_tokenizer
from tests.tiny_student import tiny_student

YOUNGER = re.compile("[\u32ff\ua7f0-\ua7ff\uab69\U00010780-\U000107bf\U0001e030-\U0001e06f]")
"""Characters that Unicode folds onto others only in some of the versions that are about."""

OLDEST = [chr(code) for code in range(0x20, 0x1E000) if chr(code).isprintable()]
KNOWN = [char for char in OLDEST if unicodedata.category(char) != "Co" and not YOUNGER.match(char)]
COMMON = "Joe Biden's 《谁》是的，+#.’ß é"


def spelled(text):
    """What the tokenizer should read: a blank before each word of a spaced script."""
    unspaced = re.compile(f"[{UNSPACED}]")
    return "".join(w.plain if unspaced.fullmatch(w.plain) else f" {w.plain}" for w in words(text))


def test_every_character_is_read_as_plain_text_reads_it():
    unlike = [char for char in KNOWN if NORMAL_FORM.normalize_str(char) != spelled(char)]
    assert unlike == []
    assert len(KNOWN) > 70_000


def test_texts_are_read_as_plain_text_reads_them():
    draw = random.Random(0)
    for _ in range(3000):
        pools = draw.choices([COMMON, KNOWN[:400], KNOWN], [6, 3, 1], k=draw.randrange(16))
        text = "".join(map(draw.choice, pools))
        assert NORMAL_FORM.normalize_str(text) == spelled(text), repr(text)


@pytest.mark.parametrize(
    "asked",
    [
        "where was {} born",
        "Where was {} born.",
        "WHERE  WAS “{}” BORN?!",
        "\u3000Where was 《{}》 born？",
        "Ｗhere wa\u0301s {}, born…",
    ],
)
def test_a_prompt_is_the_same_however_it_is_typed(asked):
    speller = tiny_student()[1]
    plain = speller.prompt(f"where was {TOPIC_MARK} born")
    assert speller.prompt(asked.format(TOPIC_MARK)) == plain
    assert speller.tokenizer.decode(plain) == " where was<topic> born<path>"


def test_an_apostrophe_is_one_of_any_shape():
    speller = tiny_student()[1]
    prompts = {tuple(speller.prompt(f"{TOPIC_MARK}{mark}s wife")) for mark in "'’‘ʼ＇`´"}
    assert len(prompts) == 1


@pytest.fixture
def qwen(tmp_path):
    """A model whose class makes its tokenizer anew as it opens it, with a normaliser of its own."""
    parts = plain_tokenizer().backend_tokenizer.model
    parts.save(str(tmp_path))
    tokenizer = Qwen2Tokenizer.from_pretrained(tmp_path, eos_token="<end>")
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    Qwen2ForCausalLM(config).save_pretrained(tmp_path / "qwen")
    tokenizer.save_pretrained(tmp_path / "qwen")
    return tmp_path / "qwen"


def test_a_tokenizer_keeps_what_it_did_and_the_form_outlives_saving(qwen, tmp_path):
    model, tokenizer = load_pretrained(str(qwen), tmp_path)
    speller = Speller(tokenizer)
    asked = f"谁是 {TOPIC_MARK}’S Wife?"
    assert tokenizer.decode(speller.prompt(asked)) == "谁是<topic> s wife<path>"
    assert speller.read(speller.spell(("Born In", "é👍🏽"))) == ("Born In", "é👍🏽")
    assert speller.relation("e\u0301") == speller.relation("é")  # its own normaliser: NFC
    model.save_pretrained(tmp_path / "saved")
    tokenizer.save_pretrained(tmp_path / "saved")
    opened = PreTrainedTokenizerFast.from_pretrained(tmp_path / "saved")
    assert reads_normal_form(opened) and Speller(opened).prompt(asked) == speller.prompt(asked)
    again = load_pretrained(str(tmp_path / "saved"), tmp_path)[1]
    assert len(list(again.backend_tokenizer.normalizer)) == len(list(NORMAL_FORM)) + 1
    assert again.all_special_tokens == tokenizer.all_special_tokens


def test_a_tokenizer_of_before_reads_texts_as_they_are():
    old = plain_tokenizer(eos_token="<end>", pad_token="<end>")
    assert not reads_normal_form(old)
    text = " Child’s <end> Spouse "
    as_it_is = old.encode(text, add_special_tokens=False, split_special_tokens=True)
    assert tokens_as_written(old, text) == as_it_is
    new = with_normal_form(old)
    assert tokens_as_written(new, text) == as_it_is and old.decode(as_it_is) == text
