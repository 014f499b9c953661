"""Estimates: what raises them, what lowers them, and what is refused."""

from dataclasses import replace

import pytest

from core import sizing
from core.errors import SettingsError
from core.gpus import Gpu
from core.settings import DistillSettings
from core.sizing import Machine, check_fits, estimate, told

LAPTOP = Machine("cpu", 8e9, 1e11, False)
QUESTIONS = 1000


@pytest.fixture(autouse=True)
def laptop(monkeypatch):
    monkeypatch.setattr(sizing, "machine", lambda device: LAPTOP)


def of(**changes):
    return estimate(DistillSettings(name="s", teacher="t", **changes), QUESTIONS)


def test_the_tiny_student_takes_minutes_and_little_memory():
    found = of()
    assert found.parameters == found.learning == 529_024
    assert found.steps == 20 * 32  # 1000 questions in 32 batches, 20 times
    assert 10 < found.seconds < 600
    assert 0.5e9 < found.memory < 2e9 and not found.missing


def test_an_adapter_learns_little_and_needs_less():
    whole = of(student="SmolLM2-135M", batch_size=4)
    adapter = of(student="SmolLM2-135M", batch_size=4, lora_rank=8)
    assert whole.learning == whole.parameters == adapter.parameters
    assert adapter.learning == pytest.approx(2_444_544, rel=0.05)  # what peft counts
    assert adapter.memory < whole.memory - 1e9
    assert adapter.seconds < whole.seconds


def test_what_saves_memory():
    before = of(student="SmolLM2-135M")
    assert of(student="SmolLM2-135M", batch_size=4).memory < before.memory
    twice = of(student="SmolLM2-135M", gradient_checkpointing=True)
    assert twice.memory < before.memory and twice.seconds > 1.2 * before.seconds


def test_more_epochs_take_longer_and_no_more_memory():
    one, ten = of(epochs=1), of(epochs=10)
    assert ten.seconds == pytest.approx(10 * one.seconds)
    assert ten.memory == one.memory


def test_processes_share_the_tokens_of_a_step(monkeypatch):
    one, two = of(student="SmolLM2-135M"), of(student="SmolLM2-135M", processes=2)
    assert one.memory < two.memory < 2 * one.memory  # on a processor both hold all weights
    assert two.seconds == pytest.approx(one.seconds)
    monkeypatch.setattr(sizing, "machine", lambda device: replace(LAPTOP, name="A GPU"))
    one, two = of(student="SmolLM2-135M"), of(student="SmolLM2-135M", processes=2)
    assert two.memory < one.memory  # each on its own


def test_a_gpu_computes_frozen_weights_in_half(monkeypatch):
    monkeypatch.setattr(sizing, "machine", lambda device: replace(LAPTOP, bfloat16=True, rate=None))
    on_gpu = of(student="Qwen2.5-0.5B", lora_rank=8)
    whole = of(student="Qwen2.5-0.5B", lora_rank=8, dtype="float32")
    assert whole.memory - on_gpu.memory == pytest.approx(2 * on_gpu.parameters)
    assert on_gpu.seconds is None
    assert told(on_gpu)["seconds"] is None


def refused(**changes):
    with pytest.raises(SettingsError) as caught:
        check_fits(DistillSettings(name="s", teacher="t", **changes), QUESTIONS)
    return str(caught.value)


def test_what_does_not_fit_is_refused_with_what_would(monkeypatch):
    check_fits(DistillSettings(name="s", teacher="t"), QUESTIONS)
    said = refused(student="Qwen2.5-0.5B")
    assert said.startswith("Distilling 'Qwen2.5-0.5B' needs about ")
    assert "cpu has 8.0 GB free, so" in said
    assert "GB are missing; " in said
    assert said.endswith(", which would fit.")
    smaller = replace(LAPTOP, memory=6e9)
    monkeypatch.setattr(sizing, "machine", lambda device: smaller)
    assert refused(student="Qwen2.5-1.5B").endswith("are missing; take a smaller student.")


def test_what_it_advises_does_fit():
    settings = DistillSettings(name="s", teacher="t", student="Qwen2.5-0.5B", batch_size=32)
    size = sizing.architecture(settings.student)
    offered = [
        words
        for words, change in sizing._smaller(settings)
        if not sizing._estimate(change, QUESTIONS, size, LAPTOP).missing
    ]
    assert offered and offered[0] in refused(student="Qwen2.5-0.5B", batch_size=32)


def test_what_is_not_downloaded_is_not_refused():
    check_fits(DistillSettings(name="s", teacher="t", student="someone/unknown"), QUESTIONS)
    assert told(of(student="someone/unknown")) == {}


def test_this_machine_is_measured(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(sizing, "_gpu", lambda: None)
    here = sizing.machine("auto")
    assert here.name == "cpu" and here.memory > 1e8 and here.rate > 1e8
    monkeypatch.setattr(sizing, "_gpu", lambda: replace(LAPTOP, name="GPU"))
    assert sizing.machine("auto").name == "GPU"
    assert sizing.machine("cpu").name == "cpu"


def test_the_gpu_with_most_free_memory_is_taken(monkeypatch):
    there = [Gpu(0, "Small", 4000, 7), Gpu(1, "Large", 81000, 9)]
    monkeypatch.setattr(sizing, "gpus", lambda: there)
    assert sizing._gpu() == sizing.Machine("Large", 81000, None, True)
    monkeypatch.setattr(sizing, "gpus", list)
    assert sizing._gpu() is None
