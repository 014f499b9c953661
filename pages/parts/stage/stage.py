"""The stage on a page: one drawing that a reader plays, steps through and points at.

What is drawn is a `Stage`; what the reader chooses, the browser keeps, and it tells the page when
the hand rests, so that the tables beside it show the same hop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.parts.pictures.path_strip import SIGNS
from pages.parts.stage.record import Stage
from pages.parts.text import t_plain

ENGINE: Final = "d3/d3-selection-3.0.0-shape-3.2.0-transition-3.0.1.min.mjs"
"""The parts of D3 that draw it, below the folder that Streamlit serves as `app/static/`."""

ENGINE_SHA256: Final = "766ad75adce3f229f0ea5ca9a76dd03575171c5b324840d3dc5673f5b7d9cbff"

WORDS: Final = (
    "name", "keys", "failed", "begin", "back", "next", "play", "pause", "scrub", "hop", "attention",
    "download", "teacher", "student", "parting", "temperature", "alpha", "gold", "no_gold",
    "choices", "pull", "per_relation", "reveals", "hides", "as_it_is", "one_way", "stop", "start",
    "before", "take_away", "put_back", "put_all_back", "without", "picture", "halo",
)  # fmt: skip

COLDEST, HOTTEST = 0.25, 10.0
"""Temperatures between which a reader may soften."""

SCRIPTS: Final = ("stage.js", "what_if.js", "pictures.js", "halo.js")
"""Read one after the other, as one module."""

_HERE = Path(__file__).parent
_LIVE = st.components.v2.component(
    "pathdistill_stage",
    html='<div class="stage" data-testid="stage"></div>',
    css=(_HERE / "stage.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def stage(record: Stage, key: str, on_change: Callable[[str, str], None] | None = None) -> int:
    """Draw a question.

    Args:
        record: What to draw; its texts go into the browser as text.
        key: Stays the same while it is the same place of a page; a change is then drawn as one.
        on_change: Called with the kind and the id of what the reader takes away, or puts back, of a
            record that is `supposing`, before the page runs again; `("all", "")` puts all back.

    Returns:
        The hop that the reader looks at, 0 for the beginning; the last one at first.
    """
    hop = shown_hop(record, key)

    def tell() -> None:
        told = (st.session_state.get(key) or {}).get("change")
        if on_change and told:
            on_change(str(told["kind"]), str(told["id"]))

    _LIVE(
        key=key,
        data=_data(record, hop, shown_temperature(key)),
        default={"hop": hop, "temperature": 1.0},
        on_hop_change=lambda: None,
        on_temperature_change=lambda: None,
        on_change_change=tell,
    )
    return shown_hop(record, key)


def shown_hop(record: Stage, key: str) -> int:
    """The hop that the reader looks at."""
    hop = (st.session_state.get(key) or {}).get("hop")
    return record.steps if hop is None else max(0, min(record.steps, int(hop)))


def shown_temperature(key: str) -> float:
    """The temperature at which the reader left the stage, where it has one; 1 at first."""
    temperature = (st.session_state.get(key) or {}).get("temperature")
    return 1.0 if temperature is None else max(COLDEST, min(HOTTEST, float(temperature)))


def _data(record: Stage, hop: int, temperature: float) -> dict[str, Any]:
    return {
        **asdict(record),
        "question": record.words,
        "words": {name: t_plain(f"stage.{name}") for name in WORDS}
        | {f"verdict.{name}": t_plain(f"verdict.{name}") for name in SIGNS},
        "signs": SIGNS,
        "hop": hop,
        "temperature": temperature,
        "range": [COLDEST, HOTTEST],
        "engine": f"app/static/{ENGINE}",
    }
