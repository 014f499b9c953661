"""Students before they learn, and what of them learns; saved and opened again."""

import pytest
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoModelForCausalLM, AutoTokenizer

from core.records import TOPIC_MARK
from core.settings import DistillSettings
from core.student.building import build_student, in_bfloat16
from core.student.forms import Adapter, Whole, form_of
from core.student.forms.adapter import ADAPTER
from core.student.prompts import Speller
from core.student.saving import save_model
from tests.plain_llama import save_plain_llama

PATH = ("child", "~spouse")


def wanted(folder, **changes):
    given = {"name": "s", "teacher": "t", "student": str(folder), "device": "cpu", **changes}
    return DistillSettings(**given)


def built(folder, **changes):
    torch.manual_seed(0)
    return build_student(wanted(folder, **changes), ["谁?"], PATH, folder)


def logits(model, tokenizer):
    speller = Speller(tokenizer)
    ids = torch.tensor([speller.prompt(f"Who is {TOPIC_MARK}?") + speller.spell(PATH)])
    with torch.no_grad():
        return model.eval()(input_ids=ids).logits


def taught(model, tokenizer):
    """A few steps toward a path."""
    speller = Speller(tokenizer)
    ids = torch.tensor([speller.prompt(f"Who is {TOPIC_MARK}?") + speller.spell(PATH)])
    learning = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-2)
    for _ in range(3):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def test_the_tiny_student_is_built_from_the_questions(tmp_path):
    model, tokenizer = built("tiny")
    assert model.config.model_type == "llama"
    assert len(Speller(tokenizer).relation("child")) == 1


@pytest.mark.parametrize("tied", [True, False])
def test_an_adapter_leaves_all_but_itself_and_the_marks(tmp_path, tied):
    before = save_plain_llama(tmp_path, tied=tied)
    model, tokenizer = built(tmp_path, lora_rank=2)
    start = logits(model, tokenizer)
    assert torch.allclose(start, logits(built(tmp_path)[0], tokenizer), atol=1e-6)
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    widths = {"q": 16 + 16, "k": 16 + 8, "v": 16 + 8, "o": 16 + 16, "mlp": 3 * (16 + 32)}
    rows = 7 * 16 if tied else 2 * 7 * 16
    assert learning == 2 * 2 * sum(widths.values()) + rows
    taught(model, tokenizer)
    assert not torch.allclose(start, logits(model, tokenizer), atol=1e-2)
    save_model(tmp_path / "out", model, tokenizer, Adapter(2))
    kept = AutoModelForCausalLM.from_pretrained(tmp_path / "out").get_input_embeddings().weight
    known = before.config.vocab_size
    assert torch.equal(kept[:known], before.get_input_embeddings().weight)
    assert not torch.equal(kept[known : known + 6], kept[known : known + 1].expand(6, -1))


@pytest.mark.parametrize("rank", [0, 2])
@pytest.mark.parametrize("tied", [True, False])
def test_a_saved_student_is_the_same(tmp_path, rank, tied):
    save_plain_llama(tmp_path / "base", tied=tied)
    model, tokenizer = built(tmp_path / "base", lora_rank=rank)
    said = logits(taught(model, tokenizer), tokenizer)
    form = Adapter(rank) if rank else Whole()
    save_model(tmp_path / "out", model, tokenizer, form)
    opened = AutoModelForCausalLM.from_pretrained(tmp_path / "out")
    assert torch.allclose(
        logits(opened, AutoTokenizer.from_pretrained(tmp_path / "out")), said, atol=1e-5
    )
    assert (tmp_path / "out" / ADAPTER).exists() == bool(rank)


def test_the_adapter_alone_says_the_same_on_its_base(tmp_path):
    save_plain_llama(tmp_path / "base")
    model, tokenizer = built(tmp_path / "base", lora_rank=2)
    said = logits(taught(model, tokenizer), tokenizer)
    save_model(tmp_path / "out", model, tokenizer, Adapter(2))
    tokenizer.save_pretrained(tmp_path / "out" / ADAPTER)
    opened = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "out" / ADAPTER)
    assert torch.allclose(logits(opened, tokenizer), said, atol=1e-5)


def test_bfloat16_only_where_asked_or_where_a_gpu_has_it(tmp_path):
    save_plain_llama(tmp_path)
    assert not in_bfloat16(wanted(tmp_path))
    assert not in_bfloat16(wanted(tmp_path, dtype="float32"))
    assert in_bfloat16(wanted(tmp_path, dtype="bfloat16"))
    frozen = built(tmp_path, lora_rank=2, dtype="bfloat16")[0]
    kinds = {(p.requires_grad, p.dtype) for p in frozen.parameters()}
    assert (False, torch.bfloat16) in kinds and (True, torch.bfloat16) not in kinds
    assert built(tmp_path, dtype="bfloat16")[0].dtype == torch.float32


def test_the_learning_rate_suits_the_student(tmp_path):
    assert wanted("tiny").learning_rate == 3e-3
    assert wanted(tmp_path).learning_rate == 1e-4
    assert wanted(tmp_path, lora_rank=8).learning_rate == 1e-3
    assert wanted(tmp_path, lora_rank=8, learning_rate=2e-5).learning_rate == 2e-5


def test_the_settings_choose_the_form(tmp_path):
    assert form_of(wanted(tmp_path)) == Whole()
    assert form_of(wanted(tmp_path, lora_rank=3)) == Adapter(3)
    assert form_of(wanted(tmp_path, student="tiny", lora_rank=3)) == Whole()
