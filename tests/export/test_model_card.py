"""The card says what there is to say, and foreign text stays text."""

import ast
import re
from dataclasses import replace

import pytest
from stand_ins import results

from core.export.model_card import Subject, base_model, known_licence, model_card
from core.settings import DistillSettings

SCORED = results.evaluation(
    "student",
    decoding="constrained",
    questions=1200,
    hits_at_1=0.9512,
    f1=0.94,
    path_exact_match=None,
    question_set="films",
)


def card_of(student="tiny", **changes):
    settings = DistillSettings(name="s", teacher="t", student=student, alpha=0.3).model_dump()
    card = {
        "name": "s",
        "graph": "films",
        "graph_hash": "ab" * 32,
        "questions": "films",
        "teacher": "t",
        "parameters": 529_024,
        "settings": settings,
    }
    given = {
        "card": card,
        "languages": ["en", "zh"],
        "evaluations": [SCORED],
        "licence": None,
        "prompt": 'Who is <topic>\'s "spouse"?\n<path>',
        "read": " who is<topic> s spouse<path>",
        "topic": "joe_biden",
        "files": ["config.json", "model.safetensors"],
        **changes,
    }
    return model_card(Subject(**given))


def scripts(card):
    return re.findall(r"^```python\n(.*?)^```", card, re.S | re.M)


def test_data_settings_scores_and_licence_are_told():
    said = card_of(licence="CC-BY-4.0")
    assert said.startswith("---\nlicense: cc-by-4.0\nlibrary_name: transformers\nlanguage:\n- en\n")
    assert "| Graph | `films` (SHA-256 `abababababababab`) |" in said
    assert "| alpha | `0.3` |" in said and "| Weights | 529,024 |" in said
    assert "| `films` | test (grouped) | constrained | 1,200 | 0.951 | 0.940 | - | 1.000 |" in said
    assert said.rstrip().endswith("CC-BY-4.0.")


def test_what_is_not_known_is_said():
    said = card_of(evaluations=[], languages=[])
    assert "license: other\n" in said and "Not stated: say it before you pass the model on." in said
    assert "It was not evaluated." in said and "language:" not in said


def test_the_base_is_named_without_places_on_this_machine():
    assert base_model({"settings": {"student": "tiny"}}) is None
    preset = {"settings": {"student": "SmolLM2-135M"}}
    assert base_model(preset) == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert known_licence(preset) == "Apache-2.0"
    assert known_licence({"settings": {"student": "someone/model"}}) is None
    said = card_of(student="/home/ann/models/llama")
    assert "/home/ann" not in said and "`llama`" in said and "base_model" not in said
    said = card_of(student="SmolLM2-135M")
    assert "base_model: HuggingFaceTB/SmolLM2-135M-Instruct\n" in said
    assert "dequantised from about four bits" in said


@pytest.mark.parametrize(
    "files",
    [
        ["config.json"],
        ["adapter_config.json"],
        ["s.gguf"],
        ["config.json", "triples.csv"],
        ["s.gguf", "triples.csv"],
    ],
)
def test_scripts_are_python_of_a_few_lines(files):
    for script in scripts(card_of(files=files)):
        ast.parse(script)
        assert len(script.splitlines()) <= 9
    assert len(scripts(card_of(files=files))) == 1 + ("triples.csv" in files)


def test_foreign_text_stays_text():
    evil = "```\n# <script>alert(1)</script>\n'''\"\\"
    said = card_of(prompt=evil, topic=evil)
    first = next(script for script in scripts(said) if "tokenizer(" in script)
    call = next(node for node in ast.walk(ast.parse(first)) if getattr(node, "value", 0) == evil)
    assert isinstance(call, ast.Constant)
    broken = replace(SCORED, question_set="a | `b` |\n# c")
    assert "| `a / 'b' / # c` |" in card_of(evaluations=[broken])


def test_a_page_needs_no_script():
    said = card_of(files=["s.html"])
    assert "Open `s.html` in a browser." in said and not scripts(said)
