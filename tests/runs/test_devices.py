"""Which devices there are, who may take which, and how many at a time."""

import pytest

from core.errors import NotFound, SettingsError
from core.gpus import Gpu
from core.runs.store import devices


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,3")


@pytest.mark.parametrize(
    ("wanted", "with_gpus", "without"),
    [
        ({"device": "auto"}, ["gpu:0", "gpu:3"], ["cpu"]),
        ({"device": "cuda"}, ["gpu:0", "gpu:3"], []),
        ({"device": "cpu"}, ["cpu"], ["cpu"]),
        ({}, ["light"], ["light"]),
    ],
)
def test_a_run_takes_what_its_settings_name(wanted, with_gpus, without):
    assert devices.suitable(wanted, ["cpu", "gpu:0", "gpu:3", "light"]) == with_gpus
    assert devices.suitable(wanted, ["cpu", "light"]) == without


def test_a_run_takes_a_gpu_for_each_process_and_shares_the_processor():
    two, three = {"device": "auto", "processes": 2}, {"device": "cuda", "processes": 3}
    free = {"cpu": 1, "gpu:0": 1, "gpu:3": 0, "gpu:5": 1, "light": 1}
    assert devices.choose(two, free) == ("gpu:0", "gpu:5")
    assert devices.choose(three, free) == ()
    assert devices.choose({**three, "device": "cpu"}, free) == ("cpu",)
    assert devices.choose({"device": "cuda"}, free) == ("gpu:0",)
    assert devices.choose({"processes": 2}, free) == ("light",)


def test_devices_are_registered_and_keep_the_slots_a_person_gave(store, two_gpus, monkeypatch):
    devices.register(store.database)
    found = devices.known(store.database)
    assert [(device.name, device.slots) for device in found if device.name != "cpu"] == [
        ("gpu:0", 1),
        ("gpu:3", 1),
        ("light", devices.LIGHT_SLOTS),
    ]
    devices.set_slots(store.database, "gpu:0", 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    devices.register(store.database)
    slots = {device.name: device.slots for device in devices.known(store.database)}
    assert slots["gpu:0"] == 2
    assert "gpu:3" not in slots


def test_wrong_slots_are_refused(store):
    with pytest.raises(NotFound, match=r"no device 'gpu:9' \(there: none yet\)"):
        devices.set_slots(store.database, "gpu:9", 1)
    with pytest.raises(SettingsError, match="takes 0 to 1024 runs at a time"):
        devices.set_slots(store.database, "cpu", -1)


def test_a_worker_sees_its_device_alone():
    assert devices.environment(["gpu:3"]) == {"CUDA_VISIBLE_DEVICES": "3"}
    assert devices.environment(["gpu:0", "gpu:3"]) == {"CUDA_VISIBLE_DEVICES": "0,3"}
    assert devices.environment(["cpu"]) == {"CUDA_VISIBLE_DEVICES": ""}
    assert devices.environment(["light"]) == {}
    assert devices.environment([]) == {}


def test_without_a_driver_there_is_no_gpu(store, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "gpus", list)
    devices.register(store.database)
    assert {device.name for device in devices.known(store.database)} == {"cpu", "light"}


def test_gpus_are_called_as_their_driver_counts_them(store, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(devices, "gpus", lambda: [Gpu(0, "Small", 1, 7), Gpu(1, "Large", 2, 9)])
    devices.register(store.database)
    names = {device.name for device in devices.known(store.database)}
    assert names == {"cpu", "gpu:0", "gpu:1", "light"}
