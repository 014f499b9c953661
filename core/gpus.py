"""The GPUs of this machine, as their driver tells: importing torch to ask would take seconds."""

from __future__ import annotations

from dataclasses import dataclass

import pynvml


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU of this machine.

    Attributes:
        index: Its number at the driver.
        name: What the driver calls it, e.g. `NVIDIA H200`.
        free: Bytes of its memory that nobody uses now.
        generation: First number of its compute capability; from 8 on it computes in bfloat16.
    """

    index: int
    name: str
    free: int
    generation: int


def gpus() -> list[Gpu]:
    """All of them, by number; none where there is no driver, or it does not answer."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        return [_gpu(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return []
    finally:
        pynvml.nvmlShutdown()


def _gpu(index: int) -> Gpu:
    handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    memory = pynvml.nvmlDeviceGetMemoryInfo(handle, version=pynvml.nvmlMemory_v2)
    generation, _ = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
    return Gpu(index, pynvml.nvmlDeviceGetName(handle), memory.free, generation)
