"""Questions in memory and on disk: one JSON line each, beside a summary.

questions.jsonl   {"id": ..., "text": ..., "language": ..., "topics": [...], "answers": [...], ...}
set.json          name, graph, graph hash, split, counts, languages, report
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from core.errors import FormatError, NotFound
from core.records import SPLITS, Question
from core.workspace import Workspace, read_json, write_json


@dataclass(frozen=True)
class QuestionSet:
    """Questions tied to one graph.

    Attributes:
        name: What a person calls the set.
        graph: Name of the graph that the questions are about.
        graph_hash: That graph's content hash when the set was made.
        split: How the questions were split: `grouped`, `levels`, `random` or `given`.
        questions: In the order of the file, every one in a split.
    """

    name: str
    graph: str
    graph_hash: str
    split: str
    questions: tuple[Question, ...]

    def part(self, split: str) -> tuple[Question, ...]:
        """The questions of `train`, `dev` or `test`.

        Raises:
            NotFound: For any other name.
        """
        if split not in SPLITS:
            raise NotFound(
                "There is no split {split!r}; there are {splits}.",
                split=split,
                splits=", ".join(SPLITS),
            )
        return tuple(question for question in self.questions if question.split == split)

    @property
    def counts(self) -> dict[str, int]:
        """Questions in each split."""
        found = Counter(question.split for question in self.questions)
        return {split: found[split] for split in SPLITS}

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that occur, sorted."""
        return tuple(sorted({question.language for question in self.questions}))

    def save(self, folder: Path, report: Mapping[str, Any]) -> None:
        """Write the set into a folder that exists, with the report of how it was made."""
        write_questions(folder / "questions.jsonl", self.questions)
        summary = {
            "name": self.name,
            "graph": self.graph,
            "graph_hash": self.graph_hash,
            "split": self.split,
            "counts": self.counts,
            "languages": list(self.languages),
            "report": dict(report),
        }
        write_json(folder / "set.json", summary)

    @classmethod
    def open(cls, folder: Path) -> QuestionSet:
        """Open a saved set.

        Raises:
            FormatError: If a file is missing or damaged.
        """
        summary = read_json(folder / "set.json")
        questions = tuple(_stored(folder / "questions.jsonl"))
        return cls(
            summary["name"], summary["graph"], summary["graph_hash"], summary["split"], questions
        )


def load_questions(workspace: Workspace, name: str) -> QuestionSet:
    """Open a question set by name.

    Raises:
        NotFound: If the workspace has none of that name.
        FormatError: If its files are damaged.
    """
    return QuestionSet.open(workspace.open("questions", name))


def write_questions(path: Path, questions: Iterable[Question]) -> None:
    """Write questions as JSON lines."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for question in questions:
            file.write(json.dumps(asdict(question), ensure_ascii=False) + "\n")


def question_from(row: Mapping[str, Any]) -> Question:
    """A question from the fields of one of our JSON lines.

    Raises:
        TypeError, KeyError: If a field is missing, unknown or not what it should be.
    """
    values = dict(row)
    for name in ("topics", "answers"):
        values[name] = tuple(values[name])
    values["paths"] = tuple(tuple(path) for path in values["paths"])
    values["wordings"] = tuple(values.get("wordings", ()))
    return Question(**values)


def _stored(path: Path) -> Iterable[Question]:
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                number += 1
                yield question_from(json.loads(line))
    except FileNotFoundError as error:
        raise FormatError(
            "{name} is missing from {parent}.", name=path.name, parent=path.parent
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        expected = ", ".join(field.name for field in fields(Question))
        raise FormatError(
            "{path} is damaged at line {number}: expected an object with {expected}; import or "
            "generate the questions again.",
            path=path,
            number=number,
            expected=expected,
        ) from error
