"""Runs from beginning to end: repeatable, and the same whether interrupted or not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.checkpoints import FOLDER, checkpoints, last_valid, step_of
from core.distill import steering
from core.distill.schedules import schedule_of
from core.errors import FormatError, RunFailed, RunStopped, SettingsError
from core.report import Silent
from core.settings import DistillSettings
from core.student import language_model
from core.student.prompts import Speller
from tests.small_runs import Scripted, run, settings
from tests.tiny_student import RELATIONS

CHANGES = {2: {"alpha": 0.9}, 5: {"learning_rate": 0.02, "temperature": 2.0}}


@pytest.fixture(autouse=True)
def every_step_is_logged(monkeypatch):
    monkeypatch.setattr(steering, "LOG_EVERY", -1.0)


def student_with_dropout():
    """Single precision and dropout, as in real runs: its random state must be restored."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WIDTH": 16, "LAYERS": 1, "HEADS": 2, "VOCABULARY": 275}.items():
            patch.setattr(language_model, name, value)
        torch.manual_seed(0)
        model, tokenizer = language_model.build_tiny(["Where was X born?"], RELATIONS)
    return model, Speller(tokenizer)


def trained(report, tmp_path, **changes):
    """Every weight of the trained student, and its curves by step."""
    model, done = run(report, tmp_path, student=student_with_dropout, **changes)
    curves = {step: values for step, values in report.curves if values}
    return dict(model.named_parameters()), curves, done


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_the_same_seed_gives_the_same_student(tmp_path):
    made = [trained(Scripted(), tmp_path, seed=s)[0] for s in (1, 1, 2)]
    assert equal(made[0], made[1]) and not equal(made[0], made[2])


def test_training_writes_nothing_of_its_own(tmp_path):
    run(Silent(), tmp_path)
    scratch = tmp_path / "scratch"
    assert not scratch.exists() or list(scratch.iterdir()) == []


@pytest.mark.parametrize("stop_at", [1, 2, 4, 9])
def test_stopped_and_resumed_is_undisturbed_bit_for_bit(tmp_path, stop_at):
    """In the middle of an epoch and at its beginning, with changes before and after."""
    weights, curves, done = trained(Scripted(CHANGES), tmp_path)
    folder = tmp_path / "run"
    first = Scripted(CHANGES, stop_at=stop_at, folder=folder)
    with pytest.raises(RunStopped):
        trained(first, tmp_path)
    taken = stop_at - 1
    left = {n - taken: change for n, change in CHANGES.items() if n > stop_at}
    second = Scripted(left, folder=folder)
    again, later, finished = trained(second, tmp_path)
    assert ("resumed", {"step": taken}) in second.events
    assert equal(weights, again)
    assert {**{s: v for s, v in first.curves if v}, **later} == curves
    assert (finished.steps, finished.schedule) == (done.steps, done.schedule)


CHILD = """
import os, signal, sys
from pathlib import Path
from core.distill import steering
from tests.distill.test_training import CHANGES, student_with_dropout
from tests.small_runs import Scripted, run

class Killed(Scripted):
    def progress(self, done, total, note=""):
        if done == 7:
            os.kill(os.getpid(), signal.SIGKILL)

steering.LOG_EVERY, steering.WRITING_SHARE = -1.0, 1e9  # at every step
folder = Path(sys.argv[1])
run(Killed(CHANGES, folder=folder), folder, student=student_with_dropout, checkpoint_seconds=0)
"""


def test_a_gradient_that_is_no_number_leaves_a_good_checkpoint_to_go_on_from(tmp_path, monkeypatch):
    """The loss may be a number and its gradient none: the weights must not follow it."""
    monkeypatch.setattr(steering, "WRITING_SHARE", 1e9)
    weights, _, _ = trained(Scripted(), tmp_path)
    folder = tmp_path / "run"
    report = Scripted(folder=folder)

    def spoiled():
        model, speller = student_with_dropout()
        model.lm_head.weight.register_hook(lambda g: g * torch.nan if report.asked == 4 else g)
        return model, speller

    with pytest.raises(RunFailed, match=r"gradient is no number any more at step 4: .* lower"):
        run(report, tmp_path, student=spoiled, checkpoint_seconds=0)
    assert step_of(last_valid(folder / FOLDER)) == 3
    again, _, _ = trained(Scripted(folder=folder), tmp_path)
    assert equal(weights, again)


