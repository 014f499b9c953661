"""A clock that can be set: the `time.time` of a process that finds this is off by a file's word."""

import os
import time
from pathlib import Path

_now, _file = time.time, Path(os.environ["SHIFTED_CLOCK"])


def _shifted():
    try:
        return _now() + float(_file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):  # not set, or being set right now
        return _now()


time.time = _shifted
