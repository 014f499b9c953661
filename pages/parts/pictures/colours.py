"""Colours of charts, after Okabe and Ito: told apart without seeing red or green as well."""

from __future__ import annotations

from typing import Final

GREY: Final = "#8a8f98"
BLUE: Final = "#0072b2"
ORANGE: Final = "#d55e00"
