"""Two processes that share every step do what one does alone, under every objective."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.checkpoints import checkpoints, step_of
from tests.distill.sharing_process import CHANGES, SHARED, every_gradient, steered

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The folder in which two processes have left what they saw."""
    folder, port = tmp_path_factory.mktemp("pair"), str(free_port())
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    command = [sys.executable, "-m", "tests.distill.sharing_process", str(folder)]
    children = []
    for rank in range(2):
        place = {**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        with (folder / f"{rank}.log").open("wb") as log:
            children.append(subprocess.Popen(command, cwd=ROOT, env=place, stdout=log, stderr=log))
    try:
        codes = [child.wait(timeout=900) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    said = [(folder / f"{rank}.log").read_text()[-3000:] for rank in range(2)]
    assert codes == [0, 0], said
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return every_gradient(tmp_path_factory.mktemp("alone"), 1)


@pytest.mark.parametrize("name", [*SHARED, "accumulated"])
def test_loss_and_gradients_are_those_of_one_process(pair, alone, name):
    gradients, losses = alone
    told = [json.loads((pair / f"{rank}.json").read_text()) for rank in range(2)]
    for rank in range(2):
        mine = load_file(pair / f"{rank}.safetensors")[name]
        torch.testing.assert_close(mine, gradients[name], rtol=1e-9, atol=1e-10)
    assert gradients[name].abs().amax(dim=1).min() > 1e-2
    # Each process holds its own share of the loss, times the number of processes.
    mean = sum(each["losses"][name] for each in told) / 2
    assert mean == pytest.approx(losses[name], rel=1e-6)


def test_weights_may_be_shared_out_too(pair, alone):
    """FSDP2: each process holds half of the weights, and the gradient is the same."""
    for rank in range(2):
        mine = load_file(pair / f"{rank}.safetensors")["sharded"]
        torch.testing.assert_close(mine, alone[0]["split forward-kl"][0], rtol=1e-9, atol=1e-10)
        assert 0.4 < json.loads((pair / f"{rank}.json").read_text())["held"] < 0.6


def test_both_are_steered_by_the_first_at_the_same_step(pair, tmp_path):
    told = [json.loads((pair / f"{rank}.json").read_text()) for rank in range(2)]
    weights = [load_file(pair / f"{rank}.safetensors")["weights"] for rank in range(2)]
    assert torch.equal(*weights)
    assert told[0]["plan"] == told[1]["plan"] and told[0]["steps"] == told[1]["steps"] == 7
    kinds = [kind for kind, _ in told[0]["events"]]
    assert kinds == ["control", "checkpoint", "control", "kept"] and told[1]["events"] == []
    single, one = steered(tmp_path, CHANGES)
    assert one["plan"] == told[0]["plan"]
    torch.testing.assert_close(weights[0], single, rtol=1e-6, atol=1e-8)


def test_a_checkpoint_holds_the_chance_of_every_process(pair):
    (kept,) = checkpoints(pair / "run" / "checkpoints")
    assert step_of(kept) == 3
    states = load_file(kept / "random.safetensors")["cpu"]
    assert len(states) == 2
