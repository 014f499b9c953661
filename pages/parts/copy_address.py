"""A button that copies the address of the view, with what the address bar does not show.

What a person has typed stays out of the address bar, and so out of the browser's history; in an
address that is copied it is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from pages.parts.text import t_plain

_HERE = Path(__file__).parent
_LIVE = st.components.v2.component(
    "pathdistill_copy_address",
    html='<div class="copier" data-testid="copy-address"></div>',
    css=(_HERE / "copy_address.css").read_text(encoding="utf-8"),
    js=(_HERE / "copy_address.js").read_text(encoding="utf-8"),
)


def copy_address(key: str, **further: str | Sequence[str] | None) -> None:
    """Show the button.

    Args:
        key: Of the button.
        further: Parameters that the copied address has besides those in the address bar, each once
            for each of several values.
    """
    words = {name: t_plain(f"address.{name}") for name in ("copy", "copied", "by_hand")}
    kept = {name: [one] if isinstance(one, str) else [*one] for name, one in further.items() if one}
    _LIVE(key=key, data={"further": kept, "words": words})
