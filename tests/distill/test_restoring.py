"""What a checkpoint remembers of chance, process by process."""

from types import SimpleNamespace

import pytest
import torch

from core.distill.restoring import read_random, write_random


def process(rank, processes):
    """A process among others, each of which has drawn as often as its number says."""

    def gather(mine):
        if processes == 1:
            return mine
        states = [torch.Generator().manual_seed(0) for _ in range(processes)]
        for number, state in enumerate(states):
            torch.rand(100 + number, generator=state)
        return torch.stack([state.get_state() for state in states])

    device = torch.device("cpu")
    return SimpleNamespace(
        gather=gather, process_index=rank, is_main_process=rank == 0, device=device
    )


@pytest.fixture(autouse=True)
def chance():
    with torch.random.fork_rng():
        yield


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_each_process_goes_on_with_its_own_chance(tmp_path, rank):
    write_random(tmp_path, process(0, 3))
    read_random(tmp_path, process(rank, 3))
    mine = torch.Generator().manual_seed(0)
    torch.rand(100 + rank, generator=mine)
    assert torch.equal(torch.rand(50), torch.rand(50, generator=mine))


def test_one_process_draws_on_as_if_it_had_never_stopped(tmp_path):
    torch.rand(7)
    write_random(tmp_path, process(0, 1))
    expected = torch.rand(50)
    torch.manual_seed(1)
    read_random(tmp_path, process(0, 1))
    assert torch.equal(torch.rand(50), expected)
