"""What is made of an error, an exit code, and the end of a log."""

import signal

import pytest

from core.jobs.diagnosis import TERMINATED, Cause, fix, of_death, of_error


@pytest.mark.parametrize(
    ("kind", "message", "cause"),
    [
        ("FormatError", "films.tsv, line 3: two columns.", Cause.INPUT),
        ("NotFound", "There is no graph 'x'.", Cause.INPUT),
        ("WorkspaceError", "The disk is full at /x: free some space.", Cause.DISK),
        ("RunFailed", "OSError: [Errno 28] No space left on device", Cause.DISK),
        ("RunFailed", "An unexpected failure: MemoryError: no message", Cause.MEMORY),
        ("RunFailed", "torch.OutOfMemoryError: CUDA out of memory.", Cause.MEMORY),
        ("RunFailed", "ZeroDivisionError: division by zero", Cause.UNEXPECTED),
        ("KeyError", "'x'", Cause.UNEXPECTED),
    ],
)
def test_errors(kind, message, cause):
    assert of_error(kind, message) is cause


@pytest.mark.parametrize(
    ("exit_code", "log", "kills", "cause"),
    [
        (-signal.SIGKILL, "", 0, Cause.KILLED),
        (-signal.SIGKILL, "", 1, Cause.MEMORY),
        (None, "", 1, Cause.MEMORY),
        (None, "", 0, Cause.KILLED),
        (TERMINATED, "run x: ended by the system", 0, Cause.KILLED),
        (-signal.SIGTERM, "", 0, Cause.KILLED),
        (-signal.SIGSEGV, "", 0, Cause.CRASH),
        (-signal.SIGSEGV, "", 1, Cause.CRASH),
        (None, "Fatal Python error: Segmentation fault", 0, Cause.CRASH),
        (1, "MemoryError", 0, Cause.MEMORY),
        (1, "OSError: No space left on device", 0, Cause.DISK),
        (1, "ModuleNotFoundError: No module named 'x'", 0, Cause.UNEXPECTED),
    ],
)
def test_deaths(exit_code, log, kills, cause):
    assert of_death(exit_code, log, kills) is cause


def test_a_log_that_could_not_be_written_does_not_hide_a_full_disk():
    assert of_death(1, "Traceback", 0, disk_is_full=True) is Cause.DISK
    assert of_death(-signal.SIGKILL, "", 0, disk_is_full=True) is Cause.KILLED


def test_only_what_came_from_outside_is_tried_again_just_so():
    assert {cause for cause in Cause if cause.is_transient} == {
        *(Cause.KILLED, Cause.MACHINE, Cause.HUNG)
    }


def test_a_run_without_memory_is_offered_a_smaller_batch():
    assert fix(Cause.MEMORY, {"batch_size": 32}) == {"batch_size": 16}
    assert fix(Cause.MEMORY, {"batch_size": 1}) == fix(Cause.MEMORY, {}) == {}
    assert fix(Cause.DISK, {"batch_size": 32}) == fix(None, {"batch_size": 32}) == {}
