"""The GPUs of a machine, asked of a driver that is there, is not, or fails on the way."""

import types

import pynvml
import pytest

from core.gpus import Gpu, gpus


class Driver:
    """Two GPUs, as `pynvml` tells of them."""

    def __init__(self):
        self.opened = 0

    def nvmlInit(self):
        self.opened += 1

    def nvmlShutdown(self):
        self.opened -= 1

    def nvmlDeviceGetCount(self):
        return 2

    def nvmlDeviceGetHandleByIndex(self, index):
        return index

    def nvmlDeviceGetMemoryInfo(self, handle, version):
        assert version == pynvml.nvmlMemory_v2  # the first counts what the driver keeps as free
        return types.SimpleNamespace(free=1000 * (handle + 1))

    def nvmlDeviceGetCudaComputeCapability(self, handle):
        return 7 + 2 * handle, 5

    def nvmlDeviceGetName(self, handle):
        return ("Small", "Large")[handle]


@pytest.fixture
def driver(monkeypatch):
    there = Driver()
    for name in (name for name in dir(there) if name.startswith("nvml")):
        monkeypatch.setattr(pynvml, name, getattr(there, name))
    return there


def test_each_gpu_is_told_by_its_driver(driver):
    assert gpus() == [Gpu(0, "Small", 1000, 7), Gpu(1, "Large", 2000, 9)]
    assert driver.opened == 0


def test_a_driver_that_does_not_answer_has_no_gpu(driver, monkeypatch):
    def lost(*_):
        raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)

    monkeypatch.setattr(pynvml, "nvmlDeviceGetMemoryInfo", lambda *_, **__: lost())
    assert gpus() == []
    assert driver.opened == 0
    monkeypatch.setattr(pynvml, "nvmlInit", lost)
    assert gpus() == []
