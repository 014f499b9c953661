"""Foreign models: GGUF files, folders of language models and of text encoders, and what names one.

A case asks how large the model is, as the page does, and often loads it as a run does. What takes
seconds to start, the process in which a model is tried first, is here a copy of this one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import limited_process, sizing
from core.errors import FormatError
from core.limited_process import Unreadable
from core.pretrained import reading
from core.settings import DistillSettings, checked
from tests.fuzz.cases import HOSTILE, Case, spoilt_bytes, spoilt_value
from tests.fuzz.tables import no_file
from tests.gguf_bytes import gguf

TRIAL = "core.pretrained.models.trial"
LOADED = 0.4
"""Share of cases that load what they have asked about."""

SETTINGS = ("config.json", "tokenizer_config.json", "generation_config.json", "tokenizer.json")
OTHERS = {
    "model.safetensors.index.json": {"weight_map": {"lm_head.weight": "model.safetensors"}},
    "adapter_config.json": {"peft_type": "LORA", "base_model_name_or_path": "someone/else"},
    "special_tokens_map.json": {"eos_token": "<end>"},
    "added_tokens.json": {"<more>": 300},
}


def prepare(workspace: Path) -> None:
    """Sound models to spoil, and the libraries that read them."""
    from tests.plain_encoder import save_plain_encoder
    from tests.plain_llama import save_plain_gguf, save_plain_llama

    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    reading.ask = _ask
    models = workspace / "models"
    save_plain_llama(models / "llama")
    save_plain_gguf(models / "llama.gguf")
    save_plain_encoder(models / "encoder")


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """One of the kinds of models, or the name of one, is spoilt."""
    kind = dice.choice(("name", "gguf", "gguf", "folder", "folder", "folder", "encoder"))
    if kind == "name":
        name = str(dice.choice(HOSTILE))
        return Case(f"the name {name[:40]!r}", _asked_and_loaded(dice, name))
    if kind == "gguf":
        return _gguf(dice, place / "x.gguf", workspace)
    source = workspace / "models" / ("encoder" if kind == "encoder" else "llama")
    folder = place / "model"
    shutil.copytree(source, folder)
    about = _spoil_folder(dice, folder)
    if kind == "encoder":
        return Case(f"encoder: {about}", lambda: _embed(folder))
    return Case(f"folder: {about}", _asked_and_loaded(dice, str(folder)))


def _gguf(dice: random.Random, path: Path, workspace: Path) -> Case:
    whole = gguf() if dice.random() < 0.5 else (workspace / "models" / "llama.gguf").read_bytes()
    if dice.random() < 0.4:  # a length or a count that lies
        at = dice.randrange(4, min(len(whole) - 8, 2000))
        claim = dice.choice((2**64 - 1, 2**63, 2**40, 2**31, 10**7, 0)).to_bytes(8, "little")
        spoilt, about = whole[:at] + claim + whole[at + 8 :], f"a lie at byte {at}"
    else:
        spoilt, about = spoilt_bytes(dice, whole)
    path.write_bytes(spoilt)
    if dice.random() < 0.05:
        path.unlink()
        about = no_file(dice, path)
    return Case(f"gguf: {about}", _asked_and_loaded(dice, str(path)))


def _spoil_folder(dice: random.Random, folder: Path) -> str:
    """Spoil one file of a folder, or put one there; says how."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if dice.random() < 0.25:
        name = dice.choice(list(OTHERS))
        (folder / name).write_text(json.dumps(spoilt_value(dice, OTHERS[name])[0]))
        return f"{name} added"
    file = dice.choice([path for path in files if path.name in SETTINGS] * 3 + files)
    way = dice.random()
    if way < 0.08:
        file.unlink()
        return f"{file.name} {no_file(dice, file)}"
    if file.suffix == ".safetensors" and way < 0.6:
        return f"{file.name}: {_spoil_header(dice, file)}"
    if file.suffix == ".json" and way < 0.7:
        value, about = spoilt_value(dice, json.loads(file.read_text()))
        file.write_text(json.dumps(value))
    else:
        data, about = spoilt_bytes(dice, file.read_bytes())
        file.write_bytes(data)
    return f"{file.name}: {about}"


def _spoil_header(dice: random.Random, file: Path) -> str:
    """Spoil what a safetensors file says of its tensors, with the length of it as it should be."""
    data = file.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    value, about = spoilt_value(dice, json.loads(data[8:end]))
    header = json.dumps(value).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + data[end:])
    return about


def _asked_and_loaded(dice: random.Random, name: str) -> Callable[[], None]:
    loads = dice.random() < LOADED

    def act() -> None:
        from core.pretrained.models.language_models import load_language_model

        settings = checked(DistillSettings, {"name": "x", "teacher": "x", "student": name})
        sizing.estimate(settings, 10)
        if loads:
            load_language_model(name, Path(name).parent)

    return act


def _embed(folder: Path) -> None:
    from core.pretrained.embedders import load_embedder

    load_embedder(str(folder), folder).encode(["child", "spouse"])


def _ask(module: str, argument: Path) -> Any:
    """As in a process of its own, which begins as a copy of this one."""
    if module != TRIAL:
        return limited_process.ask(module, argument)
    number = os.fork()
    if number == 0:
        _try(argument)
    _, status = os.waitpid(number, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 1:
        raise FormatError("It is refused.")
    if code:
        raise Unreadable("it cannot be read")
    return {}


def _try(path: Path) -> None:
    """Try a model; this process ends."""
    code = 2
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, sys.stderr.fileno())
        sys.modules[TRIAL].attempt(Path(path))
        code = 0
    except FormatError:
        code = 1
    finally:
        os._exit(code)
