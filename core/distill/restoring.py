"""What a training run must remember to go on as if nothing had happened, as safetensors and JSON.

    weights.safetensors      every parameter that learns, by name
    optimizer.safetensors    `<part>/<parameter>`: the optimizer's moments and step counts
    random.safetensors       random states, a row for each process
    position.json            optimizer steps taken, changes made by hand
    trainer_state.json       the Trainer's own count

What does not learn is built anew from the settings. The data's order and draws depend on seed and
position alone, the hyperparameters on the schedule, so neither needs a state of its own.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.distill.schedules import Change
from core.errors import FormatError
from core.workspace import read_json, write_json

WEIGHTS, OPTIMIZER, RANDOM = "weights.safetensors", "optimizer.safetensors", "random.safetensors"
POSITION = "position.json"


def learning(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The parameters that learn, by name."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def write_model(folder: Path, model: torch.nn.Module) -> None:
    """Write the weights that learn."""
    _save(folder / WEIGHTS, dict(learning(model)))


def read_model(folder: Path, model: torch.nn.Module) -> None:
    """Put the weights of a checkpoint into a model.

    Raises:
        FormatError: If they are another student's.
    """
    mine, stored = learning(model), _load(folder / WEIGHTS)
    shapes = {name: tuple(p.shape) for name, p in mine.items()}
    if shapes != {name: tuple(value.shape) for name, value in stored.items()}:
        raise FormatError(
            "The checkpoint {folder} is of another student than these settings build: give the "
            "student, LoRA rank, teacher and questions that it began with.",
            folder=folder,
        )
    with torch.no_grad():
        for name, parameter in mine.items():
            parameter.copy_(stored[name])


def write_optimizer(folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write what the optimizer knows about each parameter."""
    state = {
        f"{part}/{name}": value
        for name, parameter in learning(model).items()
        for part, value in optimizer.state[parameter].items()
    }
    _save(folder / OPTIMIZER, state)


def read_optimizer(folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Give an optimizer what a checkpoint knows about each parameter; its settings stay its own."""
    number = {id(p): name for name, p in learning(model).items()}
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    stored: dict[str, dict[str, Tensor]] = {}
    for key, value in _load(folder / OPTIMIZER).items():
        part, _, name = key.partition("/")
        stored.setdefault(name, {})[part] = value
    named = [number[id(parameter)] for parameter in parameters]
    # Before its first step it knows nothing about any.
    state = {place: stored[name] for place, name in enumerate(named) if name in stored}
    # The optimizer itself knows which of these belong on the device.
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def write_random(folder: Path, accelerator: Accelerator) -> None:
    """Write the random states of all processes; every process must call it, the main one writes."""
    states = {"cpu": torch.get_rng_state()}
    if accelerator.device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(accelerator.device)
    gathered = {
        name: accelerator.gather(state.to(accelerator.device)[None]).cpu()
        for name, state in states.items()
    }
    if accelerator.is_main_process:
        _save(folder / RANDOM, gathered)


def read_random(folder: Path, accelerator: Accelerator) -> None:
    """Set this process's random state as it was."""
    states = _load(folder / RANDOM)
    row = accelerator.process_index % len(states["cpu"])
    torch.set_rng_state(states["cpu"][row].clone())  # torch 2.13 misreads a view that begins later
    if accelerator.device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"][row].clone(), accelerator.device)


def write_position(folder: Path, step: int, changes: tuple[Change, ...]) -> None:
    """Write how far the run is, and what a person changed on the way."""
    write_json(folder / POSITION, {"step": step, "changes": [asdict(one) for one in changes]})


def read_changes(folder: Path) -> tuple[Change, ...]:
    """What a person had changed before a checkpoint."""
    position: Mapping[str, Any] = read_json(folder / POSITION)
    return tuple(Change(**one) for one in position["changes"])


def _save(file: Path, tensors: Mapping[str, Tensor]) -> None:
    try:
        save_file({name: value.detach().contiguous() for name, value in tensors.items()}, file)
    except SafetensorError as error:
        full = "No space left" in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


def _load(file: Path) -> dict[str, Tensor]:
    try:
        return load_file(file)
    except (OSError, SafetensorError) as error:
        raise FormatError("{file} cannot be read: {error}.", file=file, error=error) from error