def test_killed_and_resumed_is_undisturbed_bit_for_bit(tmp_path):
    weights, curves, _ = trained(Scripted(CHANGES), tmp_path)
    folder = tmp_path / "run"
    root = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], cwd=root, capture_output=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    assert step_of(last_valid(folder / FOLDER)) == 6
    again, later, _ = trained(Scripted(folder=folder), tmp_path)
    assert equal(weights, again)
    assert later == {step: values for step, values in curves.items() if step > 6}


def interrupted(tmp_path, **changes):
    """A run's folder with checkpoints at steps 3 (kept) and 5."""
    report = Scripted({4: {"checkpoint": 1}}, stop_at=6, folder=tmp_path / "run")
    with pytest.raises(RunStopped):
        trained(report, tmp_path, **changes)
    folder = tmp_path / "run" / FOLDER
    assert [step_of(each) for each in checkpoints(folder)] == [3, 5]
    return folder


def test_a_damaged_checkpoint_is_passed_over(tmp_path):
    weights, _, _ = trained(Scripted(), tmp_path)
    folder = interrupted(tmp_path)
    (checkpoints(folder)[-1] / "optimizer.safetensors").write_bytes(b"cut")
    report = Scripted(folder=tmp_path / "run")
    again, _, _ = trained(report, tmp_path)
    assert ("resumed", {"step": 3}) in report.events and equal(weights, again)


def test_checkpoints_hold_safetensors_and_json_only(tmp_path):
    folder = interrupted(tmp_path)
    files = {file.name for file in checkpoints(folder)[-1].iterdir()}
    tensors = {f"{name}.safetensors" for name in ("weights", "optimizer", "random")}
    assert files == tensors | {"position.json", "trainer_state.json", "manifest.json"}


def test_a_branch_goes_on_with_other_settings(tmp_path):
    """With the same settings it is the run itself; with others it parts from there."""
    weights, curves, _ = trained(Scripted(), tmp_path)
    start = checkpoints(interrupted(tmp_path))[0]
    same = Scripted(folder=tmp_path / "same")
    again, later, _ = trained(same, tmp_path, more={"branch": start})
    assert ("branched", {"step": 3}) in same.events and equal(weights, again)
    assert later == {step: values for step, values in curves.items() if step > 3}
    other, moved, done = trained(Scripted(), tmp_path, more={"branch": start}, temperature=3.0)
    assert not equal(weights, other) and done.steps == 9
    assert {values["distil/temperature"] for values in moved.values()} == {3.0}


def test_a_run_that_was_branched_resumes_its_own_checkpoints(tmp_path):
    start = checkpoints(interrupted(tmp_path))[0]
    more = {"branch": start}
    whole, _, _ = trained(Scripted(), tmp_path, more=more, alpha=0.1)
    folder = tmp_path / "branched"
    with pytest.raises(RunStopped):
        trained(Scripted(stop_at=4, folder=folder), tmp_path, more=more, alpha=0.1)
    report = Scripted(folder=folder)
    again, _, _ = trained(report, tmp_path, more=more, alpha=0.1)
    assert report.events[0] == ("resumed", {"step": 6}) and equal(whole, again)


def test_a_recorded_course_is_taken_again(tmp_path):
    weights, curves, done = trained(Scripted(CHANGES), tmp_path, alpha_end=0.1)
    again, later, _ = trained(Scripted(), tmp_path, more={"recorded": done.schedule}, alpha=0.0)
    assert equal(weights, again) and later == curves
    _, longer, stretched = trained(Scripted(), tmp_path, more={"recorded": done.schedule}, epochs=6)
    assert len(longer) == 18 and stretched.schedule.changes[0].step == 1 + round(17 / 8)


def test_a_branch_with_nothing_left_to_do_is_refused(tmp_path):
    start = checkpoints(interrupted(tmp_path))[0]
    with pytest.raises(SettingsError, match="has 3 steps behind it and this run would end at 3"):
        trained(Scripted(), tmp_path, more={"branch": start}, epochs=1)


def test_another_students_checkpoint_is_refused(tmp_path):
    start = checkpoints(interrupted(tmp_path))[0]
    stored = load_file(start / "weights.safetensors")
    stored.popitem()
    save_file(stored, start / "weights.safetensors")
    with pytest.raises(FormatError, match="is of another student than these settings build"):
        trained(Scripted(), tmp_path, more={"branch": start})


def test_settings_make_the_whole_course():
    asked = settings(alpha_end=0.0)
    assert isinstance(asked, DistillSettings)
    assert schedule_of(asked, 9).at(9).alpha == 0.0
