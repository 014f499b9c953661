"""Between two optimizer steps: what a person asks for is done, the curves and checkpoints go on.

The main process alone listens to the person and tells the others, so a change takes effect at the
same step everywhere. Every change is acknowledged by an event with its old and new value and the
step from which it holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from core.distill.examples import Examples
from core.distill.schedules import SCHEDULE
from core.distill.trainer import DistillationTrainer, weighted
from core.errors import RunStopped
from core.report import Report, Silent
from core.roots import make_folder
from core.settings import CONTROLLABLE, VERBS
from core.workspace import write_json

NO_SOFT_TARGETS = (
    "This run began with alpha = 1 and holds no soft labels: a lower alpha only weakens its hard "
    "ones. Start a new run to learn from the teacher."
)

NO_PAYING_PATHS = (
    "This run began with reward 0 and holds no paths that pay: the new weight does nothing. Start "
    "a new run to learn from the answers."
)

LOG_EVERY = 0.5
"""Seconds between two points of a curve: a person cannot read faster, and a disk should not."""

LOOK_EVERY = 0.2
"""Seconds between two looks for a person's wish while a run pauses."""

WRITING_SHARE = 0.1
"""Checkpoints take at most this share of the time, however large they are."""

EVALUATIONS = 10
"""How often a run scores its student by itself."""

_ASKED = (*CONTROLLABLE, *VERBS, "stop")

Evaluate = Callable[[], Mapping[str, float]]


