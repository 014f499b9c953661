"""How the results of sweeps and of searches for weak spots look in a terminal."""

from stand_ins.results import EXAMPLES, HTML_ESCAPE

from core.command_line.swept import show_sweep
from core.command_line.weak_spots import show_weak_spots


def test_a_sweep_is_a_map_with_its_doubt(capsys):
    show_sweep(EXAMPLES["sweep_knobs"])
    told = capsys.readouterr()
    rows = [line.split() for line in told.out.splitlines()]
    assert rows[0] == ["alpha", "T", "=", "1"]
    assert rows[1:3] == [["0", "0.800"], ["0.5", "failed"]]
    assert "Best on dev: demo-a0-t1" in told.out
    assert f"demo-a0.5-t1: {HTML_ESCAPE}" in told.err and "with one seed" in told.err


def test_weak_spots_are_tables_the_worst_path_first(capsys):
    show_weak_spots(EXAMPLES["find_hard"])
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0].split() == [
        "hops",
        "questions",
        "KL",
        *("teacher", "right"),
        *("student", "right"),
    ]
    assert lines[1].split() == ["1", "10", "0.1", "1", "0.9"]
    assert lines[3].startswith(f"born in -> {HTML_ESCAPE}") and lines[3].endswith("6")
    assert "6 of 40 questions are in the set demo-hard" in told.err
