"""The words of each language: gettext catalogues, `assets/words/<language>/*.po`.

`pages.po` holds what the pages say, by a key such as `ask.title`. The other files hold what other
parts of the project say, by the English sentence as it stands there; English itself needs none of
them. All catalogues of a language are read as one, once in a process.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parents[2] / "assets" / "words"
LANGUAGES: Final = {"en": "English", "zh": "中文"}


@cache
def catalogue(language: str) -> GNUTranslations:
    """All that is said in one of `LANGUAGES`."""
    joined = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        written = BytesIO(path.read_bytes())
        for message in read_po(written, locale=language, abort_invalid=True):
            if message.id:  # the one without is the file's own header
                joined[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, joined)
    compiled.seek(0)
    return GNUTranslations(compiled)
