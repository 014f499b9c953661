"""What happens between steps: changes and verbs at their step, curves, evaluations, pauses."""

import pytest

from core.checkpoints import checkpoints, step_of
from core.distill import steering
from core.distill.examples import Examples
from core.distill.schedules import schedule_from_record
from core.errors import RunStopped
from core.workspace import Workspace, read_json
from tests.small_runs import Scripted, examples, run
from tests.tiny_student import tiny_student


@pytest.fixture(autouse=True)
def every_step_is_logged(monkeypatch):
    monkeypatch.setattr(steering, "LOG_EVERY", -1.0)
    monkeypatch.setattr(steering, "LOOK_EVERY", 0.0)


def test_every_part_is_logged_and_the_loss_is_their_mixture(tmp_path):
    report = Scripted()
    _, done = run(report, tmp_path, epochs=10)
    assert done.steps == 30 and report.told == [(step, 30) for step in range(1, 31)]
    logged = [(step, values) for step, values in report.curves if values]
    assert [step for step, _ in logged] == list(range(1, 31))
    for _, values in logged:
        v = {name.removeprefix("distil/"): value for name, value in values.items()}
        assert v["soft"] == pytest.approx(v["choice"] + v["validity"])
        assert v["loss"] == pytest.approx(0.5 * v["hard"] + 0.5 * v["soft"])
        assert (v["alpha"], v["temperature"], v["beta"]) == (0.5, 1.0, 0.5)
    losses = report.curve("loss")
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def test_schedules_move_the_knobs_step_by_step(tmp_path):
    report = Scripted()
    run(report, tmp_path, alpha=1.0, alpha_end=0.0, temperature_end=9.0, divergence="jsd",
        beta=0.0, beta_end=1.0, learning_rate_schedule="constant")  # fmt: skip
    assert report.curve("alpha") == pytest.approx([1 - k / 8 for k in range(9)])
    assert report.curve("temperature") == pytest.approx([1.0 + k for k in range(9)])
    assert report.curve("beta") == pytest.approx([k / 8 for k in range(9)])
    assert report.curve("learning_rate") == pytest.approx([0.005] + [0.01] * 8)


def test_a_change_takes_effect_at_the_next_step_and_is_acknowledged(tmp_path):
    changes = {
        4: {"alpha": 0.9, "learning_rate": 0.001},
        6: {"temperature": 3.0, "validity": 2.0, "beta": 0.25},
    }
    plain, steered = Scripted(), Scripted(changes)
    for report in (plain, steered):
        run(report, tmp_path, divergence="jsd")
    assert steered.curve("alpha") == [0.5] * 3 + [0.9] * 6
    assert steered.curve("temperature") == [1.0] * 5 + [3.0] * 4
    assert steered.curve("beta") == [0.5] * 5 + [0.25] * 4
    rates = zip(steered.curve("learning_rate"), plain.curve("learning_rate"), strict=True)
    assert [one / other for one, other in rates] == pytest.approx([1.0] * 3 + [0.1] * 6)
    for part in ("hard", "choice", "validity"):
        assert steered.curve(part)[:4] == pytest.approx(plain.curve(part)[:4])
        assert steered.curve(part)[4:] != pytest.approx(plain.curve(part)[4:])
    assert steered.events == [
        ("control", {"key": "alpha", "old": 0.5, "new": 0.9, "step": 4}),
        ("control", {"key": "learning_rate", "old": 0.01, "new": 0.001, "step": 4}),
        ("control", {"key": "temperature", "old": 1.0, "new": 3.0, "step": 6}),
        ("control", {"key": "validity", "old": 1.0, "new": 2.0, "step": 6}),
        ("control", {"key": "beta", "old": 0.5, "new": 0.25, "step": 6}),
    ]
    last = {k.removeprefix("distil/"): v for k, v in steered.curves[-2][1].items()}
    assert last["soft"] == pytest.approx(last["choice"] + 2.0 * last["validity"])


def test_the_course_of_a_run_is_on_record(tmp_path):
    report = Scripted({4: {"alpha": 0.9}}, folder=tmp_path / "run")
    _, done = run(report, tmp_path)
    record = schedule_from_record(read_json(tmp_path / "run" / "schedule.json"))
    assert record == done.schedule and record.changes[0].step == 4


def weights(report, tmp_path, **changes):
    return run(report, tmp_path, **changes)[0].lm_head.weight


def test_a_steered_step_is_taken_with_the_new_knobs(tmp_path):
    """What is changed at the first step is the same as having begun so."""
    other = weights(Scripted(), tmp_path, alpha=0.0)
    for key, value in {"alpha": 1.0, "learning_rate": 0.005}.items():
        steered = weights(Scripted({1: {key: value}}), tmp_path, **{"alpha": 0.0})
        begun = weights(Scripted(), tmp_path, **{"alpha": 0.0, key: value})
        assert (steered - begun).abs().max() < 1e-12
        assert (steered - other).abs().max() > 1e-4


