"""Catalogues of words: each language says every key, with the same gaps and all of its plurals."""

import re
from io import BytesIO
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from core.catalogue import CATALOGUE as ENTRIES
from pages.parts.catalogues import FOLDER, LANGUAGES, catalogue

HAN = re.compile("[\u3400-\u9fff]")
FILES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.po"))
OTHERS = sorted(set(LANGUAGES) - {"en"})


def read(language: str, name: str) -> Catalog:
    return opened(language, (FOLDER / language / name).read_bytes())


def opened(language: str, text: bytes) -> Catalog:
    return read_po(BytesIO(text), locale=language, abort_invalid=True)


def keys(found: Catalog) -> dict[str, tuple[str, ...]]:
    """The forms of each text by its key: one, or as many as the language has plurals."""
    return {
        (one.id if isinstance(one.id, str) else one.id[0]): (
            (one.string,) if isinstance(one.string, str) else tuple(one.string)
        )
        for one in found
        if one.id
    }


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def faults(reference: Catalog, other: Catalog) -> list[str]:
    """What is wrong with a catalogue beside that of another language: a line for each fault."""
    ours, theirs = keys(reference), keys(other)
    found = [f"{key}: missing" for key in ours if key not in theirs]
    found += [f"{key}: not in the other language" for key in theirs if key not in ours]
    for one in other:
        if not one.id:
            continue
        key = one.id if isinstance(one.id, str) else one.id[0]
        forms = theirs[key]
        if one.fuzzy:
            found.append(f"{key}: fuzzy")
        if not all(form.strip() for form in forms):
            found.append(f"{key}: empty")
        if one.pluralizable and len(forms) != other.num_plurals:
            found.append(f"{key}: {len(forms)} of {other.num_plurals} plural forms")
        if key in ours and (len(ours[key]) > 1) and not one.pluralizable:
            found.append(f"{key}: no plural forms")
        if key in ours and gaps(forms[-1]) != gaps(ours[key][-1]):
            found.append(f"{key}: {gaps(forms[-1])} is to be filled in, not {gaps(ours[key][-1])}")
        if one.pluralizable and "n" not in gaps(forms[-1]):
            found.append(f"{key}: counts nothing")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_every_key(language):
    assert faults(read("en", "pages.po"), read(language, "pages.po")) == []


SOUND = """
msgid "a"
msgstr "{name} is here."

msgid "b"
msgid_plural "b"
msgstr[0] "{n} row"
msgstr[1] "{n} rows"
"""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('msgid "a"\nmsgstr "{name} is here."', "", "a: missing"),
        ('msgid "a"', 'msgid "c"', "c: not in the other language"),
        ("{name} is", "{nome} is", "a: {'nome'} is to be filled in, not {'name'}"),
        ("{name} is here.", "", "a: empty"),
        ('msgstr[1] "{n} rows"', "", "b: empty"),
        ('msgstr[1] "{n} rows"', 'msgstr[1] ""', "b: empty"),
        ('msgid_plural "b"\nmsgstr[0]', "msgstr", "b: no plural forms"),
        ('msgid "a"', '#, fuzzy\nmsgid "a"', "a: fuzzy"),
    ],
)
def test_a_fault_is_named(before, after, fault):
    assert before in SOUND
    spoilt = SOUND.replace(before, after)
    if after == "msgstr":
        spoilt = spoilt.replace('msgstr[1] "{n} rows"', "")
    reference = opened("en", SOUND.encode())
    assert faults(reference, reference) == []
    assert fault in faults(reference, opened("en", spoilt.encode()))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_says_nothing_twice_and_names_its_language_and_plurals(path):
    text = (FOLDER / path).read_text(encoding="utf-8")
    found = opened(path.parts[0], text.encode())
    assert len(re.findall("^msgid ", text, re.MULTILINE)) == len(found) + 1  # the header's
    assert "#~ " not in text, "an obsolete text"
    header = dict(found.mime_headers)
    assert f'"Language: {path.parts[0]}\\n"' in text
    assert f'"Plural-Forms: {header["Plural-Forms"]}\\n"' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_in_two_files(language):
    said = [key for path in FILES if path.parts[0] == language for key in keys(read(*path.parts))]
    assert len(said) == len(set(said))


def test_chinese_is_chinese():
    english, chinese = keys(read("en", "pages.po")), keys(read("zh", "pages.po"))
    foreign = {key for key, forms in chinese.items() if not HAN.search(forms[0])}
    sentences = {key for key in foreign if re.search("[a-z]{4} [a-z]{4}", english[key][-1])}
    assert sentences == set()


@pytest.mark.parametrize("language", OTHERS)
def test_the_help_of_every_setting_is_translated_and_nothing_else_is(language):
    said = keys(read(language, "settings.po"))
    asked = {
        field.description for entry in ENTRIES for field in entry.settings.model_fields.values()
    }
    assert asked == set(said), "what a setting says of itself, and settings.po"
    assert all(forms[0].strip() for forms in said.values())


def test_a_catalogue_is_read_once():
    assert catalogue("zh") is catalogue("zh")
    assert catalogue("zh").ngettext("count.facts", "count.facts", 2) == "{n:,} 条事实"
    assert catalogue("en").ngettext("count.facts", "count.facts", 1) == "{n:,} fact"
