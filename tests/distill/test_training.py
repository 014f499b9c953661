"""The objective inside a Trainer: how gradients add up, and who may steer it while it runs."""

import numpy as np
import pytest
import torch
from transformers import TrainerCallback, TrainingArguments

from core.distill import training
from core.distill.examples import Collator, Examples, make_example, rows
from core.distill.losses import Objective
from core.distill.soft_targets import trie_targets
from core.distill.training import DistillationTrainer, Parts, Weights, batch_parts, train
from core.errors import RunStopped
from core.report import Silent
from core.settings import Distillation
from core.workspace import Workspace
from tests.labels_at_random import random_label
from tests.tiny_student import tiny_student

ALPHA, TEMPERATURE, VALIDITY = 0.3, 2.0, 0.5


def examples(speller, count=5):
    """Some with gold and soft targets, some with one of them."""
    made = []
    for number in range(count):
        soft = trie_targets(random_label(number, 3), speller) if number % 3 else None
        gold = [("born", "spouse")] if number % 3 < 2 else []
        made.append(make_example("Who? " * (number + 1), gold, soft, speller))
    return made


class Recorder(TrainerCallback):
    """Keeps the gradients of every step."""

    def __init__(self):
        self.gradients = []

    def on_pre_optimizer_step(self, args, state, control, model=None, **kwargs):
        self.gradients.append([p.grad.clone() for p in model.parameters()])


def steps(tmp_path, batch_size, accumulate, data):
    """Gradients of each optimizer step of one epoch."""
    model, _ = tiny_student()
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
        weights=Weights(ALPHA, TEMPERATURE, VALIDITY, 0.5, 1e-2),
        objective=Objective(),
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
        drawn = rows(example, np.random.default_rng((0, 0, number)))
        batch = Collator(0)([drawn])
        output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
        parts = batch_parts(output.logits, batch, TEMPERATURE)
        soft = parts.choice + VALIDITY * parts.validity
        loss = loss + (ALPHA * parts.hard + (1 - ALPHA) * soft) / 4
    for mine, theirs in zip(made, torch.autograd.grad(loss, list(model.parameters())), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-10)


def test_parts_are_mixed_as_the_settings_say():
    parts = Parts(torch.tensor(2.0), torch.tensor(3.0), torch.tensor(5.0))
    assert parts.total(Weights(0.25, 9.0, 2.0, 9.0, 9.0)).item() == 0.25 * 2 + 0.75 * (3 + 2 * 5)


class Scripted(Silent):
    """Changes settings, or stops, after so many steps; keeps what it is told."""

    def __init__(self, changes=None, stop_at=None):
        self.changes, self.stop_at = changes or {}, stop_at
        self.asked = 0
        self.curves, self.events, self.told = [], [], []

    def controls(self):
        self.asked += 1
        return self.changes.get(self.asked, {})

    def check_stop(self):
        if self.stop_at is not None and self.asked >= self.stop_at:
            raise RunStopped("Stopped.")

    def metrics(self, step, values):
        self.curves.append((step, dict(values)))

    def event(self, kind, **payload):
        self.events.append((kind, payload))

    def progress(self, done, total, note=""):
        self.told.append((done, total))


@pytest.fixture(autouse=True)
def every_step_is_logged(monkeypatch):
    monkeypatch.setattr(training, "LOG_EVERY", -1.0)


def settings(**changes):
    wanted = {"alpha": 0.5, "epochs": 3, "batch_size": 2, "learning_rate": 0.01, "device": "cpu"}
    return Distillation(name="s", teacher="t", **{**wanted, **changes})


def run(report, tmp_path, judge=dict, data=None, **changes):
    model, speller = tiny_student()
    data = data or Examples(examples(speller), 0)
    wanted = settings(**changes)
    count = train(model, speller.tokenizer, data, wanted, report, judge, tmp_path / "scratch")
    return model, count


def curve(report, name):
    return [values[f"distil/{name}"] for _, values in report.curves if f"distil/{name}" in values]


