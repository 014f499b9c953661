"""Files of questions in every format, split files and tables of phrases."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from core.report import Silent
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace
from tests.family_graph import family
from tests.fuzz.cases import Case, spoilt_bytes, spoilt_table, spoilt_value
from tests.fuzz.tables import no_file

PEOPLE = ("ann", "bob", "carl", "dora", "emma", "finn", "gina")
ASKED = [
    {"id": f"q{number}", "text": f"Where is {name} from?", "language": "en", "topics": [name],
     "answers": ["norway", "peru"], "paths": [["nationality"]], "split": "train"}
    for number, name in enumerate(PEOPLE)
]  # fmt: skip
FORMATS = ("jsonl", "pathquestion", "metaqa", "nlpcc-mh", "wc2014")
PHRASES = [
    ["path", "language", "phrase", "plural", "example"],
    ["nationality", "en", "the country of {x}", "the countries of {x}", "ann"],
    ["spouse child", "en", "Who is the child of {x}'s spouse?", "", ""],
    ["nationality", "zh", "{x}的国家", "", ""],
]


def prepare(workspace: Path) -> None:
    """The graph that the questions are about."""
    with Workspace(workspace).publish("graphs", "family") as folder:
        family(workspace).save(folder)
    for path in workspace.glob("*.tsv"):
        path.unlink()


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """A file of questions, a split file or a table of phrases is spoilt."""
    chosen = dice.choice((*FORMATS, "jsonl", "split", "phrases"))
    values: dict[str, Any] = {"name": "asked", "graph": "family"}
    if chosen == "phrases":
        rows, about = spoilt_table(dice, PHRASES)
        data = "".join("\t".join(row) + "\n" for row in rows).encode()
        recipe, key = load_recipe("generate_questions"), "phrases"
        values |= {"count": 10, "hops": 2}
    elif chosen == "split":
        parts = {f"q{n}": ("train", "dev", "test")[n % 3] for n in range(len(ASKED))}
        parts, about = spoilt_value(dice, parts)
        data = _json(parts)
        recipe, key = load_recipe("import_questions"), "split_file"
        plain = place / "asked.jsonl"
        plain.write_bytes(b"".join(_json(row) + b"\n" for row in ASKED))
        values |= {"files": [str(plain)], "split": "given"}
    else:
        data, about = _questions(dice, chosen)
        recipe, key = load_recipe("import_questions"), "files"
        values |= {"format": chosen, "split": dice.choice(("grouped", "random", "given"))}
    if dice.random() < 0.4:
        data, told = spoilt_bytes(dice, data)
        about = f"{about}, {told}"
    path = place / f"{chosen}.txt"
    if dice.random() < 0.03:
        about = no_file(dice, path)
    else:
        path.write_bytes(data)
    values[key] = [str(path)] if key == "files" else str(path)
    return Case(f"{chosen}: {about}", lambda: recipe(values, Silent(), Workspace(workspace)))


def _questions(dice: random.Random, format: str) -> tuple[bytes, str]:
    if format == "jsonl":
        rows, about = spoilt_value(dice, ASKED)
        rows = rows if isinstance(rows, list) else [rows]
        return b"".join(_json(row) + b"\n" for row in rows), about
    if format == "nlpcc-mh":
        asked: Any = [
            {"q": row["text"], "path": [[*row["topics"], "nationality", "peru"]]} for row in ASKED
        ]
        asked, about = spoilt_value(dice, asked)
        return _json(asked), about
    tables = {
        "pathquestion": [
            [f"where is {n} from", "peru(peru/norway/)", f"{n}#nationality#peru"] for n in PEOPLE
        ],
        "metaqa": [[f"where is [{name}] from", "norway|peru"] for name in PEOPLE],
        "wc2014": [
            [f"where is {n} from", "peru", f"{n}#nationality#peru", "peru/", "x"] for n in PEOPLE
        ],
    }
    rows, about = spoilt_table(dice, tables[format])
    return "".join("\t".join(row) + "\n" for row in rows).encode(), about


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except ValueError:  # a number of more digits than Python writes
        return b"9" * 5000
