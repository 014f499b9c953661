"""Every error can be told in every language."""

import re

import pytest
from babel.messages.pofile import read_po

from core.catalogue import CATALOGUE
from pages.parts.catalogues import FOLDER, LANGUAGES
from tests.pages.test_catalogues import is_key
from tests.told import templates, unreadable

FOREIGN = sorted(set(LANGUAGES) - {"en"})


HELP = {field.description for entry in CATALOGUE for field in entry.settings.model_fields.values()}


def translations(language):
    """What a catalogue has by an English sentence, the help of settings apart."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        said = {m.id: m.string for m in read_po(file, locale=language) if isinstance(m.id, str)}
    return {id: text for id, text in said.items() if id and not is_key(id) and id not in HELP}


def names(text):
    return set(re.findall(r"{(\w+)", text.replace("{{", "").replace("}}", "")))


@pytest.mark.parametrize("language", FOREIGN)
def test_every_error_has_a_translation_and_every_translation_an_error(language):
    said = translations(language)
    wanted = {text: place for place, texts in templates().items() for text in texts}
    missing = {text: place for text, place in wanted.items() if not said.get(text)}
    assert not missing, f"{language}.po lacks these"
    assert not said.keys() - wanted.keys(), f"{language}.po has these that nobody says"


@pytest.mark.parametrize("language", FOREIGN)
def test_a_translation_holds_the_values_of_its_sentence(language):
    for text, translated in translations(language).items():
        assert names(translated) == names(text), text


def test_no_error_is_put_together_before_it_is_made():
    assert not list(unreadable())


def test_the_reading_of_templates_finds_them():
    found = templates()
    assert "it nests too deeply" in found["core/foreign_files.py"]
    assert sum(map(len, found.values())) > 300
