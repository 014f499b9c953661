"""Logits at chosen positions are those that the whole model says there."""

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

from core.student.forms.adapter import add_adapter
from core.student.output_layer import logits_only_at
from tests.tiny_student import tiny_student

IDS = torch.tensor([[7, 3, 9, 4], [5, 8, 6, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
AT = torch.tensor([2, 3, 5])


def capped():
    """A model that does something to its logits after the output layer."""
    torch.manual_seed(0)
    return Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=40, hidden_size=16, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=1, head_dim=8, final_logit_softcapping=0.5,
        )
    ).double().eval()  # fmt: skip


def adapted():
    model, speller = tiny_student()
    return add_adapter(model, speller.tokenizer, 2)


@pytest.mark.parametrize("build", [lambda: tiny_student()[0], adapted, capped])
def test_they_are_the_same_with_the_same_gradients(build):
    model = build()
    learned = [p for p in model.parameters() if p.requires_grad]

    def both(at_once):
        if at_once:
            with logits_only_at(model, AT):
                logits = model(input_ids=IDS, attention_mask=MASK).logits[0]
        else:
            logits = model(input_ids=IDS, attention_mask=MASK).logits.flatten(0, 1)[AT]
        grown = torch.autograd.grad(logits.square().sum(), learned, allow_unused=True)
        return logits, [g for g in grown if g is not None]

    mine, theirs = both(True), both(False)
    torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-9)
    assert mine[0].shape == (3, model.get_output_embeddings().weight.shape[0])


def test_nothing_to_read_is_nothing_and_moves_nothing():
    model, _ = tiny_student()
    with logits_only_at(model, AT[:0]):
        logits = model(input_ids=IDS, attention_mask=MASK).logits
    assert logits.shape[:2] == (1, 0)
    assert all((g == 0).all() for g in torch.autograd.grad(logits.sum(), [*model.parameters()]))


def test_afterwards_the_model_is_as_it_was():
    model, _ = tiny_student()
    with pytest.raises(ValueError), logits_only_at(model, AT):
        raise ValueError
    assert model(input_ids=IDS, attention_mask=MASK).logits.shape[:2] == (2, 4)
