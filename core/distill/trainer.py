"""The objective inside a `transformers.Trainer`.

The loss of an optimizer step is the sum over its questions divided by their number, over all
micro-batches and processes: each process takes every n-th question of the step, so the gradient is
the same however many processes share it. Checkpoints hold safetensors and JSON, nothing pickled.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.optimizer import AcceleratedOptimizer
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from transformers import Trainer

from core.checkpoints import new_checkpoint
from core.distill.examples import INPUTS, Examples, only_read
from core.distill.losses import student_log_probs
from core.distill.restoring import (
    read_model,
    read_optimizer,
    read_random,
    write_model,
    write_optimizer,
    write_position,
    write_random,
)
from core.distill.schedules import Hyperparameters, Schedule
from core.distill.signals import Outputs, Signal
from core.distill.signals.signal import Number
from core.errors import RunFailed
from core.messages import Message
from core.student.output_layer import logits_only_at


def weighted(
    signals: Sequence[Signal], parts: Mapping[str, Number], hyperparameters: Hyperparameters
) -> tuple[Number, dict[str, Number]]:
    """L, and each signal's own term by name, from sums or means of the signals' parts."""
    terms = {signal.name: signal.value(parts, hyperparameters) for signal in signals}
    first, *others = (signal.weight(hyperparameters) * terms[signal.name] for signal in signals)
    for other in others:
        first = first + other
    return first, terms


class QuestionBatches(Sampler[list[int]]):
    """The questions of each micro-batch, for one of several processes.

    The order depends on seed and epoch alone. Of `size * processes` questions in a row, a process
    takes every n-th; it may get none of the last few, and then computes a loss of zero.
    """

    def __init__(self, examples: Examples, size: int, process: int, processes: int) -> None:
        self.examples = examples
        self.size = size
        self.process = process
        self.processes = processes

    def __len__(self) -> int:
        return -(-len(self.examples) // (self.size * self.processes))

    def __iter__(self) -> Iterator[list[int]]:
        draw = np.random.default_rng((self.examples.seed, self.examples.epoch))
        order = draw.permutation(len(self.examples)).tolist()
        shared = self.size * self.processes
        for begin in range(0, len(order), shared):
            yield order[begin + self.process : begin + shared : self.processes]


class DistillationTrainer(Trainer):
    """A Trainer whose loss is the weighted sum of some signals, steered by a schedule.

    Attributes:
        schedule: The course of the run.
        hyperparameters: As they stand at the present step.
        signals: What the student is held to; the collator lays out their columns.
        parts: Means of the signals' parts at the latest steps, for the curves.
    """

    train_dataset: Examples
    model: torch.nn.Module
    optimizer: AcceleratedOptimizer  # once training has begun

    def __init__(self, schedule: Schedule, signals: Sequence[Signal], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.schedule = schedule
        self.hyperparameters = schedule.at(1)
        self.signals = signals
        self.parts: deque[dict[str, float]] = deque(maxlen=50)
        # The loss below is already divided by the number of questions of the whole step.
        self.model_accepts_loss_kwargs = True
        self.loss_is_scaled_for_ga = True

    # --- the loss ---------------------------------------------------------------------------

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The batch's share of the loss; `num_items_in_batch` counts the step's questions.

        Raises:
            RunFailed: If the loss is no finite number; the weights are then as they were.
        """
        at, read = only_read(inputs, self.signals)
        with logits_only_at(self.model, at) as picked:
            output = model(**{name: inputs[name] for name in INPUTS if name in inputs})
        assert picked.states is not None  # the model has just read its inputs
        student = Outputs(student_log_probs(output.logits.flatten(0, 1)), picked.states)
        sums: dict[str, Tensor] = {}
        for signal in self.signals:
            sums |= signal.sums(student, read, self.hyperparameters)
        mine = inputs["questions"]
        step = mine if num_items_in_batch is None else num_items_in_batch
        # Gradients are averaged over processes, questions are summed over them.
        loss = (
            weighted(self.signals, sums, self.hyperparameters)[0]
            / step
            * self.accelerator.num_processes
        )
        self._note(sums, mine)
        return (loss, output) if return_outputs else loss

    def _note(self, sums: Mapping[str, Tensor], questions: Tensor) -> None:
        means = (torch.stack(list(sums.values())).detach() / questions.clamp(min=1)).tolist()
        parts = dict(zip(sums, means, strict=True))
        if not np.isfinite(sum(means)):
            told = ", ".join(f"{name} {value:g}" for name, value in parts.items())
            raise self._diverged(Message("loss is no number any more ({parts})", parts=told))
        self.parts.append(parts)

    def _get_grad_norm(self, model: torch.nn.Module, grad_norm: Any = None) -> float:
        """The gradient's norm, before the weights follow it.

        Raises:
            RunFailed: If it is no finite number, though the loss was; the weights are as they were.
        """
        # Through `super`, a call is not seen to be one of transformers.
        found = super()._get_grad_norm(model, grad_norm=grad_norm)  # type: ignore[no-untyped-call]
        norm = float(found)
        if not np.isfinite(norm):
            raise self._diverged(Message("gradient is no number any more"))
        return norm

    def _diverged(self, finding: Message) -> RunFailed:
        return RunFailed(
            "The {finding} at step {step}: go on from the last checkpoint with "
            "a lower learning rate.",
            finding=finding,
            step=self.state.global_step + 1,
        )

    # --- the data ---------------------------------------------------------------------------

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Every question once an epoch, shared out evenly between the processes."""
        batches = QuestionBatches(
            self.train_dataset,
            self._train_batch_size,
            self.accelerator.process_index,
            self.accelerator.num_processes,
        )
        # With a generator of its own it draws nothing from the one that dropout uses.
        return DataLoader(
            self.train_dataset,
            batch_sampler=batches,
            collate_fn=self.data_collator,
            generator=torch.Generator(),
        )

    def _get_num_items_in_batch(
        self, batch_samples: list[dict[str, Tensor]], device: torch.device
    ) -> Tensor | None:
        if not batch_samples:
            return None
        count = torch.stack([batch["questions"] for batch in batch_samples]).sum().to(device)
        return self.accelerator.gather(count).sum() if self.args.world_size > 1 else count

    # --- going on after an interruption -----------------------------------------------------

    def save_checkpoint(self, folder: Path, *, keep_for_good: bool = False) -> None:
        """Write all that the run needs to go on from here; every process must call it."""
        step, main = self.state.global_step, self.accelerator.is_main_process
        place = (
            new_checkpoint(folder, step, keep_for_good=keep_for_good)
            if main
            else contextlib.nullcontext(folder)
        )
        with place as draft:
            write_random(draft, self.accelerator)
            if main:
                write_model(draft, self.model)
                write_optimizer(draft, self.model, self.optimizer.optimizer)
                write_position(draft, step, self.schedule.changes)
                self.state.save_to_json(str(draft / "trainer_state.json"))
        self.accelerator.wait_for_everyone()

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: torch.nn.Module | None = None
    ) -> None:
        read_model(Path(resume_from_checkpoint), model or self.model)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            read_optimizer(Path(checkpoint), self.model, self.optimizer.optimizer)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            read_random(Path(checkpoint), self.accelerator)
