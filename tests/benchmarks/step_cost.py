"""What a step of distillation costs beside plain fine-tuning of the same student on the same rows.

    python -m tests.benchmarks.step_cost [--steps 12] [--rounds 3] [--batch 32] [--memory]
                                         [--student tiny] [--vocabulary 800] [--ways NAME ...]

Ways to train, in turn, on the same rows (a gold path and a drawn path for each question):

    plain       fine-tuning: cross-entropy of every path token, by the Trainer's own loss
    ours        the split objective from cached labels, drawing and laying out included
    packed      likewise with every path of the label, packed into one row a question: exact
    rows        the same exact targets with a row for each path
    plain-rows  plain fine-tuning on those rows
    token       likewise with the textbook's objective, over the whole vocabulary
    model       the textbook's too, its teacher a language model of the student's size that reads
                every row beside it, in our trainer
    gkd         likewise by TRL's GKD trainer on the given rows (`lmbda=0`: it samples nothing)
    gkd-own     TRL's GKD trainer as it comes: every other step is on what the student samples
    trl         TRL's DistillationTrainer, which learns from what the student samples at every step,
                up to the length of the longest path

TRL's only where `trl` is installed (requirements.txt here). The student is the tiny one, its
vocabulary enlarged if so wanted, or any that `--student` of a distillation takes. Labels have the
shape of PathQuestion's: about 28 paths of up to three relations a question. The rounds take turns,
so that a machine that slows down slows all of them; the table gives medians. A GPU computes in
bfloat16 where it has it, as a distillation does. The memory is the most
that a process of its own holds while it trains, above what it held with the student alone.
"""

from __future__ import annotations

import argparse
import copy
import functools
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from core.distill.examples import Collator, Example, Examples, make_example
from core.distill.losses import Objective
from core.distill.packed_rows import PackedRow
from core.distill.schedules import Hyperparameters, Schedule
from core.distill.signals import Gold, Labels
from core.distill.soft_targets import trie_targets
from core.distill.trainer import DistillationTrainer
from core.labels.path_labels import PathLabel, keep_best
from core.pretrained.presets import TINY
from core.student.language_model import build_tiny
from core.student.pretrained import load_pretrained
from core.student.prompts import Speller
from core.workspace import Workspace

HYPERPARAMETERS = Hyperparameters(
    alpha=0.5, temperature=2.0, validity=1.0, beta=0.5, learning_rate=1e-3
)
SYLLABLES = ("place", "birth", "parent", "spouse", "city", "country", "film", "by", "of", "in")
QUESTIONS = 512
TEXTS = [f"what is number {number} of <topic>" for number in range(QUESTIONS)]

Way = Callable[..., float]
"""`way(model, steps, warm=0)` trains a student in place and gives the seconds of so many steps,
those of `warm` steps before them left out."""


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--student", default=TINY)
    parser.add_argument("--vocabulary", type=int, default=0)
    parser.add_argument("--ways", nargs="+")
    parser.add_argument("--memory", action="store_true", help="measure memory instead of time")
    parser.add_argument("--peak-of", help="one way's memory, in this process")
    given = parser.parse_args()
    model, tokenizer = _student(given.student, given.vocabulary)
    ways = ways_to_train(tokenizer, given.batch)
    if given.peak_of:
        _say(json.dumps(_peak(ways[given.peak_of], model, given.steps)))
        return
    names = given.ways or list(ways)
    if given.memory:
        _say("| way | peak memory above the student, MiB |\n|---|---|")
        for name in names:
            _say(f"| {name} | {_peak_elsewhere(name):,.0f} |")
        return
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for round_ in range(given.rounds + 1):
        for name in names:
            # The first round warms up.
            spent = ways[name](copy.deepcopy(model), given.steps if round_ else 1)
            if round_:
                seconds[name].append(spent / given.steps)
    first = seconds[names[0]]
    _say(f"| way | steps a second | cost beside {names[0]} |\n|---|---|---|")
    for name, spent in seconds.items():
        cost = statistics.median(a / b for a, b in zip(spent, first, strict=True))
        _say(f"| {name} | {1 / statistics.median(spent):.2f} | {cost:.2f} |")


