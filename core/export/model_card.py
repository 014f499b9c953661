"""A model card: what a student is, how to use it, what it learned from and how well.

The text is Markdown with the header that the Hugging Face hub reads. Names and questions come from
people, so they appear as code, never as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.pretrained.presets import BILINGUAL, BUILT, PRESETS
from core.results.evaluation import Evaluation
from core.student.prompts import STOP

SCORES = ("hits_at_1", "f1", "path_exact_match", "path_validity")

UNKNOWN = "other"
"""The hub's word for a licence that it does not list."""


@dataclass(frozen=True)
class Subject:
    """What a card is about.

    Attributes:
        card: The student's card.json.
        languages: Of the questions that it learned from.
        evaluations: What evaluations found.
        licence: SPDX identifier, or None where nobody has said.
        prompt: A question as it is asked, its topic masked, up to and with `<path>`.
        read: The same in the form that the student's tokenizer gives it.
        topic: Id of that question's topic.
        files: Names of what lies beside the card.
    """

    card: Mapping[str, Any]
    languages: Sequence[str]
    evaluations: Sequence[Evaluation]
    licence: str | None
    prompt: str
    read: str
    topic: str
    files: Sequence[str]


def base_model(card: Mapping[str, Any]) -> str | None:
    """Hub id or name of the model that a student began as; None for one that was built here."""
    student = str(card["settings"]["student"])
    if student in BUILT:
        return None
    if student in PRESETS:
        return PRESETS[student].source
    return Path(student).name if Path(student).is_absolute() else student


def known_licence(card: Mapping[str, Any]) -> str | None:
    """The licence of the model that a student began as, where it is known."""
    base = base_model(card)
    if base is None:
        return BUILT[card["settings"]["student"]].licence or None
    found = [p.licence for p in PRESETS.values() if base == p.source]
    return found[0] if found else None


def model_card(subject: Subject) -> str:
    """The card as text."""
    return "\n".join(
        [
            *_header(subject),
            *_about(subject),
            *_use(subject),
            *_learning(subject),
            *_scores(subject),
        ]
        + _limits(subject)
    )


def _header(subject: Subject) -> list[str]:
    base = base_model(subject.card)
    return [
        "---",
        f"license: {(subject.licence or UNKNOWN).lower()}",
        "library_name: transformers",
        *([f"base_model: {base}"] if base and "/" in base else []),
        *(["language:", *(f"- {code}" for code in subject.languages)] if subject.languages else []),
        "tags:",
        "- knowledge-graph",
        "- question-answering",
        "- pathdistill",
        "---",
    ]


def _about(subject: Subject) -> list[str]:
    card = subject.card
    return [
        f"# {_code(card['name'])}",
        "",
        "A language model that answers a question about a knowledge graph with a path: the "
        "relations to follow from the question's topic. It was distilled from a graph-neural "
        "teacher with PathDistill. It knows paths, not facts: walk its path in the graph to find "
        "the answer.",
        "",
    ]


def _use(subject: Subject) -> list[str]:
    """The scripts; the prompt is written as a Python literal and cannot leave its quotes."""
    page = next((name for name in subject.files if name.endswith(".html")), None)
    if page is not None:
        how = "It holds the student and its graph, and answers by itself: no server, no network."
        return ["## Use", "", f"Open {_code(page)} in a browser. {how}", ""]
    lines = ["## Use", "", "The topic's mention in the question becomes `<topic>`.", ""]
    gguf = next((name for name in subject.files if name.endswith(".gguf")), None)
    if gguf is None:
        lines += _transformers_script(subject)
    else:
        lines += [
            "With a binding of llama.cpp, here xllamacpp; the `<stop>` at the end is not shown:",
            "",
            "```python",
            "from tokenizers import Tokenizer",
            "from xllamacpp import CommonParams, Server",
            'tokenizer, parameters = Tokenizer.from_file("tokenizer.json"), CommonParams()',
            f'parameters.model.path = "{gguf}"',
            f"question = tokenizer.encode({subject.prompt!r}, add_special_tokens=False).ids",
            'asked = {"prompt": question, "max_tokens": 96, "temperature": 0}',
            "said = Server(parameters).handle_completions(asked)",
            'print(said["choices"][0]["text"])',
            "```",
            "",
            "The tokenizer puts a question into the form that the student has learned to read, "
            "which a GGUF file cannot say. Where only a text can be given, give it in that form, "
            f"blanks included: {_code(repr(subject.read))}.",
            "",
        ]
    if "triples.csv" in subject.files:
        lines += _walk_script(subject)
    return lines