def test_every_part_is_logged_and_the_loss_is_their_mixture(tmp_path):
    report = Scripted()
    _, count = run(report, tmp_path, epochs=10)
    assert count == 30 and report.told == [(step, 30) for step in range(1, 31)]
    logged = [(step, values) for step, values in report.curves if values]
    assert [step for step, _ in logged] == list(range(1, 31))
    for _, values in logged:
        v = {name.removeprefix("distil/"): value for name, value in values.items()}
        assert v["soft"] == pytest.approx(v["choice"] + v["validity"])
        assert v["loss"] == pytest.approx(0.5 * v["hard"] + 0.5 * v["soft"])
        assert (v["alpha"], v["temperature"]) == (0.5, 1.0)
    losses = curve(report, "loss")
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def test_a_change_takes_effect_at_the_next_step_and_is_acknowledged(tmp_path):
    plain, steered = (
        Scripted(),
        Scripted(
            {4: {"alpha": 0.9, "learning_rate": 0.001}, 6: {"temperature": 3.0, "validity": 2.0}}
        ),
    )
    for report in (plain, steered):
        run(report, tmp_path)
    assert curve(steered, "alpha") == [0.5] * 3 + [0.9] * 6
    assert curve(steered, "temperature") == [1.0] * 5 + [3.0] * 4
    rates = zip(curve(steered, "learning_rate"), curve(plain, "learning_rate"), strict=True)
    ratios = [one / other for one, other in rates if other > 0]
    assert ratios == pytest.approx([1.0] * 3 + [0.1] * 5)  # at the end both are 0
    for part in ("hard", "choice", "validity"):
        assert curve(steered, part)[:4] == pytest.approx(curve(plain, part)[:4])
        assert curve(steered, part)[4:] != pytest.approx(curve(plain, part)[4:])
    assert steered.events == [
        ("control", {"key": "alpha", "old": 0.5, "new": 0.9, "step": 4}),
        ("control", {"key": "learning_rate", "old": 0.01, "new": 0.001, "step": 4}),
        ("control", {"key": "temperature", "old": 1.0, "new": 3.0, "step": 6}),
        ("control", {"key": "validity", "old": 1.0, "new": 2.0, "step": 6}),
    ]
    last = {k.removeprefix("distil/"): v for k, v in steered.curves[-2][1].items()}
    assert last["soft"] == pytest.approx(last["choice"] + 2.0 * last["validity"])


def test_a_steered_step_is_taken_with_the_new_weights(tmp_path):
    """Switching to gold alone at the first step is the same as having begun so."""
    steered, _ = run(Scripted({1: {"alpha": 1.0}}), tmp_path, alpha=0.0)
    begun, _ = run(Scripted(), tmp_path, alpha=1.0)
    other, _ = run(Scripted(), tmp_path, alpha=0.0)
    mine, theirs, others = (m.lm_head.weight for m in (steered, begun, other))
    assert torch.equal(mine, theirs)
    assert (mine - others).abs().max() > 1e-3
    slow, _ = run(Scripted({1: {"learning_rate": 0.005}}), tmp_path)
    born_slow, _ = run(Scripted(), tmp_path, learning_rate=0.005)
    torch.testing.assert_close(slow.lm_head.weight, born_slow.lm_head.weight, rtol=1e-9, atol=1e-12)


def test_a_stop_ends_the_run_and_leaves_no_student(tmp_path):
    workspace = Workspace(tmp_path / "home")
    report = Scripted(stop_at=4)
    with pytest.raises(RunStopped), workspace.publish("students", "s") as folder:
        run(report, folder)
    assert report.told[-1] == (4, 9)
    assert workspace.names("students") == []
    assert list((workspace.root / "students").iterdir()) == []


def test_each_epoch_draws_anew_and_is_judged(tmp_path):
    seen, judged = [], []

    class Watched(Examples):
        def __getitem__(self, index):
            seen.append((self.epoch, index))
            return super().__getitem__(index)

    def judge():
        judged.append(len(seen))
        return {"distil/dev_path_exact_match": len(judged) / 3}

    report = Scripted()
    run(report, tmp_path, judge, Watched(examples(tiny_student()[1]), 0))
    assert sorted(seen) == [(epoch, index) for epoch in range(3) for index in range(5)]
    assert judged == [5, 10, 15]
    assert curve(report, "dev_path_exact_match") == [1 / 3, 2 / 3, 1.0]


def test_long_runs_are_judged_ten_times(tmp_path):
    judged = []
    data = Examples(examples(tiny_student()[1], 2), 0)
    run(Scripted(), tmp_path, lambda: judged.append(1) or {}, data, epochs=20)
    assert len(judged) == 10


def test_the_same_seed_gives_the_same_student(tmp_path):
    weights = [run(Silent(), tmp_path, seed=s)[0].lm_head.weight for s in (1, 1, 2)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_training_writes_nothing_of_its_own(tmp_path):
    run(Silent(), tmp_path)
    scratch = tmp_path / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []
