"""What stays in memory for good is not looked through for garbage again and again.

After every run of a page or of a part of it, once a second where a run is followed, Streamlit
collects garbage of all generations (`ScriptRunner._on_script_finished`). Most of what it looks
through are the modules that pages are made of: on a slow machine that takes longer than the page.
"""

from __future__ import annotations

import gc

_settled: set[str] = set()


def settle(page: str) -> None:
    """Leave out from now on what is in memory, once a page was shown for the first time.

    Args:
        page: Its address; each brings modules of its own.
    """
    if page not in _settled:
        _settled.add(page)
        gc.collect()
        gc.freeze()
