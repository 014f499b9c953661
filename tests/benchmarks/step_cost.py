"""What a step of distillation costs beside plain fine-tuning of the same student on the same rows.

    python -m tests.benchmarks.step_cost [--steps 60] [--rounds 5] [--student tiny] [--batch 32]

Four ways to train, in turn, on the same rows (a gold path and a drawn path for each question):

    plain fine-tuning       cross-entropy of every path token, by the Trainer's own loss
    ours                    the split objective from cached labels, drawing and laying out included
    ours, token objective   the textbook's, over the whole vocabulary
    a model as teacher      the textbook's too, its teacher a language model of the student's size
                            that reads every row beside it
    TRL's GKD trainer       likewise, by TRL; only where `trl` is installed (requirements.txt here)

Labels have the shape of PathQuestion's: about 28 paths of up to three relations a question. The
rounds take turns, so that a machine that slows down slows all of them; the table gives medians.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel, PrinterCallback, Trainer, TrainingArguments

from core.distill.examples import Collator, Examples, make_example
from core.distill.losses import Objective
from core.distill.schedules import Knobs, Plan
from core.distill.soft_targets import trie_targets
from core.distill.trainer import DistillationTrainer
from core.labels.path_labels import PathLabel, keep_best
from core.student.language_model import build_tiny
from core.student.prompts import Speller

KNOBS = Knobs(alpha=0.5, temperature=2.0, validity=1.0, beta=0.5, learning_rate=1e-3)
SYLLABLES = ("place", "birth", "parent", "spouse", "city", "country", "film", "by", "of", "in")
QUESTIONS = 512


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    ways = _ways(given.batch)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(given.rounds + 1):
        for name, take_steps in ways.items():
            spent = take_steps(given.steps)
            if round_:  # the first round warms up
                seconds[name].append(spent / given.steps)
    plain = seconds["plain fine-tuning"]
    table = {
        name: {
            "steps_per_second": 1 / statistics.median(spent),
            "cost": statistics.median(a / b for a, b in zip(spent, plain, strict=True)),
        }
        for name, spent in seconds.items()
    }
    if given.json:
        _say(json.dumps(table, indent=1))
        return
    _say("| way | steps a second | cost beside plain fine-tuning |\n|---|---|---|")
    for name, row in table.items():
        _say(f"| {name} | {row['steps_per_second']:.1f} | {row['cost']:.2f} |")


def _ways(batch: int) -> dict[str, Callable[[int], float]]:
    """Ways to train fresh copies of one student: each takes so many steps and gives the seconds."""
    relations, labels = _labels()
    torch.manual_seed(0)
    questions = [f"what is number {n} of <topic>" for n in range(QUESTIONS)]
    model, tokenizer = build_tiny(questions, relations)
    speller, pad = Speller(tokenizer), int(tokenizer.pad_token_id)
    examples = [
        make_example(text, [label.best(1)[0][0]], trie_targets(label, speller), speller)
        for text, label in zip(questions, labels, strict=True)
    ]
    data = Examples([example for example in examples if example is not None], 0)
    fixed = [
        [(row.prompt, row.path) for row in rows] for rows in data.__getitems__(range(QUESTIONS))
    ]

    def plain(steps: int) -> float:
        return _time(Trainer(copy.deepcopy(model), _arguments(batch, steps), _Plain(pad), fixed))

    def ours(objective: Objective, teacher: PreTrainedModel | None = None) -> Any:
        def take(steps: int) -> float:
            kind: Any = DistillationTrainer if teacher is None else _ModelTaught
            trainer = kind(
                plan=Plan(steps, KNOBS, {}),
                objective=objective,
                model=copy.deepcopy(model),
                args=_arguments(batch, steps),
                train_dataset=data,
                data_collator=Collator(pad),
            )
            trainer.teacher = teacher
            return _time(trainer)

        return take

    ways = {
        "plain fine-tuning": plain,
        "ours": ours(Objective()),
        "ours, token objective": ours(Objective("token")),
        "a model as teacher": ours(Objective(), copy.deepcopy(model).eval()),
    }
    if importlib.util.find_spec("trl") is not None:
        ways["TRL's GKD trainer"] = _trl(model, tokenizer, fixed, batch)
    return ways


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
        at, t = inputs["soft_at"], self.knobs.temperature
        mine, theirs = (torch.log_softmax(x[at] / t, -1) for x in (logits, taught))
        soft = t**2 * torch.nn.functional.kl_div(mine, theirs, log_target=True, reduction="sum")
        at = inputs["hard_at"]
        hard = torch.nn.functional.cross_entropy(logits[at], inputs["hard_tokens"], reduction="sum")
        return (self.knobs.alpha * hard + (1 - self.knobs.alpha) * soft) / inputs["questions"]


def _trl(
    model: PreTrainedModel, tokenizer: Any, fixed: list[Any], batch: int
) -> Callable[[int], float]:
    """TRL's offline GKD: no sampling, a teacher of the student's size."""
    from datasets import Dataset
    from trl.experimental.gkd import GKDConfig, GKDTrainer

    rows = [{"input_ids": p + t, "prompt": p} for question in fixed for p, t in question]
    pad = _Plain(int(tokenizer.pad_token_id))

    def collate(chosen: list[dict[str, list[int]]]) -> dict[str, Any]:
        return pad([[(r["prompt"], r["input_ids"][len(r["prompt"]) :])] for r in chosen])

    def take(steps: int) -> float:
        settings = {**_arguments(batch, steps).to_dict(), "per_device_train_batch_size": 2 * batch}
        known = {
            name: settings[name] for name in settings if name in GKDConfig.__dataclass_fields__
        }
        arguments = GKDConfig(**known, lmbda=0.0, dataset_kwargs={"skip_prepare_dataset": True})
        trainer = GKDTrainer(
            model=copy.deepcopy(model),
            teacher_model=copy.deepcopy(model),
            args=arguments,
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            data_collator=collate,
        )
        return _time(trainer)

    return take


def _time(trainer: Trainer) -> float:
    """Seconds that a training takes: of the processor, where it alone computes."""
    trainer.remove_callback(PrinterCallback)
    # Other work on the machine lengthens the wall's time, hardly the processor's.
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    began = clock()
    trainer.train()
    return clock() - began


def _arguments(batch: int, steps: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir="unused",
        max_steps=steps,
        per_device_train_batch_size=batch,
        learning_rate=KNOBS.learning_rate,
        lr_scheduler_type="constant",
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


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
