"""Distilling: the objective inside a `transformers.Trainer`, steerable while it runs.

The loss of an optimizer step is the sum over its questions divided by their number, over all
micro-batches and processes. Alpha, T, lambda and the learning rate are read anew at every step, so
a change takes effect with the next one; because a loss whose weights moved cannot be compared with
itself, its parts are logged beside it.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from core.distill.divergences import Divergence
from core.distill.examples import Collator, Examples, targets_of
from core.distill.losses import Objective, hard_loss, soft_loss
from core.report import Report
from core.settings import Distillation
from core.student.building import in_bfloat16

NO_SOFT_TARGETS = (
    "This run began with alpha = 1 and holds no soft labels: a lower alpha only weakens its hard "
    "ones. Start a new run to learn from the teacher."
)

LOG_EVERY = 0.5
"""Seconds between two points of a curve: a person cannot read faster, and a disk should not."""


@dataclass(frozen=True)
class Weights:
    """The knobs of the objective as they stand at a step."""

    alpha: float
    temperature: float
    validity: float
    beta: float
    learning_rate: float


@dataclass(frozen=True, eq=False)
class Parts:
    """The terms of a batch's loss, each a sum over its questions."""

    hard: Tensor
    choice: Tensor
    validity: Tensor

    def total(self, weights: Weights) -> Tensor:
        """Alpha * L_hard + (1 - alpha) * L_soft, summed over questions."""
        soft = self.choice + weights.validity * self.validity
        return weights.alpha * self.hard + (1 - weights.alpha) * soft


def batch_parts(
    logits: Tensor,
    batch: dict[str, Tensor],
    temperature: float,
    objective: Objective | None = None,
) -> Parts:
    """The terms of the loss on a collated batch.

    Args:
        logits: `(rows, length, vocabulary)` the student's, for the padded rows.
        batch: What `Collator` made.
        temperature: T.
        objective: See `soft_loss`.
    """
    flat = logits.flatten(0, 1)
    at = batch["hard_at"]
    hard = hard_loss(
        flat.index_select(0, at), batch["hard_tokens"], torch.ones_like(at, dtype=logits.dtype)
    )
    at_nodes = flat.index_select(0, batch["soft_at"])
    soft = soft_loss(at_nodes, targets_of(batch), temperature, objective)
    return Parts(hard, soft.choice, soft.validity)


