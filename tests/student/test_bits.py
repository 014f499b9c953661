"""Weights that are rounded while a student learns: just those of the format, and still learning."""

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind

from core.errors import SettingsError
from core.settings import DistillSettings, checked
from core.student import language_model
from core.student.forms import Bits, form_of
from core.student.forms.bits import rounded
from core.student.language_model import build_tiny
from core.student.saving import save_model

RELATIONS = ("born", "spouse")


@pytest.fixture
def student(monkeypatch):
    """A student of two layers, whose ends share their vectors."""
    for name, value in {"WIDTH": 32, "LAYERS": 2, "HEADS": 2, "VOCABULARY": 275}.items():
        monkeypatch.setattr(language_model, name, value)
    torch.manual_seed(0)
    model, tokenizer = build_tiny(["Who?"], RELATIONS)
    return model.eval(), tokenizer  # nothing is dropped by chance


def of_gguf(weight):
    stored = gguf.quants.quantize(weight.numpy(), Kind.Q8_0)
    return torch.from_numpy(gguf.quants.dequantize(stored, Kind.Q8_0))


@pytest.mark.parametrize("scale", [1e-4, 1.0, 300.0])
def test_rounding_is_that_of_the_format_to_the_bit(scale):
    weight = scale * torch.randn(7, 96, generator=torch.Generator().manual_seed(1))
    weight[0] = 0
    weight[1, :5] = scale * torch.tensor([127.0, 0.5, -0.5, 2.5, -63.5])
    assert torch.equal(rounded(weight), of_gguf(weight))
    assert torch.equal(rounded(rounded(weight)), rounded(weight))


def test_it_computes_with_rounded_weights_and_learns_past_the_rounding(student):
    model, tokenizer = student
    ids = torch.arange(8)[None]
    names = {name for name, _ in model.named_parameters()}
    plain = {name: value.clone() for name, value in model.state_dict().items()}
    rounding = {name: rounded(value) for name, value in plain.items() if value.ndim > 1}
    model.load_state_dict({**plain, **rounding})
    wanted = model(ids).logits
    model.load_state_dict(plain)
    model = Bits().begin(model, tokenizer)
    assert torch.allclose(model(ids).logits, wanted, atol=1e-6)
    assert len(list(model.parameters())) == len(names)
    model(ids).logits.square().sum().backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in model.parameters())


def test_what_is_published_is_plain_and_an_export_loses_nothing_of_it(student, tmp_path):
    model, tokenizer = student
    model = Bits().begin(model, tokenizer)
    with torch.no_grad():
        said = model(torch.arange(8)[None]).logits
    save_model(tmp_path, model, tokenizer, Bits())
    opened = type(model).from_pretrained(tmp_path)
    with torch.no_grad():
        assert torch.allclose(opened(torch.arange(8)[None]).logits, said, atol=1e-6)
    matrices = [one for one in opened.state_dict().values() if one.ndim > 1]
    assert matrices and all(torch.equal(one, of_gguf(one)) for one in matrices)
    assert opened.get_input_embeddings().weight is opened.get_output_embeddings().weight


def test_settings_ask_for_it_and_refuse_it_beside_an_adapter():
    wanted = {"name": "s", "teacher": "t", "rounding": "q8_0"}
    assert form_of(DistillSettings(**wanted)) == Bits()
    with pytest.raises(SettingsError, match="take lora_rank 0 with rounding=q8_0"):
        checked(DistillSettings, {**wanted, "lora_rank": 4})


def test_a_matrix_of_no_whole_blocks_stays_as_it_is(student):
    model, tokenizer = student
    odd = torch.nn.Linear(33, 4)
    model.odd = odd
    before = odd.weight.detach().numpy().copy()
    Bits().begin(model, tokenizer)
    assert np.array_equal(odd.weight.detach().numpy(), before)
