"""One of several processes that distil together: python -m tests.distill.sharing_process FOLDER.

Takes an epoch under every objective, a step with the weights themselves shared out (FSDP2), then a
short run that is steered from the first process, and writes what it saw to
`<FOLDER>/<rank>.safetensors` and `<FOLDER>/<rank>.json`.
"""

import json
import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.distributed.fsdp import fully_shard
from transformers import TrainerCallback, TrainingArguments

from core.distill import steering
from core.distill.examples import Collator, Examples, only_read
from core.distill.schedules import Hyperparameters, Schedule
from core.distill.signals import Gold, Labels
from core.distill.trainer import DistillationTrainer, QuestionBatches
from core.student.output_layer import logits_only_at
from tests.objectives import OBJECTIVES
from tests.small_runs import Scripted, examples, run
from tests.terms import batch_terms
from tests.tiny_student import tiny_student

HYPERPARAMETERS = Hyperparameters(
    alpha=0.3, temperature=2.0, validity=0.5, beta=0.5, learning_rate=1e-2
)
SHARED = [name for name in OBJECTIVES if "jsd" not in name and not name.startswith("token skew")]
SHARED += ["split jsd 0.5"]
CHANGES = {2: {"alpha": 0.9}, 4: {"checkpoint": 1}, 5: {"temperature": 3.0}, 7: {"keep": 1}}


class Watching(TrainerCallback):
    """Keeps gradients and losses of every step."""

    def __init__(self):
        self.seen = []

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        self.seen.append(torch.cat([p.grad.flatten() for p in model.parameters()]))


def gradients(folder, objective, processes, accumulate):
    """Gradients of the two steps of an epoch: four questions, then the one that is left."""
    model, speller = tiny_student()
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        per_device_train_batch_size=4 // processes // accumulate,
        gradient_accumulation_steps=accumulate,
        max_grad_norm=0.0,
        learning_rate=1e-2,
        lr_scheduler_type="constant",
        optim="sgd",
        use_cpu=True,
        ddp_backend="gloo" if processes > 1 else None,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    trainer = DistillationTrainer(
        schedule=Schedule(1, HYPERPARAMETERS, {}),
        signals=(Gold(), Labels(objective)),
        model=model,
        args=arguments,
        train_dataset=Examples(examples(speller), 0),
        data_collator=Collator(0),
    )
    watching = Watching()
    trainer.add_callback(watching)
    loss = trainer.train().training_loss
    return torch.stack(watching.seen), loss


def every_gradient(folder, processes):
    """Gradients under each objective, and under one with accumulation; and the losses."""
    made, losses = {}, {}
    for name in SHARED:
        made[name], losses[name] = gradients(folder, OBJECTIVES[name], processes, 1)
    made["accumulated"], losses["accumulated"] = gradients(
        folder, OBJECTIVES["split forward-kl"], processes, 2
    )
    return made, losses


def sharded(rank, processes):
    """Gradient of the first step, each process holding a part of every weight."""
    model, speller = tiny_student()
    for layer in (*model.model.layers, model):
        fully_shard(layer)
    data = Examples(examples(speller), 0)
    mine = next(iter(QuestionBatches(data, 4 // processes, rank, processes)))
    batch = Collator(0)(data.__getitems__(mine))
    at, read = only_read(batch)
    with logits_only_at(model, at):
        output = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    parts = batch_terms(output.logits, read, HYPERPARAMETERS.temperature)
    (
        parts.total(HYPERPARAMETERS) / 4 * processes
    ).backward()  # gradients are averaged over processes
    held = sum(p.to_local().numel() for p in model.parameters())
    whole = torch.cat([p.grad.full_tensor().flatten() for p in model.parameters()])
    return whole, held / len(whole)


def steered(folder, changes):
    """What a steered run logs, and where its student ends."""
    report = Scripted(changes, folder=folder / "run")
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    shared = {"batch_size": 4, "processes": processes}
    model, done = run(report, folder, epochs=5, checkpoint_seconds=3600, **shared)
    weights = torch.cat([p.detach().flatten() for p in model.parameters()])
    told = {"events": report.events, "steps": done.steps, "plan": done.schedule.as_record()}
    return weights, json.loads(json.dumps(told))


def main():
    folder, rank = Path(sys.argv[1]), os.environ["RANK"]
    steering.LOG_EVERY = -1.0
    made, losses = every_gradient(folder, 2)
    made["sharded"], held = sharded(int(rank), 2)
    # Only the first process listens; what the second one is told must not count.
    made["weights"], told = steered(folder, CHANGES if rank == "0" else {1: {"alpha": 0.0}})
    save_file(made, folder / f"{rank}.safetensors")
    (folder / f"{rank}.json").write_text(json.dumps({**told, "losses": losses, "held": held}))
    torch.distributed.destroy_process_group()
    # A thread of torch that is still there when Python ends has torch end the process by abort.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
