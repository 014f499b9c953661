"""Whether PathDistill does on this machine's GPU what it does elsewhere, and how fast.

    make gpu-check        the same as: python -m tests.gpu_check [--small]

Asks for torch, transformers and the code of `core`; no studio, no network. It takes less than
eight minutes: what had no time left is said to be left out. One line a check:

    ok       it holds                      FAILED   it does not, and the exit code is 1
    found    a figure without a bound      not run  what it needs is not here

A GPU's share is the multiplications of a training step, 6 x weights x tokens, the vocabulary's
matrices left out, beside what the card multiplied in a second when it did nothing else. Where
there is no GPU the processor is looked at in its place. `--small` takes seconds, and no GPU.
Of several cards name one: CUDA_VISIBLE_DEVICES=0.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedModel
from transformers.models.llama.modeling_llama import LlamaRMSNorm, LlamaRotaryEmbedding

from core.checkpoints import FOLDER, last_valid, step_of
from core.distill import packed_rows, steering
from core.distill.examples import INPUTS, Collator, Examples, only_read
from core.distill.losses import student_log_probs
from core.distill.signals import Gold, Labels
from core.distill.signals.signal import Outputs
from core.distill.trainer import weighted
from core.distill.training import train
from core.gpus import gpus
from core.pretrained.embedders import UNIVERSAL
from core.recipes import run_demo
from core.report import Silent
from core.runs.supervisor.diagnosis import Cause, of_error
from core.settings import DemoSettings, DistillSettings
from core.student.language_model import build_tiny
from core.student.output_layer import logits_only_at
from core.workspace import Workspace
from tests.benchmarks.step_cost import (
    HYPERPARAMETERS,
    QUESTIONS,
    TEXTS,
    examples,
    now,
    packed,
    relations,
    single_rows,
    ways_to_train,
)

MINUTES = 6.5
EXACT = 1e-9
"""Losses and gradients in float64 that agree so far, relative to the largest, are the same."""

SIGNALS = (Gold(), Labels())
SHAPES = {
    "tiny": None,
    "135M": LlamaConfig(
        vocab_size=49_152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30,
        num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True,
    ),
    "0.5B": LlamaConfig(
        vocab_size=151_936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
        num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True,
    ),
}  # fmt: skip
"""Of SmolLM2-135M and Qwen2.5-0.5B; their weights are random, which takes as long."""

KILLED_AT = 3


class Row(NamedTuple):
    """A line of the table."""

    check: str
    said: Literal["ok", "FAILED", "found", "not run"]
    found: str


def held(check: str, holds: bool, found: str) -> Row:
    return Row(check, "ok" if holds else "FAILED", found)


def checks(device: str, small: bool, until: float) -> Iterator[Row]:
    """All of them, one after the other."""
    yield seen(device)
    yield packed_is_exact(device)
    yield same_on_both(device)
    yield bfloat16(device)
    yield killed_and_resumed(device)
    yield out_of_memory(device)
    yield demo(device, small)
    yield two_cards()
    yield from speeds(device, small, until)


def seen(device: str) -> Row:
    """The driver tells of every GPU that torch uses."""
    told, usable = gpus(), torch.cuda.device_count()
    names = ", ".join(f"{one.name}, {one.free / 2**30:.0f} GiB free" for one in told) or "none"
    if device == "cpu":
        return Row("GPUs", "found", f"{names}; what follows is of the processor")
    return held("GPUs", len(told) >= usable > 0, f"{names}; torch uses {usable}")


# --- the same numbers ------------------------------------------------------------------------


class ExactRotary(nn.Module):
    """A Llama's rotary angles in float64, which it computes in float32 whatever its type is."""

    def __init__(self, config: LlamaConfig) -> None:
        super().__init__()
        even = torch.arange(0, config.head_dim, 2, dtype=torch.float64)
        self.base, self.exponents = config.rope_parameters["rope_theta"], even / config.head_dim

    def forward(self, states: Tensor, position_ids: Tensor) -> tuple[Tensor, Tensor]:
        frequencies = self.base ** -self.exponents.to(states.device)
        angles = position_ids[..., None].double() * frequencies
        both = torch.cat((angles, angles), -1)
        return both.cos().to(states.dtype), both.sin().to(states.dtype)


def tiny() -> tuple[PreTrainedModel, Examples]:
    """A tiny student that has learned nothing, and its first questions."""
    torch.manual_seed(0)
    model, tokenizer = build_tiny(TEXTS, relations())
    return model.eval(), examples(tokenizer, 4)


def exact(model: PreTrainedModel) -> PreTrainedModel:
    """A Llama in float64 throughout."""
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if isinstance(child, LlamaRMSNorm):
                setattr(parent, name, nn.RMSNorm(len(child.weight), child.variance_epsilon))
            elif isinstance(child, LlamaRotaryEmbedding):
                setattr(parent, name, ExactRotary(model.config))
    return model.double()