def _peak_elsewhere(name: str) -> float:
    """The memory of one way, measured in a fresh process with the same arguments."""
    command = [sys.executable, "-m", "tests.benchmarks.step_cost", *sys.argv[1:], "--peak-of", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def _peak(way: Way, model: PreTrainedModel, steps: int) -> float:
    """The most memory that training holds above what the process holds now, in MiB."""
    if torch.cuda.is_available():
        model.cuda()
        before = torch.cuda.memory_allocated() / 2**20
        torch.cuda.reset_peak_memory_stats()
        way(model, steps)
        return torch.cuda.max_memory_allocated() / 2**20 - before
    before = _held("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    way(model, steps)
    return _held("VmHWM") - before


def _held(kind: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{kind}:"))
    return int(line.split()[1]) / 1024


def _student(name: str, vocabulary: int) -> tuple[PreTrainedModel, Any]:
    torch.manual_seed(0)
    if name == TINY:
        model, tokenizer = build_tiny(TEXTS, relations())
    else:
        model, tokenizer = load_pretrained(name, Workspace().root / "models")
    if vocabulary > len(tokenizer):
        model.resize_token_embeddings(vocabulary, mean_resizing=False)
    return model, tokenizer


def examples(tokenizer: Any, count: int = QUESTIONS) -> Examples:
    """The first questions as examples: two rows each, or one where they are packed."""
    speller = Speller(tokenizer)
    made = [
        make_example(text, [label.best(1)[0][0]], trie_targets(label, speller), speller)
        for text, label in list(zip(TEXTS, _labels()[1], strict=True))[:count]
    ]
    return Examples([example for example in made if example is not None], 0)


def relations() -> list[str]:
    """Names of the relations that the labels are made of."""
    return _labels()[0]


def packed(data: Examples) -> Examples:
    """The same, packed."""
    made = Examples(data.examples, 0)
    made.packed = True
    return made


def ways_to_train(tokenizer: Any, batch: int, count: int = QUESTIONS) -> dict[str, Way]:
    """All ways to train a student with a tokenizer, by their names above."""
    data, pad = examples(tokenizer, count), int(tokenizer.pad_token_id)
    fixed = [
        [(row.prompt, row.path) for row in rows] for rows in data.__getitems__(range(len(data)))
    ]
    single = _Single(data.examples, 0)
    every = [[(row.prompt, row.path) for row in rows] for rows in map(single_rows, data.examples)]

    def plain(rows: Any) -> Way:
        def take(model: PreTrainedModel, steps: int, warm: int = 0) -> float:
            trainer = Trainer(model, _arguments(batch, warm + steps), _Plain(pad), rows)
            return _time(trainer, warm)

        return take

    def ours(objective: Objective, kind: Any = DistillationTrainer, data: Examples = data) -> Way:
        def take(model: PreTrainedModel, steps: int, warm: int = 0) -> float:
            teacher = copy.deepcopy(model).eval() if kind is _ModelTaught else None
            trainer = kind(
                schedule=Schedule(steps, HYPERPARAMETERS, {}),
                signals=(Gold(), Labels(objective)),
                model=model,
                args=_arguments(batch, warm + steps),
                train_dataset=data,
                data_collator=Collator(pad),
            )
            trainer.teacher = teacher
            return _time(trainer, warm)

        return take

    ways: dict[str, Way] = {
        "plain": plain(fixed),
        "ours": ours(Objective()),
        "packed": ours(Objective(), data=packed(data)),
        "rows": ours(Objective(), data=single),
        "plain-rows": plain(every),
        "token": ours(Objective("token")),
        "model": ours(Objective(), _ModelTaught),
    }
    if importlib.util.find_spec("trl") is not None:
        ways["gkd"] = _gkd(tokenizer, fixed, batch, lmbda=0.0)
        ways["gkd-own"] = _gkd(tokenizer, fixed, batch)
        ways["trl"] = _trl(tokenizer, fixed, batch)
    return ways


def single_rows(example: Example) -> list[PackedRow]:
    """What `packed_rows` says of an example, with a row for each path of its label.

    A gold path that the label does not have is left out.
    """
    made = []
    for end in example.soft.ends.tolist() if example.soft is not None else []:
        tokens, nodes = example.soft.row(end)
        weight = float(example.soft.masses[end])
        steps = enumerate(example.soft.choices(nodes))
        soft = [(place, choice, weight) for place, choice in steps]
        hard = [(place, token, 1.0) for place, token in enumerate(tokens)]
        hard = hard if tokens == example.gold[0] else []
        made.append(PackedRow(example.prompt, tokens, None, hard, soft, [], []))
    return made


class _Single(Examples):
    """All rows of a question, none packed."""

    def __getitems__(self, indices: Any) -> Any:
        return [single_rows(self.examples[index]) for index in indices]


class _Plain:
    """Pads rows and makes path tokens labels, for the Trainer's own loss."""

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, questions: list[list[tuple[list[int], list[int]]]]) -> dict[str, Any]:
        rows = [row for question in questions for row in question]
        longest = max(len(prompt) + len(path) for prompt, path in rows)
        filled = {
            "input_ids": [p + t + [self.pad] * (longest - len(p) - len(t)) for p, t in rows],
            "attention_mask": [
                [1] * (len(p) + len(t)) + [0] * (longest - len(p) - len(t)) for p, t in rows
            ],
            "labels": [[-100] * len(p) + t + [-100] * (longest - len(p) - len(t)) for p, t in rows],
        }
        return {name: torch.tensor(values) for name, values in filled.items()}


class _ModelTaught(DistillationTrainer):
    """CE on every path token and T^2 KL to a language model's distribution at each of them."""

    teacher: PreTrainedModel

    def compute_loss(self, model: Any, inputs: dict[str, Any], *rest: Any, **more: Any) -> Any:
        taken = {name: inputs[name] for name in ("input_ids", "attention_mask")}
        logits = model(**taken).logits.flatten(0, 1)
        with torch.no_grad():
            taught = self.teacher(**taken).logits.flatten(0, 1)
        at, t = inputs["soft_at"], self.hyperparameters.temperature
        mine, theirs = (torch.log_softmax(x[at] / t, -1) for x in (logits, taught))
        soft = t**2 * torch.nn.functional.kl_div(mine, theirs, log_target=True, reduction="sum")
        at = inputs["hard_at"]
        hard = torch.nn.functional.cross_entropy(logits[at], inputs["hard_tokens"], reduction="sum")
        return (
            self.hyperparameters.alpha * hard + (1 - self.hyperparameters.alpha) * soft
        ) / inputs["questions"]


def _gkd(tokenizer: Any, fixed: list[Any], batch: int, **own: float) -> Way:
    """TRL's GKD with a teacher of the student's size."""
    from datasets import Dataset
    from trl.experimental.gkd import GKDConfig, GKDTrainer

    rows = [{"input_ids": p + t, "prompt": p} for question in fixed for p, t in question]
    pad = int(tokenizer.pad_token_id)

    def collate(chosen: list[dict[str, list[int]]]) -> dict[str, Any]:
        prompts = [row["prompt"] for row in chosen]
        paths = [row["input_ids"][len(row["prompt"]) :] for row in chosen]
        widest = max(map(len, prompts))
        asked = {
            "prompts": [[pad] * (widest - len(p)) + p for p in prompts],
            "prompt_attention_mask": [[0] * (widest - len(p)) + [1] * len(p) for p in prompts],
        }
        shown = _Plain(pad)([list(zip(prompts, paths, strict=True))])
        return {**shown, **{name: torch.tensor(values) for name, values in asked.items()}}

    def take(model: PreTrainedModel, steps: int, warm: int = 0) -> float:
        settings = {**own, "dataset_kwargs": {"skip_prepare_dataset": True}}
        trainer = GKDTrainer(
            model=model,
            teacher_model=copy.deepcopy(model),
            args=_known(GKDConfig, batch, warm + steps, **settings),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            data_collator=collate,
        )
        return _time(trainer, warm)

    return take


def _trl(tokenizer: Any, fixed: list[Any], batch: int) -> Way:
    """TRL's DistillationTrainer with a teacher of the student's size."""
    import trl
    from datasets import Dataset

    rows = [row for question in fixed for row in question]
    longest = max(len(path) for _, path in rows)
    asked = Dataset.from_dict({"prompt": [tokenizer.decode(prompt) for prompt, _ in rows]})

    def take(model: PreTrainedModel, steps: int, warm: int = 0) -> float:
        trainer = trl.DistillationTrainer(
            model=model,
            teacher_model=copy.deepcopy(model),
            args=_known(trl.DistillationConfig, batch, warm + steps, max_completion_length=longest),
            train_dataset=asked,
            processing_class=tokenizer,
        )
        return _time(trainer, warm)

    return take


def _known(kind: Any, batch: int, steps: int, **own: Any) -> Any:
    """The same arguments in TRL's form, for batches of as many rows."""
    given = {**_arguments(batch, steps).to_dict(), "per_device_train_batch_size": 2 * batch}
    known = {name: value for name, value in given.items() if name in kind.__dataclass_fields__}
    return kind(**{**known, **own})


class _Clock(TrainerCallback):
    """When the steps behind a warm-up began; what was begun on a GPU is waited for."""

    def __init__(self, warm: int) -> None:
        self.warm = warm
        self.began = now()

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self.warm and state.global_step == self.warm:
            self.began = now()


def _time(trainer: Trainer, warm: int) -> float:
    """Seconds of a training behind its first steps; with its start, where there are none."""
    trainer.remove_callback(PrinterCallback)
    clock = _Clock(warm)
    trainer.add_callback(clock)
    trainer.train()
    return now() - clock.began


def now() -> float:
    """Seconds by the wall's clock, or the processor's where it alone computes.

    Other work on the machine lengthens the wall's time, hardly the processor's.
    """
    if not torch.cuda.is_available():
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def _arguments(batch: int, steps: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir="unused",
        max_steps=steps,
        per_device_train_batch_size=batch,
        learning_rate=HYPERPARAMETERS.learning_rate,
        lr_scheduler_type="constant",
        use_cpu=not torch.cuda.is_available(),
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


@functools.cache
def _labels() -> tuple[list[str], list[PathLabel]]:
    """Relation names, and a label for each question: 3 relations, then 3 of each, then 2."""
    draw = np.random.default_rng(0)
    relations = sorted({"_".join(draw.choice(SYLLABLES, 3)) for _ in range(60)})
    labels = []
    for number in range(QUESTIONS):
        parents, names, level = [-1], [""], [0]
        for width in (3, 3, 2):
            below = []
            for node in level:
                for name in draw.choice(relations, width, replace=False):
                    below.append(len(parents))
                    parents.append(node)
                    names.append(str(name))
            level = below
        stops = draw.exponential(size=len(parents)) ** 3
        stops[0] = 0.0
        shares = stops / stops.sum()
        labels.append(keep_best(f"q{number}", np.array(parents), tuple(names), shares, 32))
    return relations, labels


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
