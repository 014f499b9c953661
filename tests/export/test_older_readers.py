"""Configurations in the words of older versions: the same model and tokenizer to the newer one."""

import pytest
from transformers import AutoConfig, LlamaConfig, PreTrainedTokenizerFast

from core.export.older_readers import readable_by_older
from core.student.prompts import HOP, PATH, STOP, TOPIC
from core.workspace import read_json, write_json
from tests.plain_llama import plain_tokenizer

YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}


@pytest.mark.parametrize("scaling", [None, YARN])
def test_an_older_version_finds_the_rotary_numbers_where_it_looks(tmp_path, scaling):
    rope = {"rope_type": "default", **(scaling or {}), "rope_theta": 130_000.0}
    LlamaConfig(rope_parameters=rope).save_pretrained(tmp_path)
    wanted = AutoConfig.from_pretrained(tmp_path).rope_parameters
    readable_by_older(tmp_path)
    said = read_json(tmp_path / "config.json")
    assert said["rope_theta"] == 130_000.0 and said.get("rope_scaling") == scaling
    assert AutoConfig.from_pretrained(tmp_path).rope_parameters == wanted == rope


def test_an_older_version_opens_the_tokenizer_by_a_name_that_it_has(tmp_path):
    marks = [TOPIC, PATH, HOP]
    made = plain_tokenizer(eos_token=STOP, additional_special_tokens=marks, padding_side="left")
    made.save_pretrained(tmp_path)
    assert read_json(tmp_path / "tokenizer_config.json")["tokenizer_class"] == "TokenizersBackend"
    readable_by_older(tmp_path)
    said = read_json(tmp_path / "tokenizer_config.json")
    assert said["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert said["additional_special_tokens"] == marks and "extra_special_tokens" not in said
    again = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    text = f"What is {TOPIC}?{PATH}child{HOP}{STOP}"
    assert again(text) == made(text)
    assert again.extra_special_tokens == marks and again.padding_side == "left"


def test_what_has_no_older_words_or_has_them_already_stays(tmp_path):
    kinds = {"full_attention": {"rope_theta": 1e6}, "sliding_attention": {"rope_theta": 1e4}}
    config = {"model_type": "gemma3_text", "rope_parameters": kinds}
    older = {"tokenizer_class": "PreTrainedTokenizerFast", "additional_special_tokens": [PATH]}
    write_json(tmp_path / "config.json", config)
    write_json(tmp_path / "tokenizer_config.json", older)
    readable_by_older(tmp_path)
    assert read_json(tmp_path / "config.json") == config
    assert read_json(tmp_path / "tokenizer_config.json") == older