class DistillationTrainer(Trainer):
    """A Trainer whose loss is the objective of `core.distill.losses`."""

    def __init__(self, weights: Weights, objective: Objective, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.weights = weights
        self.objective = objective
        self.parts: deque[dict[str, float]] = deque(maxlen=50)
        # The loss below is already divided by the number of questions of the whole step.
        self.model_accepts_loss_kwargs = True
        self.loss_is_scaled_for_ga = True

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The batch's share of the loss; `num_items_in_batch` counts the step's questions."""
        output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        divergence = replace(self.objective.divergence, beta=self.weights.beta)
        objective = replace(self.objective, divergence=divergence)
        parts = batch_parts(output.logits, inputs, self.weights.temperature, objective)
        mine = inputs["questions"]
        step = mine if num_items_in_batch is None else num_items_in_batch
        # Gradients are averaged over processes, questions are summed over them.
        loss = parts.total(self.weights) / step * self.accelerator.num_processes
        named = {"hard": parts.hard, "choice": parts.choice, "validity": parts.validity}
        self.parts.append({name: float(value.detach() / mine) for name, value in named.items()})
        return (loss, output) if return_outputs else loss

    def _get_num_items_in_batch(
        self, batch_samples: list[dict[str, Tensor]], device: torch.device
    ) -> Tensor | None:
        if not batch_samples:
            return None
        count = torch.stack([batch["questions"] for batch in batch_samples]).sum().to(device)
        return self.accelerator.gather(count).sum() if self.args.world_size > 1 else count


class _Conductor(TrainerCallback):
    """Between steps: apply control changes, log, stop when asked, and draw new rows each epoch."""

    def __init__(
        self, trainer: DistillationTrainer, examples: Examples, report: Report, judge: Any
    ) -> None:
        self.trainer = trainer
        self.examples = examples
        self.report = report
        self.judge = judge
        self.logged = 0.0

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Draw new rows."""
        self.examples.epoch = round(state.epoch or 0)

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Apply what a person changed."""
        self.report.check_stop()
        for key, new in self.report.controls().items():
            old = getattr(self.trainer.weights, key)
            self.trainer.weights = replace(self.trainer.weights, **{key: new})
            if key == "learning_rate":
                _rescale(self.trainer, new / old)
            self.report.event("control", key=key, old=old, new=new, step=state.global_step + 1)
            if key == "alpha" and new < 1 and not self.examples.have_soft_targets:
                self.report.event("warning", message=NO_SOFT_TARGETS)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Log the parts of the loss and the progress."""
        now, last = time.monotonic(), state.global_step == state.max_steps
        if now - self.logged < LOG_EVERY and not last:
            return
        self.logged = now
        parts = self.trainer.parts
        mean = {name: sum(part[name] for part in parts) / len(parts) for name in parts[0]}
        weights = self.trainer.weights
        soft = mean["choice"] + weights.validity * mean["validity"]
        values = {
            **mean,
            "soft": soft,
            "loss": weights.alpha * mean["hard"] + (1 - weights.alpha) * soft,
            "alpha": weights.alpha,
            "temperature": weights.temperature,
            "learning_rate": _learning_rate(self.trainer),
        }
        parts.clear()
        self.report.metrics(state.global_step, {f"distil/{k}": v for k, v in values.items()})
        self.report.progress(state.global_step, state.max_steps, f"loss {values['loss']:.3f}")

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Score the student on held-out questions, ten times a run."""
        epoch, every = round(state.epoch or 0), max(int(args.num_train_epochs) // 10, 1)
        if epoch % every == 0:
            self.report.metrics(state.global_step, self.judge())


def train(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Examples,
    settings: Distillation,
    report: Report,
    judge: Any,
    folder: Path,
) -> int:
    """Distil examples into a model, in place.

    Args:
        model: The student.
        tokenizer: Its tokenizer.
        examples: What it learns from.
        settings: See `Distillation`.
        report: Gets the curves, and is asked for changes before every step.
        judge: Called without arguments ten times a run; returns metrics of the student.
        folder: Where the Trainer may write.

    Returns:
        Number of optimizer steps taken.
    """
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, settings.epochs * len(examples) // settings.batch_size // 20),
        weight_decay=0.01,
        max_grad_norm=1.0,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=settings.device == "cpu",
        bf16=in_bfloat16(settings),
        activation_checkpointing=settings.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    trainer = DistillationTrainer(
        weights=Weights(
            settings.alpha,
            settings.temperature,
            settings.validity,
            settings.beta,
            settings.learning_rate,
        ),
        objective=Objective(
            settings.objective, Divergence(settings.divergence, settings.beta, settings.skew)
        ),
        model=model,
        args=arguments,
        train_dataset=examples,
        data_collator=Collator(int(tokenizer.pad_token_id)),
    )
    trainer.add_callback(_Conductor(trainer, examples, report, judge))
    trainer.train()
    return int(trainer.state.global_step)


def _rescale(trainer: DistillationTrainer, factor: float) -> None:
    """Scale the whole learning-rate schedule, so that its shape stays."""
    scheduler = trainer.lr_scheduler
    scheduler.base_lrs = [rate * factor for rate in scheduler.base_lrs]
    for group in trainer.optimizer.param_groups:
        group["lr"] *= factor


def _learning_rate(trainer: DistillationTrainer) -> float:
    return float(trainer.optimizer.param_groups[0]["lr"])
