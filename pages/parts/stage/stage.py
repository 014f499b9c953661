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
from pages.parts.state import asked_number, remember
from pages.parts.text import t_plain

ENGINE: Final = "d3/d3-selection-3.0.0-shape-3.2.0-transition-3.0.1.min.mjs"
"""The parts of D3 that draw it, below the folder that Streamlit serves as `app/static/`."""

ENGINE_SHA256: Final = "766ad75adce3f229f0ea5ca9a76dd03575171c5b324840d3dc5673f5b7d9cbff"

WORDS: Final = (
    "name", "keys", "failed", "begin", "back", "next", "play", "pause", "scrub", "hop", "attention",
    "download", "teacher", "student", "parting", "temperature", "alpha", "gold", "no_gold",
    "choices", "pull", "per_relation", "reveals", "hides", "as_it_is", "one_way", "stop", "start",
    "before", "take_away", "undo", "undo_all", "supposed", "picture", "animation",
    "halo",
)  # fmt: skip

FILM_WORDS: Final = ("keys", "back", "next", "scrub", "step", "curve")
"""Of a film, by `stage.film_...`; some of them in place of those above."""

COLDEST, HOTTEST = 0.25, 10.0
"""Temperatures between which a reader may soften."""

SCRIPTS: Final = ("stage.js", "what_if.js", "learning.js", "pictures.js", "halo.js")
"""Read one after the other, as one module."""

_HERE = Path(__file__).parent
_LIVE = st.components.v2.component(
    "pathdistill_stage",
    html='<div class="stage" data-testid="stage"></div>',
    css=(_HERE / "stage.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def stage(
    record: Stage,
    key: str,
    on_change: Callable[[str, str], None] | None = None,
    *,
    in_address: bool = False,
) -> int:
    """Draw a question.

    Args:
        record: What to draw; its texts go into the browser as text.
        key: Stays the same while it is the same place of a page; a change is then drawn as one.
        on_change: Called with the kind and the id of what the reader takes away, or undoes, of a
            record that is `supposing`, before the page runs again; `("all", "")` undoes all.
        in_address: Whether the address opens it as the reader left it (`hop`, `t`, `alpha`); for
            one stage of a page.

    Returns:
        The hop that the reader looks at, 0 for the beginning; the last one at first.
    """
    if in_address:
        _restore(record, key)
    hop = shown_hop(record, key)

    def tell() -> None:
        told = (st.session_state.get(key) or {}).get("change")
        if on_change and told:
            on_change(str(told["kind"]), str(told["id"]))

    _LIVE(
        key=key,
        data=_data(record, hop, shown_temperature(key), shown_alpha(key)),
        default={"hop": hop, "temperature": shown_temperature(key), "alpha": shown_alpha(key)},
        on_hop_change=lambda: None,
        on_temperature_change=lambda: None,
        on_alpha_change=lambda: None,
        on_change_change=tell,
    )
    if in_address:
        _remember(record, key)
    return shown_hop(record, key)


def shown_hop(record: Stage, key: str) -> int:
    """The hop that the reader looks at."""
    hop = _chosen(key, "hop")
    return record.steps if hop is None else max(0, min(record.steps, int(hop)))


def shown_temperature(key: str) -> float:
    """The temperature at which the reader left the stage, where it has one; 1 at first."""
    temperature = _chosen(key, "temperature")
    return 1.0 if temperature is None else max(COLDEST, min(HOTTEST, float(temperature)))


def shown_alpha(key: str) -> float:
    """The share of gold at which the reader left it; a half at first."""
    alpha = _chosen(key, "alpha")
    return 0.5 if alpha is None else max(0.0, min(1.0, float(alpha)))


def _chosen(key: str, name: str) -> Any:
    """What the reader has chosen, or the address said at first; None where neither did."""
    begun = st.session_state.get(f"{key}.begun") or {}
    return (st.session_state.get(key) or begun).get(name)


def _restore(record: Stage, key: str) -> None:
    """Begin where the address says."""
    if key not in st.session_state:
        st.session_state[f"{key}.begun"] = {
            "hop": asked_number("hop", 0, record.steps),
            "temperature": asked_number("t", COLDEST, HOTTEST),
            "alpha": asked_number("alpha", 0, 1),
        }


def _remember(record: Stage, key: str) -> None:
    """Write what the reader has chosen into the address, unless it is so at first anyway."""
    hop, temperature, alpha = shown_hop(record, key), shown_temperature(key), shown_alpha(key)
    remember(
        hop=None if hop == record.steps else str(hop),
        t=f"{temperature:.2f}" if record.soft and temperature != 1 else None,
        alpha=f"{alpha:.2f}" if record.soft and alpha != 0.5 else None,
    )


def _data(record: Stage, hop: int, temperature: float, alpha: float) -> dict[str, Any]:
    return {
        **asdict(record),
        "question": record.words,
        "words": {name: t_plain(f"stage.{name}") for name in WORDS}
        | {f"verdict.{name}": t_plain(f"verdict.{name}") for name in SIGNS}
        | {name: t_plain(f"stage.film_{name}") for name in FILM_WORDS if record.reel},
        "signs": SIGNS,
        "hop": hop,
        "temperature": temperature,
        "alpha": alpha,
        "range": [COLDEST, HOTTEST],
        "engine": f"app/static/{ENGINE}",
    }
