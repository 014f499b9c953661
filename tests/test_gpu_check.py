"""What a GPU is asked, asked of the processor in its smallest form."""

import time

import torch
from transformers import LlamaConfig

from tests import gpu_check


def test_what_needs_no_gpu_holds_and_the_rest_is_said_not_to_have_run(monkeypatch, capsys):
    assert gpu_check.main(["--small"]) == 0
    said = capsys.readouterr().out
    for check in ("packed paths = path by path", "loss in bfloat16", "killed and resumed"):
        assert f"ok       {check}" in said
    for check in ("losses and gradients on GPU", "out of memory", "demo", "0.5B student"):
        assert f"not run  {check}" in said
    assert "tokens a second" in said


def test_a_check_that_fails_is_the_exit_code(monkeypatch, capsys):
    rows = [gpu_check.held("one", True, "1"), gpu_check.held("other", False, "2")]
    monkeypatch.setattr(gpu_check, "checks", lambda *_: iter(rows))
    assert gpu_check.main(["--small"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].split() == ["FAILED", "other", "2"]


def test_a_packed_row_that_leaves_something_out_is_found(monkeypatch):
    every = gpu_check.single_rows
    monkeypatch.setattr(gpu_check, "single_rows", lambda example: every(example)[1:])
    assert gpu_check.packed_is_exact("cpu").said == "FAILED"


def test_a_student_too_large_for_the_card_is_said_and_the_next_one_tried(monkeypatch):
    def full(model, steps, warm):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    ways = {"plain": full, "packed": lambda model, steps, warm: 2.0 * steps}
    monkeypatch.setattr(gpu_check, "ways_to_train", lambda *_: ways)
    config = LlamaConfig(
        vocab_size=1000, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2,
    )  # fmt: skip
    until = time.monotonic() + 60
    plain, packed = gpu_check.speed("cpu", "0.5B", config, 4, 1e9, True, until)
    assert (plain.said, plain.found) == ("not run", "the card has too little memory")
    assert packed.said == "found" and packed.found.startswith("500.00 ms a question; ")
    (late, _) = gpu_check.speed("cpu", "0.5B", config, 4, 1e9, True, until=0.0)
    assert (late.said, late.found) == ("not run", "the time was over")
