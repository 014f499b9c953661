"""The words of each language: a gettext catalogue, `assets/words/<language>.po`.

What the pages say goes by a key such as `ask.title`; what other parts of the project say, by the
English sentence as it stands there, which English itself need not repeat. A catalogue is read once
in a process.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parents[2] / "assets" / "words"
LANGUAGES: Final = {"en": "English", "zh": "中文"}


@cache
def catalogue(language: str) -> GNUTranslations:
    """All that is said in one of `LANGUAGES`."""
    written = BytesIO((FOLDER / f"{language}.po").read_bytes())
    compiled = BytesIO()
    write_mo(compiled, read_po(written, locale=language, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)
