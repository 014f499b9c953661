"""What is made of an error, an exit code, and the end of a log."""

import signal

import pytest

from core.runs.supervisor import diagnosis
from core.runs.supervisor.diagnosis import (
    MEMORIES,
    TERMINATED,
    Cause,
    fix,
    of_death,
    of_error,
    sentence,
)


@pytest.mark.parametrize(
    ("kind", "message", "cause"),
    [
        ("FormatError", "films.tsv, line 3: two columns.", Cause.INPUT),
        ("NotFound", "There is no graph 'x'.", Cause.INPUT),
        ("WorkspaceError", "The disk is full at /x: free some space.", Cause.DISK),
        ("RunFailed", "OSError: [Errno 28] No space left on device", Cause.DISK),
        ("RunFailed", "An unexpected failure: MemoryError: no message", Cause.MEMORY),
        ("RunFailed", "torch.OutOfMemoryError: CUDA out of memory.", Cause.GPU_MEMORY),
        ("RunFailed", "RuntimeError: CUDA error: out of memory", Cause.GPU_MEMORY),
        ("RunFailed", "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED", Cause.GPU_MEMORY),
        (
            "RunFailed",
            "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to "
            "allocate 8 bytes. Error code 12 (Cannot allocate memory)",
            Cause.MEMORY,
        ),
        ("RunFailed", "RuntimeError: can't start new thread", Cause.MEMORY),
        ("RunFailed", "ArrayMemoryError: Unable to allocate 8 GiB for an array", Cause.MEMORY),
        ("WorkspaceError", "The store x cannot be used: out of memory.", Cause.MEMORY),
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
        (1, "libtorch.so: failed to map segment from shared object", 0, Cause.MEMORY),
        (-signal.SIGABRT, "terminate called after throwing std::bad_alloc", 0, Cause.MEMORY),
        (1, "OpenBLAS error: Memory allocation still failed after 10 retries", 0, Cause.MEMORY),
        (127, "libgomp: Thread creation failed", 0, Cause.MEMORY),
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
    assert fix(Cause.GPU_MEMORY, {"batch_size": 32}) == {"batch_size": 16}
    assert fix(Cause.MEMORY, {"batch_size": 1}) == fix(Cause.MEMORY, {}) == {}
    more = {"gradient_checkpointing": False, "processes": 2}
    assert fix(Cause.MEMORY, {"batch_size": 4, **more}) == {"batch_size": 2}
    assert fix(Cause.MEMORY, {"batch_size": 2, **more}) == {"gradient_checkpointing": True}
    assert fix(Cause.DISK, {"batch_size": 32}) == fix(None, {"batch_size": 32}) == {}


WHOLE = {"batch_size": 8, "gradient_checkpointing": False, "lora_rank": 0, "student": "smollm2"}


def test_only_settings_that_there_are_and_that_help_are_named():
    for cause in MEMORIES:
        said = sentence(cause, WHOLE)
        for way in ("a smaller batch size", "gradient checkpointing", "lora_rank=8"):
            assert way in said
        said = sentence(cause, {"graph": "g"})
        assert "batch" not in said and "LoRA" not in said and said.endswith(".")
    used_up = {**WHOLE, "batch_size": 1, "gradient_checkpointing": True, "lora_rank": 4}
    assert sentence(Cause.MEMORY, used_up) == ("The process ran out of memory: end other programs.")
    assert "LoRA" not in sentence(Cause.MEMORY, {**WHOLE, "student": "tiny"})


def test_a_sentence_is_told_by_its_cause_again(monkeypatch):
    for cause in (Cause.MEMORY, Cause.GPU_MEMORY):
        assert of_error("RunFailed", sentence(cause, WHOLE)) is cause


def test_a_limit_of_the_process_is_told_as_one(monkeypatch):
    left = "SystemError: error return without exception set"
    assert of_error("RunFailed", left) is Cause.UNEXPECTED
    monkeypatch.setattr(diagnosis, "_address_limit", lambda: 800 * 2**20)
    assert of_error("RunFailed", left) is Cause.MEMORY_LIMIT
    assert of_error("RunFailed", "MemoryError") is Cause.MEMORY_LIMIT
    assert of_error("RunFailed", "CUDA out of memory") is Cause.GPU_MEMORY
    said = sentence(Cause.MEMORY_LIMIT, WHOLE)
    assert "of which it may have 800 MB" in said
    assert of_error("RunFailed", said) is Cause.MEMORY_LIMIT


@pytest.mark.parametrize(
    ("groups", "file"),
    [
        ("0::/a/b\n", "a/b/memory.events"),
        ("9:cpu:/\n4:memory:/a\n0::/\n", "memory/a/memory.oom_control"),
        ("4:memory:/outside\n", "memory/memory.oom_control"),
    ],
)
def test_kills_of_ones_own_group_count_before_those_of_the_system(
    tmp_path, monkeypatch, groups, file
):
    for name in ("_GROUPS", "_VMSTAT"):
        monkeypatch.setattr(diagnosis, name, tmp_path / name)
    monkeypatch.setattr(diagnosis, "_GROUP_ROOT", tmp_path)
    assert diagnosis.memory_kills() == 0
    (tmp_path / "_VMSTAT").write_text("nr 1\noom_kill 7\n")
    (tmp_path / "_GROUPS").write_text(groups)
    assert diagnosis.memory_kills() == 7
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")
    assert diagnosis.memory_kills() == 3