def _transformers_script(subject: Subject) -> list[str]:
    adapter = "adapter_config.json" in subject.files
    library, kind = "transformers", "AutoModelForCausalLM"
    reader = "PreTrainedTokenizerFast"  # others may make the tokenizer anew, without normal form
    first = [f"from {library} import {kind}, {reader}"]
    if adapter:
        kind = "AutoPeftModelForCausalLM"
        first = [f"from peft import {kind}", f"from transformers import {reader}"]
    return [
        "```python",
        *first,
        f'tokenizer, model = {reader}.from_pretrained("."), {kind}.from_pretrained(".")',
        f'question = tokenizer({subject.prompt!r}, return_tensors="pt", add_special_tokens=False)',
        'said = model.generate(**question, max_new_tokens=96)[0, question["input_ids"].shape[1] :]',
        "print(tokenizer.decode(said))",
        "```",
        "",
    ]


def _walk_script(subject: Subject) -> list[str]:
    text = 'said["choices"][0]["text"]' if _is_gguf(subject) else "tokenizer.decode(said)"
    return [
        "The graph lies beside, so the path can be walked to the answer (`~` goes backward):",
        "",
        "```python",
        "import csv",
        'with open("triples.csv", encoding="utf-8", newline="") as file:',
        "    facts = list(csv.reader(file))",
        f"here = {{{subject.topic!r}}}",
        f'for relation in {text}.removesuffix("{STOP}").split("<hop>")[:-1]:',
        "    here = {t for h, r, t in facts if r == relation and h in here} | {",
        '        h for h, r, t in facts if "~" + r == relation and t in here',
        "    }",
        "print(here)",
        "```",
        "",
    ]


def _is_gguf(subject: Subject) -> bool:
    return any(name.endswith(".gguf") for name in subject.files)


def _learning(subject: Subject) -> list[str]:
    card = subject.card
    settings = dict(card["settings"])
    settings["student"] = base_model(card) or settings["student"]
    facts = {
        "Graph": f"{_code(card['graph'])} (SHA-256 `{card['graph_hash'][:16]}`)",
        "Questions": _code(card["questions"]),
        "Teacher": _code(card["teacher"]),
        "Weights": f"{card['parameters']:,}",
    }
    hidden = ("name", "teacher", "questions", "replace", "device")
    told = {name: value for name, value in settings.items() if name not in hidden}
    rows = [f"| {name} | {value} |" for name, value in facts.items()]
    rows += [f"| {name} | {_code(value)} |" for name, value in told.items() if value is not None]
    return ["## What it learned from", "", "| | |", "|---|---|", *rows, ""]


def _scores(subject: Subject) -> list[str]:
    lines = ["## Scores", ""]
    if not subject.evaluations:
        return [*lines, "It was not evaluated.", ""]
    names = ("questions", "split", "decoding", "n", *SCORES)
    lines += [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    for found in subject.evaluations:
        cells = [
            _code(found.question_set),
            f"{found.split} ({found.split_kind})",
            found.decoding,
            f"{found.questions:,}",
            *(_score(getattr(found, name)) for name in SCORES),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _limits(subject: Subject) -> list[str]:
    said = subject.licence or "not stated: say it before you pass the model on"
    lines = [
        "## Limits",
        "",
        "- Speaking freely it may say relations that do not lead on; within PathDistill it can be "
        "confined to paths that exist.",
        "- It knows the relations of one graph. Combinations of them that no question asked for "
        "are mostly beyond a small student.",
    ]
    student = str(subject.card["settings"]["student"])
    if student == BILINGUAL:
        lines.append(
            "- Its word vectors are those of the multilingual Universal Sentence Encoder, version "
            "3 (Apache-2.0), in six bits a number, cut to the student's width."
        )
    preset = PRESETS.get(student)
    if preset is not None and preset.package is not None:
        lines.append("- Its base was dequantised from about four bits a weight.")
    return [
        *lines,
        "",
        "## Licence",
        "",
        f"{said.capitalize() if not subject.licence else said}.",
        "",
    ]


def _code(value: object) -> str:
    """Foreign text as code within a line of a table."""
    text = " ".join(str(value).split()).replace("`", "'").replace("|", "/")
    return f"`{text}`"
