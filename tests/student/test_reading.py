"""What a cached has read step by step is what a model reads at once."""

import pytest
import torch

from core.student.reading import CachedModel
from tests.plain_llama import save_plain_llama
from tests.tiny_student import tiny_student


@pytest.fixture(scope="module")
def model():
    return tiny_student()[0]


def at_once(model, tokens):
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0, -1]


@torch.no_grad()
def test_prompts_of_any_length_are_read_side_by_side(model):
    prompts = [[7, 8, 9, 10], [11], [12, 13]]
    cached = CachedModel(model, prompts)
    for row, prompt in zip(cached.logits, prompts, strict=True):
        assert torch.allclose(row, at_once(model, prompt), atol=1e-10)


@torch.no_grad()
def test_rows_may_be_dropped_repeated_and_reordered(model):
    prompts = [[7, 8, 9, 10], [11], [12, 13]]
    cached = CachedModel(model, prompts)
    cached.read([2, 2, 0], [20, 21, 22])
    cached.read([1, 0], [23, 24])
    cached.read([0, 1], [25, 26])
    read = [[12, 13, 21, 23, 25], [12, 13, 20, 24, 26]]
    for row, tokens in zip(cached.logits, read, strict=True):
        assert torch.allclose(row, at_once(model, tokens), atol=1e-10)


@torch.no_grad()
def test_a_model_that_counts_no_places_is_read_too(model, tmp_path):
    plain = save_plain_llama(tmp_path)
    plain.config.pad_token_id = 0
    inner = plain.forward
    plain.forward = lambda input_ids, attention_mask, past_key_values, use_cache: inner(
        input_ids, attention_mask, past_key_values=past_key_values, use_cache=use_cache
    )
    cached = CachedModel(plain, [[7, 8], [9, 10]])
    cached.read([0, 1], [11, 12])
    for row, tokens in zip(cached.logits, [[7, 8, 11], [9, 10, 12]], strict=True):
        assert torch.allclose(row, at_once(save_plain_llama(tmp_path), tokens), atol=1e-5)
