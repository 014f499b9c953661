"""What a GPU is asked, asked of the processor in its smallest form."""

from tests import gpu_check


def test_what_needs_no_gpu_holds_and_the_rest_is_said_not_to_have_run(monkeypatch, capsys):
    assert gpu_check.main(["--small"]) == 0
    said = capsys.readouterr().out
    for check in ("packed paths = path by path", "loss in bfloat16", "killed and resumed"):
        assert f"ok       {check}" in said
    for check in ("losses and gradients on GPU", "out of memory", "demo", "0.5B student"):
        assert f"not run  {check}" in said
    assert "tokens a second" in said


def test_a_check_that_fails_is_the_exit_code(monkeypatch, capsys):
    rows = [gpu_check.held("one", True, "1"), gpu_check.held("other", False, "2")]
    monkeypatch.setattr(gpu_check, "checks", lambda *_: iter(rows))
    assert gpu_check.main(["--small"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].split() == ["FAILED", "other", "2"]


def test_a_packed_row_that_leaves_something_out_is_found(monkeypatch):
    every = gpu_check.single_rows
    monkeypatch.setattr(gpu_check, "single_rows", lambda example: every(example)[1:])
    assert gpu_check.packed_is_exact("cpu").said == "FAILED"
