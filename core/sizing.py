"""What distilling a student will take, told before it starts.

With P weights, of which L learn, n tokens a step, m of them on paths, d layers of width w, V words:

    memory  = bytes * P                weights: 4 bytes each, 2 where they are frozen in bfloat16
            + 12 L                     gradients and AdamW's two moments in float32
            + 68 n d w                 hidden states kept for the way back (4 n d w + 68 n w with
                                       gradient checkpointing)
            + 20 m V                   logits, their softmax and gradients, only along the paths
            + a base                   Python and its libraries

    time    = steps * (overhead + F n P / rate)       F = 6; 4 with frozen weights; + 2 with
                                                      checkpointing, which reads forward twice

The 68 bytes are those of Korthikanti et al. (2022), "Reducing Activation Recomputation in Large
Transformer Models", in float32 and without the attention matrix, which short rows keep small. The
rate of this machine's processor is measured; that of a GPU is not known before the first steps,
whose pace corrects every estimate. Of several processes each takes its share of the tokens; on a
processor they share memory and cores, on GPUs each has its own.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.errors import SettingsError
from core.gpus import gpus
from core.messages import Message
from core.pretrained.architecture import architecture
from core.pretrained.inspection import Architecture
from core.pretrained.presets import BUILT
from core.settings import DistillSettings
from core.workspace import Workspace

ROW_TOKENS = 40
"""Tokens of a question with a path, rather many."""

PATH_TOKENS = 16
"""Of these, the tokens of the path, rather many."""

ROWS = 1.6
"""Rows that a question brings to a step: a gold path, a path of the teacher, often the same."""

BASE = 600e6
"""Bytes of a worker that has loaded its libraries and a small graph."""

CPU = "cpu"

OVERHEAD = 0.02
"""Seconds of a step beside arithmetic."""

ALL_LINEAR = 18
"""Weights of a rank-one adapter beside all linear layers of a block, in units of its width."""

EFFICIENCY = 0.4
"""Share of the rate of large matrix products that training reaches."""


@dataclass(frozen=True)
class Machine:
    """Where a student would learn.

    Attributes:
        name: `CPU`, or what the GPU calls itself.
        memory: Free bytes.
        rate: Floating-point operations a second of large matrix products; None where not measured.
        bfloat16: Whether it would compute in bfloat16 by itself.
    """

    name: str
    memory: float
    rate: float | None
    bfloat16: bool


@dataclass(frozen=True)
class Estimate:
    """What distilling would take.

    Attributes:
        parameters: Weights of the student.
        learning: How many of them learn.
        memory: Bytes at the peak.
        steps: Optimizer steps.
        seconds: How long they take, without labelling; None where nobody knows yet.
        machine: Where.
    """

    parameters: int
    learning: int
    memory: float
    steps: int
    seconds: float | None
    machine: Machine

    @property
    def missing(self) -> float:
        """Bytes that the machine lacks; 0 where the student fits."""
        return max(0.0, self.memory - self.machine.memory)


def estimate(settings: DistillSettings, questions: int) -> Estimate | None:
    """What distilling with these settings on so many training questions would take.

    Returns:
        None for a model of the hub whose size is not known before it is downloaded.

    Raises:
        FormatError: If the student's files cannot be read.
    """
    size = architecture(settings.student)
    if size is None:
        return None
    return _estimate(settings, questions, size, machine(settings.device))


def training_questions(settings: DistillSettings, workspace: Workspace) -> int:
    """How many questions a student would learn from.

    Raises:
        NotFound: If there is no such teacher or question set.
    """
    name = settings.questions
    if name is None:
        name = workspace.read("teachers", settings.teacher, "card.json")["questions"]
    return int(workspace.read("questions", name, "set.json")["counts"]["train"])


def check_fits(settings: DistillSettings, questions: int) -> None:
    """Refuse a student that cannot learn in this machine's memory.

    Raises:
        SettingsError: Saying how much is missing, and what would fit.
    """
    found = estimate(settings, questions)
    if found is None or not found.missing:
        return
    size = architecture(settings.student)
    assert size is not None
    way = next(
        (
            words
            for words, change in _smaller(settings)
            if not _estimate(change, questions, size, found.machine).missing
        ),
        Message("take a smaller student"),
    )
    raise SettingsError(
        "Distilling {student!r} needs about {needed} and "
        "{machine} has {free} free, so "
        "{missing} are missing; {way}.",
        student=settings.student,
        needed=_gigabytes(found.memory),
        machine=found.machine.name,
        free=_gigabytes(found.machine.memory),
        missing=_gigabytes(found.missing),
        way=way,
    )


def _estimate(
    settings: DistillSettings, questions: int, size: Architecture, where: Machine
) -> Estimate:
    frozen = settings.student not in BUILT and settings.lora_rank > 0
    learning = size.parameters
    if frozen:
        learning = ALL_LINEAR * size.width * size.layers * settings.lora_rank
    half = settings.dtype == "bfloat16" or (settings.dtype == "auto" and where.bfloat16)
    rows = ROWS * min(settings.batch_size, questions) / settings.processes
    tokens = rows * ROW_TOKENS
    states: float = 68 * tokens * size.layers * size.width
    if settings.gradient_checkpointing:
        states = tokens * size.width * (4 * size.layers + 68)
    memory: float = (2 if half and frozen else 4) * size.parameters + 12 * learning
    memory += states + 20 * rows * PATH_TOKENS * size.vocabulary + BASE
    if where.name == CPU:  # GPUs are one for each process
        memory *= settings.processes
    steps = settings.epochs * -(-questions // settings.batch_size)
    seconds = None
    if where.rate is not None:
        per_weight = (4 if frozen else 6) + (2 if settings.gradient_checkpointing else 0)
        work = per_weight * size.parameters * tokens * settings.processes
        seconds = steps * (OVERHEAD + work / (EFFICIENCY * where.rate))
    return Estimate(size.parameters, learning, memory, steps, seconds, where)


def _smaller(settings: DistillSettings) -> list[tuple[Message, DistillSettings]]:
    """Settings that need less, with words for them, the least sacrifice first."""
    less: list[tuple[Message, dict[str, object]]] = [
        (Message("turn on gradient checkpointing"), {"gradient_checkpointing": True})
    ]
    batch = max(1, settings.batch_size // settings.processes // 4) * settings.processes
    less.append((Message("take a batch size of {batch}", batch=batch), {"batch_size": batch}))
    if settings.student not in BUILT and not settings.lora_rank:
        less.append((Message("learn through LoRA (rank 8)"), {"lora_rank": 8}))
        both: dict[str, object] = {
            "lora_rank": 8,
            "gradient_checkpointing": True,
            "batch_size": batch,
        }
        words = Message(
            "take LoRA (rank 8), gradient checkpointing and a batch size of {batch}", batch=batch
        )
        less.append((words, both))
    return [
        (Message("{way}, which would fit", way=words), settings.model_copy(update=changes))
        for words, changes in less
    ]


def machine(device: str) -> Machine:
    """Where a run on `device` would compute; `auto` takes a GPU if there is one."""
    if device != "cpu" and (gpu := _gpu()) is not None:
        return gpu
    free = float(psutil.virtual_memory().available)
    return Machine(CPU, min(free, _container_limit()), _processor_rate(), False)


def _gpu() -> Machine | None:
    """The GPU with most free memory; None where there is none."""
    best = max(gpus(), key=lambda gpu: gpu.free, default=None)
    return None if best is None else Machine(best.name, best.free, None, best.generation >= 8)


def _container_limit() -> float:
    """Bytes that a container leaves to its processes; infinite outside one."""
    file = Path("/sys/fs/cgroup/memory.max")
    text = file.read_text(encoding="ascii").strip() if file.is_file() else "max"
    return float(text) if text.isdigit() else float("inf")


@functools.cache
def _processor_rate() -> float:
    """Operations a second of a product of large matrices: the best of a few."""
    import numpy as np  # the command line starts without it

    one = np.ones((768, 768), np.float32)
    spent = []
    for _ in range(4):
        began = time.perf_counter()
        one @ one
        spent.append(time.perf_counter() - began)
    return 2 * 768**3 / min(spent)


def told(found: Estimate | None) -> dict[str, object]:
    """An estimate as plain values; empty where nothing is known yet."""
    if found is None:
        return {}
    return {
        "parameters": found.parameters,
        "learning": found.learning,
        "steps": found.steps,
        "memory_gb": round(found.memory / 1e9, 2),
        "free_gb": round(found.machine.memory / 1e9, 2),
        "fits": not found.missing,
        "seconds": None if found.seconds is None else round(found.seconds),
        "device": found.machine.name,
    }


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