class Steering(TrainerCallback):
    """Applies controls, logs, checkpoints, evaluates, pauses and stops."""

    def __init__(
        self,
        trainer: DistillationTrainer,
        examples: Examples,
        report: Report,
        evaluate: Evaluate,
        checkpoints: Path | None,
        checkpoint_seconds: float,
        watch: Callable[[int], None] | None = None,
    ) -> None:
        """Set up the steering of one run.

        Args:
            trainer: What is steered.
            examples: Its data, which draw anew each epoch.
            report: Whom to listen to and to tell.
            evaluate: Scores the student as it is.
            checkpoints: Where checkpoints go; None: there are none.
            checkpoint_seconds: Least time between two of them.
            watch: Looks at the student as it is at a step, where nothing is measured.
        """
        self.trainer = trainer
        self.main = trainer.accelerator.is_main_process
        self.examples = examples
        self.report: Report = report if self.main else Silent()
        self.evaluate = evaluate
        self.watch = watch
        self.checkpoints = checkpoints
        self.checkpoint_seconds = checkpoint_seconds
        self.logged = 0.0
        self.kept = False
        self._saved_at = time.monotonic()
        self._saved_step = 0
        self._saving_took = 0.0

    # --- what the Trainer calls -------------------------------------------------------------

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Note where the run stands."""
        self._saved_step = state.global_step
        self._look(state.global_step)
        self._record_schedule()

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Draw new rows."""
        self.examples.epoch = state.global_step // (state.max_steps // int(args.num_train_epochs))

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Do what a person asks, before the step is taken."""
        asked = self._asked()
        self._obey(asked, state, control)
        paused = asked.get("pause") == 1
        if paused:
            self.report.event("paused", step=state.global_step)
        while paused and not control.should_training_stop:
            time.sleep(LOOK_EVERY)
            asked = self._asked()
            self._obey(asked, state, control)
            if asked.get("pause") == 0:
                paused = False
                self.report.event("continued", step=state.global_step)
        if self._checkpoint_is_due(state.global_step):
            self._save()
        self.trainer.hyperparameters = self.trainer.schedule.at(state.global_step + 1)
        for group in self.trainer.optimizer.param_groups:
            group["lr"] = self.trainer.hyperparameters.learning_rate

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Log the parts of the loss and the progress."""
        now, last = time.monotonic(), self.kept or state.global_step == state.max_steps
        if now - self.logged < LOG_EVERY and not last:
            return
        self.logged = now
        parts = self.trainer.parts
        mean = {name: sum(part[name] for part in parts) / len(parts) for name in parts[0]}
        parts.clear()
        hyperparameters = self.trainer.hyperparameters
        loss, terms = weighted(self.trainer.signals, mean, hyperparameters)
        # A weight that bears the name of its term, as validity does, leaves the curve to the term.
        values = {**hyperparameters, **mean, **terms, "loss": loss}
        self.report.metrics(state.global_step, {f"distil/{k}": v for k, v in values.items()})
        self.report.progress(state.global_step, state.max_steps, f"loss {values['loss']:.3f}")

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Score the student on held-out questions, ten times a run."""
        epochs = int(args.num_train_epochs)
        done, every = self.examples.epoch + 1, max(epochs // EVALUATIONS, 1)
        if done % every == 0 or self.kept:
            self._evaluate(state.global_step)

    # --- what a person asks -----------------------------------------------------------------

    def _asked(self) -> dict[str, float]:
        """What is asked for at this step, the same in every process."""
        asked: dict[str, float] = {}
        if self.main:
            asked = dict(self.report.controls())
            try:
                self.report.check_stop()
            except RunStopped:
                asked["stop"] = 1.0
        if self.trainer.accelerator.num_processes == 1:
            return asked
        row = torch.tensor([asked.get(key, torch.nan) for key in _ASKED], dtype=torch.float64)
        row = row.to(self.trainer.accelerator.device)
        torch.distributed.broadcast(row, 0)
        values = zip(_ASKED, row.tolist(), strict=True)
        return {key: value for key, value in values if value == value}

    def _obey(
        self, asked: Mapping[str, float], state: TrainerState, control: TrainerControl
    ) -> None:
        step = state.global_step + 1
        for key in CONTROLLABLE:
            if key in asked:
                self._change(step, key, asked[key])
        if "stop" in asked:
            if self.checkpoints is not None:
                self._save()
            self.report.check_stop()
            raise RunStopped("The run was stopped.")
        if "checkpoint" in asked:
            self._save(keep_for_good=True)
        if "evaluate" in asked:
            self._evaluate(state.global_step)
        if "keep" in asked:
            # The step that has begun is taken; the Trainer knows no end before it.
            self.kept = True
            control.should_training_stop = True
            self.report.event("kept", step=step)

    def _change(self, step: int, key: str, new: float) -> None:
        old = self.trainer.schedule.value(key, step)
        self.trainer.schedule = self.trainer.schedule.change(step, key, new)
        self.report.event("control", key=key, old=old, new=new, step=step)
        self._record_schedule()
        if key == "alpha" and new < 1 and not self.examples.have_soft_targets:
            self.report.event("warning", message=NO_SOFT_TARGETS)
        if key == "reward" and new > 0 and not self.examples.have_paying_paths:
            self.report.event("warning", message=NO_PAYING_PATHS)

    def _record_schedule(self) -> None:
        if self.report.folder is not None:
            make_folder(self.report.folder)
            write_json(self.report.folder / SCHEDULE, self.trainer.schedule.as_record())

    # --- checkpoints and scores -------------------------------------------------------------

    def _checkpoint_is_due(self, step: int) -> bool:
        """Whether the main process finds that it is time; the others follow it."""
        if self.checkpoints is None or step == self._saved_step:
            return False
        waited = time.monotonic() - self._saved_at
        least = max(self.checkpoint_seconds, self._saving_took / WRITING_SHARE)
        due = torch.tensor(waited >= least, device=self.trainer.accelerator.device)
        if self.trainer.accelerator.num_processes > 1:
            torch.distributed.broadcast(due, 0)
        return bool(due)

    def _save(self, *, keep_for_good: bool = False) -> None:
        if self.checkpoints is None:
            self.report.event("warning", message="Nothing is kept of this run: it has no folder.")
            return
        began = time.monotonic()
        self.trainer.save_checkpoint(self.checkpoints, keep_for_good=keep_for_good)
        self._saved_at = time.monotonic()
        self._saving_took = self._saved_at - began
        self._saved_step = self.trainer.state.global_step
        self.report.event("checkpoint", step=self._saved_step, kept=keep_for_good)

    def _evaluate(self, step: int) -> None:
        if self.main:
            self.report.metrics(step, self.evaluate())
            self._look(step)
        self.trainer.accelerator.wait_for_everyone()

    def _look(self, step: int) -> None:
        if self.main and self.watch:
            self.watch(step)
