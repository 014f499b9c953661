"""Archives of runs: members, rows, names, sizes and bytes spoilt, imported and looked at."""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

from core.runs import archives
from core.runs.run import RunState
from core.runs.store.store import Store
from core.workspace import Workspace
from tests.fuzz.cases import HOSTILE, NUMBERS, Case, spoilt_bytes, spoilt_value

JSON = {
    "run.json": {
        "format": archives.FORMAT,
        "tables": "0003",
        "run": {
            "id": "r", "recipe": "distill_student", "title": "Distil s", "stage": "distil",
            "settings": {"name": "s", "teacher": "t", "alpha": 0.5, "student": "tiny"},
            "state": "failed", "done": 3.0, "total": 9.0, "note": "step 3", "created": 1.7e9,
            "started": 1.7e9, "ended": 1.7e9, "heartbeat": 1.7e9, "error": "It broke.",
            "result": {"name": "s", "parameters": 1, "steps": 3, "seconds": 1.0},
            "error_kind": "NotFound", "who": "ada", "priority": 0, "attempt": 2, "parent": None,
            "cause": "memory", "progressed": 1.7e9, "stage_started": 1.7e9, "backend": "local",
        },
    },
    "events.jsonl": [
        {"at": 1.7e9, "kind": "stage", "payload": {"name": "distil"}},
        {"at": 1, "kind": "control", "payload": {"key": "alpha", "old": 1, "new": 0, "step": 3}},
        {"at": 1.7e9, "kind": "lost", "payload": {"attempt": 1, "cause": "killed"}},
        {"at": 1.7e9, "kind": "resumed", "payload": {"step": 3}},
    ],
    "metrics.jsonl": [
        {"at": 1.7e9, "step": step, "name": "distil/loss", "value": 1 / (step + 1)}
        for step in range(5)
    ],
    "controls.jsonl": [
        {"at": 1.7e9, "key": "alpha", "value": 0.2, "who": "ada", "old": 0.5, "step": 3}
    ],
}  # fmt: skip
FILES = {"log.txt": b"one\ntwo\n", "checkpoints/step-00000001/weights.safetensors": bytes(100)}


def prepare(workspace: Path) -> None:
    """A store to import into."""
    Store(Workspace(workspace)).close()


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """A value, a member or some bytes of an archive are spoilt."""
    values: dict[str, Any] = json.loads(json.dumps(JSON))
    names = {f"files/{name}": data for name, data in FILES.items()}
    way = dice.choice(("value", "value", "value", "raw", "member", "member", "bytes", "bomb"))
    about = way
    if way == "value":
        chosen = dice.choice(list(values))
        values[chosen], told = spoilt_value(dice, values[chosen])
        about = f"{chosen}: {told}"
    members = {name: _written(name, value) for name, value in values.items()} | names
    if way == "raw":
        chosen = dice.choice(list(members))
        members[chosen], told = spoilt_bytes(dice, members[chosen])
        about = f"{chosen}: {told}"
    data, told = _zipped(dice, members, way)
    if way == "bytes":
        data, told = spoilt_bytes(dice, data)
    path = place / "run.zip"
    path.write_bytes(data)

    def act() -> None:
        store = Store(Workspace(workspace))
        try:
            archives.import_run(store, path)
        finally:
            store.close()

    def whole() -> None:
        store = Store(Workspace(workspace))
        for run in store.runs():
            assert run.state is not RunState.RUNNING and run.recipe in archives.RUNS
            assert (workspace / "runs" / run.id).is_dir()
            archives.export_run(store, run.id, place / "again.zip")
        store.close()
        assert {path.name for path in place.iterdir()} <= {"run.zip", "again.zip"}

    return Case(f"{about} {told}", act, whole)


def _written(name: str, value: Any) -> bytes:
    rows = value if name.endswith("l") and isinstance(value, list) else [value]
    return "".join(_as_json(row) + "\n" for row in rows).encode("utf-8", "surrogatepass")


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value)
    except (ValueError, RecursionError):  # a number of more digits than Python writes
        return "9" * 5000


def _zipped(dice: random.Random, members: dict[str, bytes], way: str) -> tuple[bytes, str]:
    """The members as a zip file; one of them says or is something else, where asked."""
    whole, told = io.BytesIO(), ""
    chosen = dice.choice(list(members))
    with warnings.catch_warnings(), zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if way == "member" and name == chosen:
                told = _odd(dice, info)
                if told == "left out":
                    continue
            if way == "bomb" and name == chosen:
                data = data + bytes(dice.choice((1 << 20, 70 << 20)))
            archive.writestr(info, data)
    data = whole.getvalue()
    if way == "member" and dice.random() < 0.4:
        data, told = _lying(dice, data)
    return data, f"{chosen} {told}"


def _odd(dice: random.Random, info: zipfile.ZipInfo) -> str:
    way = dice.choice(("name", "name", "kind", "method", "date", "left out", "twice", "comment"))
    if way == "name":
        token = str(dice.choice(HOSTILE)).replace("\0", "")
        name = dice.choice((token, f"files/{token}", f"files/{token}/x", f"files/x/{token}"))
        info.filename = (name or "files/")[:60_000]
    elif way == "kind":
        kinds = (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFSOCK)
        info.external_attr = (dice.choice(kinds) | 0o777) << 16
    elif way == "method":
        info.compress_type = dice.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED))
    elif way == "date":
        info.date_time = (1980, 0, 0, 0, 0, 0)
    elif way == "twice":
        info.filename = dice.choice(("run.json", "files/LOG.TXT", "files/log.txt/x", "files"))
    elif way == "comment":
        info.comment = bytes(dice.randrange(256) for _ in range(1000))
    return f"{way}: {info.filename[:40]!r}" if way != "left out" else way


def _lying(dice: random.Random, data: bytes) -> tuple[bytes, str]:
    """A number of the table of contents, or of its end, says something else."""
    changed = bytearray(data)
    end = changed.rfind(b"PK\5\6")
    entry = changed.find(b"PK\1\2")
    offsets = {"flags": 8, "method": 10, "crc": 16, "packed": 20, "size": 24, "where": 42}
    ends = {"count": 10, "contents": 12, "where": 16, "comment": 20}
    if dice.random() < 0.7:
        name = dice.choice(list(offsets))
        at, width = entry + offsets[name], "<H" if name in ("flags", "method") else "<I"
    else:
        name = dice.choice(list(ends))
        at, width = end + ends[name], "<I" if name in ("contents", "where") else "<H"
    wide = [int(n) for n in NUMBERS if isinstance(n, int) and 0 <= n < 2**32]
    number = dice.choice(wide) % (1 << 8 * struct.calcsize(width))
    struct.pack_into(width, changed, at, number)
    return bytes(changed), f"{name} says {number}"
