"""The objective inside a Trainer: how gradients add up, however a step is shared out."""

import numpy as np
import pytest
import torch
from transformers import TrainerCallback, TrainingArguments

from core.distill.examples import Collator, Examples
from core.distill.schedules import Hyperparameters, Schedule
from core.distill.signals import Gold, Labels
from core.distill.trainer import DistillationTrainer, QuestionBatches
from core.errors import RunFailed
from tests.labels_at_random import rows_at_random
from tests.small_runs import examples
from tests.terms import Terms, batch_terms
from tests.tiny_student import tiny_student

HYPERPARAMETERS = Hyperparameters(
    alpha=0.3, temperature=2.0, validity=0.5, beta=0.5, learning_rate=1e-2
)


class Recorder(TrainerCallback):
    """Keeps the gradients of every step."""

    def __init__(self):
        self.gradients = []

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        self.gradients.append([p.grad.clone() for p in model.parameters()])


def steps(tmp_path, batch_size, accumulate, data, spoil=False):
    """Gradients of each optimizer step of one epoch."""
    model, _ = tiny_student()
    if spoil:
        torch.nn.init.constant_(model.lm_head.weight, torch.nan)
    recorder = Recorder()
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=1,
        per_device_train_batch_size=batch_size,
        gradient_accumulation_steps=accumulate,
        max_grad_norm=0.0,
        learning_rate=1e-2,
        optim="sgd",
        use_cpu=True,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    trainer = DistillationTrainer(
        schedule=Schedule(1, HYPERPARAMETERS, {}),
        signals=(Gold(), Labels()),
        model=model,
        args=arguments,
        train_dataset=Examples(data, 0),
        data_collator=Collator(0),
    )
    trainer.add_callback(recorder)
    trainer.train()
    return recorder.gradients


def test_gradients_do_not_depend_on_how_a_step_is_split(tmp_path):
    data = examples(tiny_student()[1])
    wanted = steps(tmp_path, 4, 1, data)
    assert len(wanted) == 2  # four questions, then the one that is left
    for batch_size, accumulate in ((2, 2), (1, 4)):
        made = steps(tmp_path, batch_size, accumulate, data)
        for mine, theirs in zip(made, wanted, strict=True):
            for one, other in zip(mine, theirs, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)


def test_a_steps_gradient_is_that_of_the_mean_over_its_questions(tmp_path):
    model, speller = tiny_student()
    data = examples(speller, 4)
    (made,) = steps(tmp_path, 2, 2, data)
    loss = 0.0
    for number, example in enumerate(data):
        drawn = rows_at_random(example, np.random.default_rng((0, 0, number)))
        batch = Collator(0)([drawn])
        output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
        parts = batch_terms(output.logits, batch, HYPERPARAMETERS.temperature)
        soft = parts.choice + HYPERPARAMETERS.validity * parts.validity
        loss = loss + (HYPERPARAMETERS.alpha * parts.hard + (1 - HYPERPARAMETERS.alpha) * soft) / 4
    for mine, theirs in zip(made, torch.autograd.grad(loss, list(model.parameters())), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-10)


def test_parts_are_mixed_as_the_knobs_say():
    parts = Terms(torch.tensor(2.0), torch.tensor(3.0), torch.tensor(5.0))
    assert parts.total(Hyperparameters(alpha=0.25, validity=2.0)).item() == 0.25 * 2 + 0.75 * (
        3 + 2 * 5
    )


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_every_question_is_in_one_batch_of_one_process(processes):
    data = Examples([None] * 11, seed=5)

    def batches(size):
        return [list(QuestionBatches(data, size, i, processes)) for i in range(processes)]

    made = batches(2)
    assert {len(each) for each in made} == {-(-11 // (2 * processes))}
    assert sorted(sum((sum(each, []) for each in made), [])) == list(range(11))
    assert made == batches(2)
    # What all processes do in one step is what one alone would do.
    alone = list(QuestionBatches(data, 2 * processes, 0, 1))
    shares = [sorted(sum(step, [])) for step in zip(*made, strict=True)]
    assert shares == [sorted(step) for step in alone]
    data.epoch = 1
    assert batches(2) != made


def test_no_questions_cost_nothing_and_move_nothing():
    model, _ = tiny_student()
    batch = Collator(0)([])
    assert batch["questions"].item() == 0
    output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
    loss = batch_terms(output.logits, batch, 1.0).total(HYPERPARAMETERS)
    assert loss.item() == 0
    assert all((g == 0).all() for g in torch.autograd.grad(loss, list(model.parameters())))


def test_a_loss_that_is_no_number_ends_the_run_in_a_sentence(tmp_path):
    with pytest.raises(
        RunFailed,
        match=r"loss is no number any more \(hard nan.* at step 1: .* lower learning rate",
    ):
        steps(tmp_path, 2, 1, examples(tiny_student()[1]), spoil=True)