def learned_from(model: PreTrainedModel, rows: list, kind: torch.dtype) -> list[Tensor]:
    """The loss of a batch, and its gradient; on the processor, for comparing."""
    device = next(model.parameters()).device
    pad = int(model.config.pad_token_id)
    batch = {name: value.to(device) for name, value in Collator(pad, kind)(rows).items()}
    at, read = only_read(batch, SIGNALS)
    with logits_only_at(model, at) as picked:
        output = model(**{name: batch[name] for name in INPUTS if name in batch})
    student = Outputs(student_log_probs(output.logits.flatten(0, 1)), picked.states)
    sums = {}
    for signal in SIGNALS:
        sums |= signal.sums(student, read, HYPERPARAMETERS)
    loss = weighted(SIGNALS, sums, HYPERPARAMETERS)[0] / len(rows)
    slopes = torch.autograd.grad(loss, [one for one in model.parameters() if one.requires_grad])
    return [one.detach().cpu() for one in (loss, *slopes)]


def apart(some: list[Tensor], others: list[Tensor]) -> float:
    """The largest difference between numbers of the same kind, relative to the largest of them."""
    return max(
        float((one - other).abs().max() / other.abs().max().clamp(min=1e-30))
        for one, other in zip(some, others, strict=True)
    )


def packed_is_exact(device: str) -> Row:
    """A question in one packed row teaches what its paths teach row by row."""
    model, data = tiny()
    exact(model).to(device)
    with patch.object(packed_rows, "RARE", 0.0):  # nothing is left out
        one = learned_from(model, packed(data).__getitems__(range(4)), torch.float64)
    other = learned_from(model, [single_rows(each) for each in data.examples[:4]], torch.float64)
    difference = apart(one, other)
    return held("packed paths = path by path, float64", difference < EXACT, f"{difference:.1e}")


def same_on_both(device: str) -> Row:
    """The GPU learns what the processor learns."""
    check = "losses and gradients on GPU = CPU, float64"
    if device == "cpu":
        return Row(check, "not run", "there is no GPU")
    model, data = tiny()
    rows = packed(data).__getitems__(range(4))
    here = learned_from(exact(model), rows, torch.float64)
    there = learned_from(model.to(device), rows, torch.float64)
    difference = apart(there, here)
    return held(check, difference < EXACT, f"{difference:.1e}")


def bfloat16(device: str) -> Row:
    """How far the loss moves where it is computed in bfloat16."""
    model, data = tiny()
    rows = packed(data).__getitems__(range(4))
    wide = learned_from(model, rows, torch.float32)[0]
    with torch.autocast(device, torch.bfloat16):
        narrow = learned_from(model.to(device), rows, torch.float32)[0]
    difference = apart([narrow.float()], [wide])
    return held("loss in bfloat16 beside float32 on CPU", difference < 0.02, f"{difference:.1e}")


# --- what goes wrong -------------------------------------------------------------------------


class Halting(Silent):
    """Says so at a step, and waits there to be killed."""

    def __init__(self, folder: Path, halt: bool) -> None:
        self.folder, self.halt = folder, halt

    def progress(self, done: float, total: float, note: str = "") -> None:
        if self.halt and done == KILLED_AT:
            sys.stdout.write("here\n")
            sys.stdout.flush()
            time.sleep(600)


def learn(folder: Path, device: str, halt: bool = False) -> list[Tensor]:
    """A few steps, on from the last checkpoint in a folder; the weights."""
    torch.manual_seed(0)
    model, tokenizer = build_tiny(TEXTS, relations())
    data = packed(examples(tokenizer, 16))
    settings = DistillSettings(
        name="s", teacher="t", paths="all", epochs=2, batch_size=4, learning_rate=1e-3,
        checkpoint_seconds=0, device="cpu" if device == "cpu" else "auto", dtype="float32",
    )  # fmt: skip
    # A checkpoint at every step, however long that takes.
    with patch.object(steering, "WRITING_SHARE", 1e9), patch.object(steering, "LOG_EVERY", -1.0):
        train(model, tokenizer, data, settings, Halting(folder, halt), dict, folder / "scratch")
    return [one.detach().cpu() for one in model.parameters()]


def killed_and_resumed(device: str) -> Row:
    """A training that is killed goes on to the weights that it would have had."""
    check = "killed and resumed = undisturbed"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "killed"
        words = [sys.executable, "-m", "tests.gpu_check", "--learn", str(folder), "--on", device]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
            said = child.stdout.readline()
            child.kill()
        checkpoint = last_valid(folder / FOLDER)
        if said != "here\n" or checkpoint is None:
            return Row(check, "FAILED", "the training ended before it could be killed")
        whole, resumed = learn(Path(place) / "whole", device), learn(folder, device)
    difference = apart(resumed, whole)
    bound = 0.0 if device == "cpu" else 1e-3  # a GPU adds up in another order each time
    found = f"killed behind step {step_of(checkpoint)}; weights differ by {difference:.1e}"
    return held(check, difference <= bound, found)


