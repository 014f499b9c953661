"""Messages in two languages: templates, values, what is stored of them."""

import json
from string import Formatter

import pytest

from core.errors import FormatError, SettingsError
from core.messages import _SPEC, Message
from tests.told import templates

CHINESE = {
    "{file} is not JSON: {error}.": "{file} 不是 JSON：{error}。",
    "it nests {depth:,} deep": "嵌套了 {depth:,} 层",
    "Braces {stay}.": "花括号 {stay}。",
}


def in_chinese(template):
    return CHINESE.get(template, template)


def inner():
    return ValueError(Message("it nests {depth:,} deep", depth=5000))


def test_message_reads_as_its_english_sentence():
    assert Message("it nests {depth:,} deep", depth=5000) == "it nests 5,000 deep"
    assert Message("Braces {stay}.") == "Braces {stay}."


def test_error_is_told_in_another_language_with_what_it_quotes():
    error = FormatError("{file} is not JSON: {error}.", file="a {b}.json", error=inner())
    assert str(error) == "a {b}.json is not JSON: it nests 5,000 deep."
    assert error.told(in_chinese) == "a {b}.json 不是 JSON：嵌套了 5,000 层。"


def test_message_without_translation_stays_english():
    assert SettingsError("No {what}.", what="way").told(in_chinese) == "No way."
    assert Message("Braces {stay}.").told(in_chinese) == "花括号 {stay}。"


def test_error_about_an_error_is_told_whole():
    first = FormatError("{file} is not JSON: {error}.", file="x", error=inner())
    second = SettingsError("Refused: {error}", error=first)
    assert second.told(in_chinese) == "Refused: x 不是 JSON：嵌套了 5,000 层。"


def test_message_is_stored_as_json_and_read_back():
    error = FormatError("{file} is not JSON: {error}.", file="x", error=inner())
    stored = json.loads(json.dumps(error.message.as_record()))
    back = Message.from_record(stored)
    assert back == str(error) and back.told(in_chinese) == error.told(in_chinese)


@pytest.mark.parametrize(
    "record", [{}, {"template": "{a}", "values": {"b": 1}}, {"template": "x", "values": 3}]
)
def test_what_is_no_message_is_refused(record):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Message.from_record(record)


@pytest.mark.parametrize("asked", ["{a.told}", "{a[0]}", "{a:>99999999}", "{a:{a}}", "{}", "{0}"])
def test_a_stored_template_asks_for_nothing_but_values(asked):
    inner = {"template": "x", "values": {}}
    with pytest.raises((KeyError, TypeError, ValueError)):
        Message.from_record({"template": asked, "values": {"a": inner}})


def test_every_template_of_the_project_can_be_read_back():
    for found in templates().values():
        for template in found:
            for _, name, spec, _ in Formatter().parse(template):
                assert name is None or (name.isidentifier() and _SPEC.fullmatch(spec)), template
