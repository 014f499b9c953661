"""What a question's paths pay, against every path spoken by itself."""

import pytest
import torch

from core.distill import packed_rows as module
from core.distill.examples import INPUTS, Collator, Examples, make_example, only_read
from core.distill.losses import student_log_probs
from core.distill.packed_rows import packed_rows
from core.distill.schedules import Hyperparameters, Schedule
from core.distill.signals import Gold, Labels, Outputs, Reward, signals_of
from core.distill.soft_targets import trie_targets
from core.distill.steering import NO_PAYING_PATHS
from core.student import packing
from core.student.output_layer import logits_only_at
from tests.labels_at_random import random_label
from tests.small_runs import Scripted, run, settings
from tests.tiny_student import log_probability, tiny_student

REWARDS = {("born",): 1.0, ("born_in",): 0.4, ("spouse", "born_in"): 2 / 3, ("spouse", "born"): 0.1}


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def paying(speller, rewards):
    return tuple((speller.spell(path), reward) for path, reward in rewards.items())


def examples(speller):
    soft = trie_targets(random_label(1, 3), speller)
    few = {("出生地",): 0.5}
    return [
        make_example("Where was it born?", (), None, speller, paying=paying(speller, REWARDS)),
        make_example("Who?", (("born",),), soft, speller, paying=paying(speller, few)),
        make_example("X", (("spouse",),), soft, speller),
    ]


def term(model, questions):
    """The reward's term of packed questions, beside what the other signals read."""
    signals = (Gold(), Labels(), Reward())
    batch = Collator(0, torch.float64, signals)([packed_rows(one) for one in questions])
    at, read = only_read(batch, signals)
    with logits_only_at(model, at) as picked:
        logits = model(**{name: batch[name] for name in INPUTS if name in batch}).logits
    said = Outputs(student_log_probs(logits.flatten(0, 1)), picked.states)
    return Reward().sums(said, read, Hyperparameters())["answers"]


def expected_reward(model, example):
    """J, path by path."""
    spoken = [log_probability(model, example.prompt, tokens).sum() for tokens, _ in example.paying]
    rewards = [reward for _, reward in example.paying]
    return sum(r * torch.exp(one) for r, one in zip(rewards, spoken, strict=True))


def test_the_term_is_minus_log_of_the_expected_reward(student):
    model, speller = student
    given = examples(speller)
    for example in given[:2]:
        wanted = -torch.log(expected_reward(model, example))
        assert term(model, [example]).item() == pytest.approx(wanted.item(), rel=1e-10)
    together = sum(term(model, [example]) for example in given[:2])
    assert term(model, given).item() == pytest.approx(together.item(), rel=1e-10)
    assert term(model, given[2:]).item() == 0


def test_a_tree_in_several_rows_is_one_sum(student, monkeypatch):
    model, speller = student
    given = examples(speller)[:2]
    whole = term(model, given).item()
    monkeypatch.setattr(packing.pack, "__defaults__", (6,))
    assert len(packed_rows(given[0])) > 1
    assert term(model, given).item() == pytest.approx(whole, rel=1e-10)


def test_the_gradient_is_that_of_finite_differences(student):
    model, speller = student
    example = examples(speller)[0]
    parameters = list(model.parameters())
    gradient = torch.autograd.grad(term(model, [example]), parameters)
    draw = torch.Generator().manual_seed(0)
    way = [torch.randn(p.shape, generator=draw, dtype=p.dtype) for p in parameters]
    slope = sum((g * w).sum() for g, w in zip(gradient, way, strict=True)).item()

    def value(step):
        with torch.no_grad():
            for parameter, one in zip(parameters, way, strict=True):
                parameter += step * one
            found = -torch.log(expected_reward(model, example)).item()
            for parameter, one in zip(parameters, way, strict=True):
                parameter -= step * one
        return found

    h = 2e-4  # of five points: the error falls with h^4
    found = (8 * (value(h) - value(-h)) - value(2 * h) + value(-2 * h)) / (12 * h)
    assert slope == pytest.approx(found, rel=1e-8)


def test_the_gradient_is_cross_entropy_with_the_students_own_posterior(student):
    model, speller = student
    example = examples(speller)[0]
    parameters = list(model.parameters())
    with torch.no_grad():
        whole = expected_reward(model, example)
        own = [
            reward * torch.exp(log_probability(model, example.prompt, tokens).sum()) / whole
            for tokens, reward in example.paying
        ]
    assert sum(own).item() == pytest.approx(1)
    entropy = -sum(
        weight * log_probability(model, example.prompt, tokens).sum()
        for weight, (tokens, _) in zip(own, example.paying, strict=True)
    )
    theirs = torch.autograd.grad(entropy, parameters)
    mine = torch.autograd.grad(term(model, [example]), parameters)
    for one, two in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-8, atol=1e-10)


def test_what_pays_changes_no_other_term(student, monkeypatch):
    monkeypatch.setattr(module, "RARE", 0.0)
    with_pay = examples(student[1])[1]
    without = make_example("Who?", (("born",),), with_pay.soft, student[1])
    (one,), (two,) = packed_rows(with_pay), packed_rows(without)
    assert [step[1:] for step in one.hard] == [step[1:] for step in two.hard]
    assert [weight for *_, weight in one.soft] == [weight for *_, weight in two.soft]


@pytest.mark.parametrize("alpha", [0.4, 1.0])
def test_gold_labels_and_reward_train_together(alpha, tmp_path):
    model, speller = tiny_student()
    data, report = Examples(examples(speller), 0), Scripted()
    changes = {"alpha": alpha, "reward": 0.5, "paths": "all", "epochs": 5, "batch_size": 3}
    _, done = run(report, tmp_path, data=data, **changes)
    assert done.steps == 5
    terms = {name: report.curve(name)[-1] for name in ("hard", "soft", "answers", "loss")}
    wanted = alpha * terms["hard"] + (1 - alpha) * terms["soft"] + 0.5 * terms["answers"]
    assert terms["loss"] == pytest.approx(wanted)


def test_a_student_learns_to_be_paid_from_nothing_else(tmp_path):
    model, speller = tiny_student()
    example = examples(speller)[0]
    before = expected_reward(model, example).item()
    changes = {"alpha": 1.0, "reward": 1.0, "paths": "all", "epochs": 30, "rewording": 0.0}
    model, _ = run(Scripted(), tmp_path, data=Examples([example], 0), **changes)
    after = expected_reward(model, example).item()
    assert before < 1e-6 and after > 0.7


def test_the_signal_is_there_where_it_is_asked_for():
    assert [type(one) for one in signals_of(settings(reward=0.1, paths="all"))] == [
        Gold, Labels, Reward,
    ]  # fmt: skip


def test_drawn_paths_are_refused():
    with pytest.raises(ValueError, match="take paths=all with a reward"):
        settings(reward=0.1)


def test_a_reward_turned_up_too_late_is_said_to_do_nothing(tmp_path):
    report = Scripted(changes={2: {"reward": 1.0}})
    run(report, tmp_path, epochs=1)
    assert ("warning", {"message": NO_PAYING_PATHS}) in report.events


def test_a_course_says_whether_a_knob_was_ever_above_0():
    course = Schedule(4, Hyperparameters(), {})
    assert not course.ever("reward") and course.ever("alpha")
    assert course.change(2, "reward", 0.5).ever("reward")