def out_of_memory(device: str) -> Row:
    """A card that is full is said to be, by the words that its error has here."""
    check = "out of memory is told as that"
    if device == "cpu":
        return Row(check, "not run", "there is no GPU")
    free, _ = torch.cuda.mem_get_info()
    try:
        torch.empty(2 * free, dtype=torch.uint8, device=device)
    except torch.cuda.OutOfMemoryError as error:
        told = of_error(type(error).__name__, str(error))
        return held(check, told is Cause.GPU_MEMORY, f"told as {told}")
    return Row(check, "FAILED", "twice the free memory was given")


def demo(device: str, small: bool) -> Row:
    """The whole loop on the sample graph."""
    models = Workspace().root / "models"
    if small:
        return Row("demo", "not run", "it takes minutes")
    if not (models / UNIVERSAL).is_dir():
        return Row("demo", "not run", f"{models} does not hold {UNIVERSAL}, and nothing is fetched")
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(models / UNIVERSAL, Path(place) / "models" / UNIVERSAL)
        made = run_demo.run(DemoSettings(), Silent(), Workspace(Path(place)))
    hits = made.student.hits_at_1
    return held("demo", hits > 0.8, f"{made.seconds:.0f} s; the student's Hits@1 {hits:.3f}")


def two_cards() -> Row:
    """What would be looked at with two cards, and is looked at by hand."""
    return Row("one training on two cards", "not run", "tests/distill/test_sharing.py, on CPUs")


# --- speed -----------------------------------------------------------------------------------


def speeds(device: str, small: bool, until: float) -> Iterator[Row]:
    """Packed exact targets, beside plain fine-tuning and what else is installed."""
    rate = matrix_rate(device, small)
    yield Row("matrices multiplied", "found", f"{rate / 1e12:.2f} x 10^12 operations a second")
    for shape, config in SHAPES.items():
        if device == "cpu" and shape != "tiny":
            yield Row(f"{shape} student", "not run", "there is no GPU")
            continue
        for batch in (4,) if small else (32,) if device == "cpu" else (32, 256, 512):
            yield from speed(device, shape, config, batch, rate, small, until)


def speed(
    device: str,
    shape: str,
    config: LlamaConfig | None,
    batch: int,
    rate: float,
    small: bool,
    until: float,
) -> Iterator[Row]:
    model, tokenizer = build_tiny(TEXTS, relations())
    body = sum(one.numel() for name, one in model.named_parameters() if "embed" not in name)
    count = 32 if small else QUESTIONS
    data = examples(tokenizer, count)
    read = {"plain": token_count(data), "packed": token_count(packed(data))}
    warm, steps = (1, 2) if small else (2, 10) if device == "cpu" else (10, 50)
    ways, plain = ways_to_train(tokenizer, batch, count), None
    for name in ("plain", "packed", *(["gkd"] if "gkd" in ways else [])):
        what = f"{shape}, {batch} questions a step, {name}"
        if time.monotonic() > until:
            yield Row(what, "not run", "the time was over")
            continue
        if config is not None:
            model = LlamaForCausalLM(config)
            body = sum(one.numel() for key, one in model.named_parameters() if "embed" not in key)
        if device != "cpu":
            gc.collect()  # the training before is held by circles of its own
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            seconds = ways[name](model.to(device), steps, warm) / steps
        except torch.cuda.OutOfMemoryError:
            yield Row(what, "not run", "the card has too little memory")
            continue
        plain = seconds if name == "plain" else plain
        said = f"{seconds / batch * 1e3:.2f} ms a question"
        if plain is not None:
            said += f", {seconds / plain:.2f} x plain"
        if name in read:
            tokens = batch * read[name] / seconds
            said += f"; {tokens:,.0f} tokens a second, {6 * body * tokens / rate:.3f} of the rate"
        if device != "cpu":
            said += f"; {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB"
        yield Row(what, "found", said)


def token_count(data: Examples) -> float:
    """Tokens that a question brings, without padding."""
    rows = [row for rows in data.__getitems__(range(len(data))) for row in rows]
    return sum(len(row.prompt) + len(row.path) for row in rows) / len(data)


def matrix_rate(device: str, small: bool) -> float:
    """Operations a second of large matrices alone: bfloat16 on a GPU, float32 on a processor."""
    size, times = (1024, 4) if small or device == "cpu" else (8192, 40)
    kind = torch.float32 if device == "cpu" else torch.bfloat16
    some = torch.randn(size, size, device=device, dtype=kind)
    some @ some
    began = now()
    for _ in range(times):
        some @ some
    return 2 * size**3 * times / (now() - began)


def main(words: list[str] | None = None) -> int:
    """Print the table as it grows; 1 where a check fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="on the processor, in seconds")
    parser.add_argument("--learn", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--on", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.learn is not None:
        learn(given.learn, given.on, halt=True)
        return 0
    device = "cuda" if torch.cuda.is_available() and not given.small else "cpu"
    sys.stdout.write(f"torch {torch.__version__}, {device}\n")
    failed = 0
    for row in checks(device, given.small, time.monotonic() + 60 * MINUTES):
        failed += row.said == "FAILED"
        sys.stdout.write(f"{row.said:8} {row.check:44} {row.found}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