def test_alpha_below_one_without_soft_labels_is_warned_about(tmp_path):
    speller = tiny_student()[1]
    hard = Examples([e for e in examples(speller) if e.soft is None], 0)
    report = Scripted({2: {"alpha": 0.5}})
    run(report, tmp_path, data=hard, alpha=1.0)
    assert ("warning", {"message": steering.NO_SOFT_TARGETS}) in report.events


def test_a_pause_changes_nothing_but_the_time(tmp_path):
    """Controls still come while it pauses, and hold when it goes on."""
    plain = Scripted({3: {"alpha": 0.9}})
    paused = Scripted({3: {"pause": 1}, 7: {"alpha": 0.9}, 9: {"pause": 0}})
    assert (weights(plain, tmp_path) == weights(paused, tmp_path)).all()
    assert paused.events == [
        ("paused", {"step": 2}),
        ("control", {"key": "alpha", "old": 0.5, "new": 0.9, "step": 3}),
        ("continued", {"step": 2}),
    ]


def test_a_pause_may_end_in_a_stop(tmp_path):
    report = Scripted({3: {"pause": 1}}, stop_at=6)
    with pytest.raises(RunStopped):
        run(report, tmp_path)
    assert report.told[-1] == (2, 9)


def test_a_checkpoint_asked_for_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(steering, "WRITING_SHARE", 1e9)  # as often as there are steps
    report = Scripted({4: {"checkpoint": 1}}, folder=tmp_path / "run")
    run(report, tmp_path, checkpoint_seconds=0)
    kept = [step_of(each) for each in checkpoints(tmp_path / "run" / "checkpoints")]
    assert kept == [3, 7, 8]
    assert ("checkpoint", {"step": 3, "kept": True}) in report.events


def test_a_run_without_a_folder_says_that_nothing_is_kept(tmp_path):
    report = Scripted({2: {"checkpoint": 1}})
    run(report, tmp_path, checkpoint_seconds=0)
    assert [kind for kind, _ in report.events] == ["warning"]


def test_an_evaluation_asked_for_comes_at_once_and_disturbs_nothing(tmp_path):
    judged = []

    def judge():
        judged.append(len(report.told))
        return {"distil/dev": 1.0}

    report = Scripted({5: {"evaluate": 1}})
    model, _ = run(report, tmp_path, judge)
    assert judged == [3, 4, 6, 9]
    plain, _ = run(Scripted(), tmp_path)
    assert (model.lm_head.weight == plain.lm_head.weight).all()


def test_stop_and_keep_ends_early_and_well(tmp_path):
    report = Scripted({5: {"keep": 1}})
    model, done = run(report, tmp_path)
    assert (done.steps, done.kept_early) == (5, True)
    assert report.told[-1] == (5, 9) and report.curves[-1][0] == 5
    assert ("kept", {"step": 5}) in report.events
    assert not run(Scripted(), tmp_path)[1].kept_early
    assert model is not None


def test_a_stop_leaves_a_checkpoint_and_no_student(tmp_path):
    workspace = Workspace(tmp_path / "home")
    report = Scripted(stop_at=5, folder=tmp_path / "run")
    with pytest.raises(RunStopped), workspace.publish("students", "s") as folder:
        run(report, folder)
    assert report.told[-1] == (4, 9)
    assert [step_of(each) for each in checkpoints(tmp_path / "run" / "checkpoints")] == [4]
    assert list((workspace.root / "students").iterdir()) == []


def test_each_epoch_draws_anew_and_is_judged(tmp_path):
    seen, judged = [], []

    class Watched(Examples):
        def __getitems__(self, indices):
            seen.extend((self.epoch, index) for index in indices)
            return super().__getitems__(indices)

    def judge():
        judged.append(len(seen))
        return {"distil/dev_path_exact_match": len(judged) / 3}

    report = Scripted()
    run(report, tmp_path, judge, Watched(examples(tiny_student()[1]), 0))
    assert sorted(seen) == [(epoch, index) for epoch in range(3) for index in range(5)]
    assert judged == [5, 10, 15]
    assert report.curve("dev_path_exact_match") == [1 / 3, 2 / 3, 1.0]


def test_long_runs_are_judged_ten_times(tmp_path):
    judged = []
    data = Examples(examples(tiny_student()[1], 2), 0)
    run(Scripted(), tmp_path, lambda: judged.append(1) or {}, data, epochs=20)
    assert len(judged) == 10
