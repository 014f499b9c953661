"""Distilling a student from beginning to end, or on from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    TrainingArguments,
)

from core.checkpoints import FOLDER, last_valid, step_of
from core.distill.examples import Collator, Examples, OtherWords
from core.distill.restoring import read_changes
from core.distill.schedules import Schedule, schedule_of
from core.distill.signals import signals_of
from core.distill.steering import Evaluate, Steering
from core.distill.trainer import DistillationTrainer
from core.errors import SettingsError
from core.report import Report
from core.settings import DistillSettings
from core.student.building import in_bfloat16
from core.student.packing import takes_tree_mask
from core.student.prompts import Speller

_KNOWN = {one.name for one in fields(TrainingArguments)}
CHECKPOINTING = next(
    name for name in ("activation_checkpointing", "gradient_checkpointing") if name in _KNOWN
)
"""What transformers calls it: the second before version 5.23."""


@dataclass(frozen=True)
class Distilled:
    """How a training ended.

    Attributes:
        steps: Optimizer steps behind the student, all attempts together.
        schedule: The course that the hyperparameters took, changes by hand included.
        kept_early: Whether a person stopped it and kept the student as it was.
    """

    steps: int
    schedule: Schedule
    kept_early: bool


def train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Examples,
    settings: DistillSettings,
    report: Report,
    evaluate: Evaluate,
    scratch: Path,
    *,
    branch: Path | None = None,
    recorded: Schedule | None = None,
    watch: Callable[[int], None] | None = None,
) -> Distilled:
    """Distil examples into a model, in place.

    Where the run's folder holds a valid checkpoint the training goes on from the last one, and ends
    with the very weights that it would have had without the interruption.

    Args:
        model: The student as it was before its first step.
        tokenizer: Its tokenizer.
        examples: What it learns from.
        settings: See `DistillSettings`.
        report: Gets the curves, and is asked for changes before every step.
        evaluate: Called without arguments ten times a run; returns metrics of the student.
        scratch: A folder that the Trainer may make; nothing is left in it.
        branch: Checkpoint of another run to begin from: weights, optimizer and position are its,
            hyperparameters and everything else are as the settings say.
        recorded: A recorded schedule to take instead of the settings' own.
        watch: Called before the first step and as often as `evaluate`, with the step.

    Raises:
        RunStopped: If a person asked it to stop; a checkpoint is written first.
        RunFailed: If the loss is no number any more.
        FormatError: If a checkpoint is another student's.
        SettingsError: If there is nothing left to do after the checkpoint to branch from.
    """
    signals = signals_of(settings)
    trainer = DistillationTrainer(
        schedule=schedule_of(settings, 1),
        signals=signals,
        model=model,
        args=_arguments(settings, scratch),
        train_dataset=examples,
        data_collator=Collator(int(tokenizer.pad_token_id), model.dtype, signals),
    )
    if settings.paths == "all" and not takes_tree_mask(model):
        raise SettingsError(
            "A {kind} takes no tree mask, so its paths cannot be packed into one "
            "row: take paths=drawn.",
            kind=type(model).__name__,
        )
    examples.packed = settings.paths == "all"
    examples.other_words = OtherWords(Speller(tokenizer), settings.rewording)
    examples.student, examples.on_policy = model, settings.on_policy
    steps = settings.epochs * _steps_per_epoch(trainer)
    trainer.schedule = (
        recorded.over(steps) if recorded is not None else schedule_of(settings, steps)
    )
    folder = report.folder / FOLDER if report.folder is not None else None
    checkpoint = last_valid(folder) if folder is not None else None
    if checkpoint is not None:
        trainer.schedule = replace(trainer.schedule, changes=read_changes(checkpoint))
        report.event("resumed", step=step_of(checkpoint))
    elif branch is not None:
        checkpoint = branch
        if step_of(branch) >= steps:
            raise SettingsError(
                "The checkpoint {name} has {step} steps behind it and this run "
                "would end at {steps}: ask for more epochs.",
                name=branch.name,
                step=step_of(branch),
                steps=steps,
            )
        report.event("branched", step=step_of(branch))
    seconds = settings.checkpoint_seconds
    steering = Steering(trainer, examples, report, evaluate, folder, seconds, watch)
    trainer.add_callback(steering)
    trainer.remove_callback(PrinterCallback)  # the report says what there is to say
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    return Distilled(int(trainer.state.global_step), trainer.schedule, steering.kept)


def _arguments(settings: DistillSettings, scratch: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size // settings.processes,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="constant",  # the schedule sets the rate of every step
        weight_decay=0.01,
        max_grad_norm=1.0,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=settings.device == "cpu",
        bf16=in_bfloat16(settings),
        **{  # type: ignore[arg-type]
            CHECKPOINTING: settings.gradient_checkpointing,
            f"{CHECKPOINTING}_kwargs": {"use_reentrant": False},
        },
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )


def _steps_per_epoch(trainer: DistillationTrainer) -> int:
    micro = len(trainer.get_train_dataloader())
    return -(-micro // trainer.args.gradient_accumulation_steps)
