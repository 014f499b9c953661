"""Catalogues of words: each language says every key, with the same gaps and all of its plurals."""

import re
from io import BytesIO
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from core.catalogue import CATALOGUE as ENTRIES
from core.results.evaluation import SHOWN
from pages.parts.catalogues import FOLDER, LANGUAGES, catalogue

HAN = re.compile("[\u3400-\u9fff]")
IN_CODE = re.compile(r"(field|score)\.\w+")
"""Keys that English may lack: there the name in the code is read instead."""
OTHERS = sorted(set(LANGUAGES) - {"en"})


def read(language: str) -> Catalog:
    return opened(language, (FOLDER / f"{language}.po").read_bytes())


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


def is_key(id: str) -> bool:
    """Whether a text goes by a key, and not by an English sentence of the code."""
    return re.fullmatch(r"[a-z_]+(\.[^\s{}]+)+", id) is not None


def words_of_pages(language: str) -> Catalog:
    """A language's catalogue without what stands for sentences of the code."""
    whole = read(language)
    for one in list(whole):
        if isinstance(one.id, str) and one.id and not is_key(one.id):
            whole.delete(one.id)
    return whole


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def faults(reference: Catalog, other: Catalog) -> list[str]:
    """What is wrong with a catalogue beside that of another language: a line for each fault."""
    ours, theirs = keys(reference), keys(other)
    found = [f"{key}: missing" for key in ours if key not in theirs]
    found += [
        f"{key}: not in the other language"
        for key in theirs
        if key not in ours and not IN_CODE.fullmatch(key)
    ]
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
    assert faults(words_of_pages("en"), words_of_pages(language)) == []


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_names_every_setting_and_score(language):
    said = keys(read(language))
    wanted = {f"field.{name}" for entry in ENTRIES for name in entry.settings.model_fields}
    wanted |= {f"score.{name}" for name in SHOWN}
    assert not wanted - said.keys(), f"{language}.po lacks these"


def test_what_english_says_is_all_by_key():
    assert all(is_key(key) for key in keys(read("en")))


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_nothing_twice_and_names_its_language_and_plurals(language):
    text = (FOLDER / f"{language}.po").read_text(encoding="utf-8")
    found = opened(language, text.encode())
    assert len(re.findall("^msgid ", text, re.MULTILINE)) == len(found) + 1  # the header's
    assert "#~ " not in text, "an obsolete text"
    header = dict(found.mime_headers)
    assert f'"Language: {language}\\n"' in text
    assert f'"Plural-Forms: {header["Plural-Forms"]}\\n"' in text


def test_the_catalogues_are_those_of_the_languages():
    assert {path.name for path in FOLDER.iterdir()} == {f"{code}.po" for code in LANGUAGES}


def test_chinese_is_chinese():
    english, chinese = keys(read("en")), keys(words_of_pages("zh"))
    foreign = {key for key, forms in chinese.items() if not HAN.search(forms[0])}
    sentences = {
        key for key in foreign if re.search("[a-z]{4} [a-z]{4}", english.get(key, ("",))[-1])
    }
    assert sentences == set()


@pytest.mark.parametrize("language", OTHERS)
def test_the_help_of_every_setting_is_translated(language):
    said = keys(read(language))
    asked = {
        field.description for entry in ENTRIES for field in entry.settings.model_fields.values()
    }
    assert not {text for text in asked if not said.get(text, ("",))[0].strip()}


def test_a_catalogue_is_read_once():
    assert catalogue("zh") is catalogue("zh")
    assert catalogue("zh").ngettext("count.facts", "count.facts", 2) == "{n:,} 条事实"
    assert catalogue("en").ngettext("count.facts", "count.facts", 1) == "{n:,} fact"
