"""Files of questions in the public formats, tied to a graph, with a report of every row left out.

    jsonl          ours, one question per line; or just question, topic(s), answers, path(s); or all
                   of them as one JSON list, or one after the other over several lines each
    pathquestion   question TAB answer(a1/a2/) TAB s#r1#e1#r2#a1[#<end>#a1]
    metaqa         text with [topic] TAB a1|a2; or JSON lines with topic_entity and relation_path
    nlpcc-mh       a JSON list of {"q": text, "path": [[head, relation, tail], ...]}
    wc2014         question TAB a1 TAB s#r1#a1[#<end>#a1] TAB a1/a2/ TAB subgraph [TAB topics]; a
                   conjunctive question has one path per topic, joined by *

A line of ours may have no answers, if its path ends in what the graph lacks:
`{"question": "Who is its mayor?", "topic": "scranton", "answers": [], "path": ["∄mayor"]}`.

NLPCC-MH names one answer, the tail of its last triple, even where the relation has several values;
the question asks for all of them, so its answer set is what the gold path reaches in the graph.

A row is skipped where it cannot be read or cannot be asked of the graph (see `tying`).
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import FormatError
from core.foreign_files import LARGEST_JSON, lines_of, parse_json
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers.packed import open_unpacked
from core.plain_text import language_of
from core.questions.tying import known_entities, tied
from core.records import LONGEST_QUESTION, Question, RelationPath, looked_for
from core.results.graph import Finding
from core.results.questions import ReadReport

SHOWN = 20
"""Skipped rows that a report lists."""

LONGEST_ID = 200
"""Characters of a question's id."""

_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")  # JSON can hold them, no page can show them
_SPREAD = re.compile(rb"\{\s*\n")  # an object that is printed over several lines
_NEXT = re.compile(r"\S")
_SPLITS = {"training": "train", "val": "dev", "valid": "dev", "validation": "dev"}
_SPLITS |= {name: name for name in ("train", "dev", "test")}


@dataclass(frozen=True)
class _Row:
    """A row as its file has it: `whole_answer` is false where the file names only one answer."""

    finding: Finding
    question: Question
    whole_answer: bool = True


_Rows = Iterator["_Row | Finding"]


class _Unreadable(Exception):
    """A row that is not what its format asks for; the text says why."""


def read_questions(
    format: str, files: Sequence[str | Path], graph: KnowledgeGraph
) -> tuple[tuple[Question, ...], ReadReport]:
    """Read questions and tie them to a graph.

    Args:
        format: `jsonl`, `pathquestion`, `metaqa`, `nlpcc-mh` or `wc2014`.
        files: One or more files of that format.
        graph: The graph that topics, answers and paths are looked up in.

    Raises:
        FormatError: If a file cannot be read at all, or no row of any can be used.
    """
    sources = _named([Path(file) for file in files])
    rows = [row for path, name in sources for row in _READERS[format](path, name)]
    known = known_entities(graph, (row.question for row in rows if isinstance(row, _Row)))
    kept: dict[str, Question] = {}
    findings: list[Finding] = []
    dropped = 0
    for row in rows:
        if isinstance(row, Finding):
            findings.append(row)
            continue
        if row.question.id in kept:
            why = f"the id {row.question.id!r} is used by an earlier question"
            findings.append(replace(row.finding, why=why))
            continue
        if why := _unaskable(row.question):
            findings.append(replace(row.finding, why=why))
            continue
        question, why = tied(row.question, graph, known, whole_answer=row.whole_answer)
        if question is not None:
            kept[question.id] = question
            dropped += len(row.question.paths) - len(question.paths)
        if why:
            findings.append(replace(row.finding, why=why))
    if not kept:
        raise _nothing_to_ask(files, graph, findings)
    skipped = len(rows) - len(kept)
    unanswerable = sum(not question.answers for question in kept.values())
    shown = tuple(findings[:SHOWN])
    report = ReadReport(len(rows), len(kept), skipped, dropped, shown, unanswerable)
    return tuple(kept.values()), report


def _unaskable(question: Question) -> str:
    """Why nobody could ask a question, whatever its graph; empty if somebody could."""
    texts = (question.text, *question.wordings)
    if (longest := max(map(len, texts))) > LONGEST_QUESTION:
        return f"its text has {longest:,} characters, more than {LONGEST_QUESTION:,}"
    if len(question.id) > LONGEST_ID or len(question.language) > LONGEST_ID:
        return f"its id or language has more than {LONGEST_ID} characters"
    if found := _CONTROL.search("".join((question.id, question.language, *texts))):
        return f"it holds the control character {found[0]!r}"
    return ""


def _nothing_to_ask(
    files: Sequence[str | Path], graph: KnowledgeGraph, findings: Sequence[Finding]
) -> FormatError:
    names = ", ".join(Path(file).name for file in files)
    first = findings[0]
    return FormatError(
        "No question could be read from {files} for the graph {graph!r}: {file}, line "
        "{line}: {why} (found: {found!r}); check the format and the graph.",
        files=names,
        graph=graph.name,
        file=first.file,
        line=first.line,
        why=first.why,
        found=first.found,
    )


# --- the formats --------------------------------------------------------------------------------


def _jsonl(path: Path, name: str) -> _Rows:
    beginning = _beginning(path)
    if beginning[:1] == b"[":
        return _list_rows(path, name, _question_of, whole_answer=True)
    if _SPREAD.match(beginning):
        return _rows_of(path, name, _documents(path), _question_of, whole_answer=True)
    return _line_by_line(path, name, _json_row)


def _beginning(path: Path) -> bytes:
    """What a file of JSON begins with."""
    with open_unpacked(path) as file:
        return file.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()


def _documents(path: Path) -> Iterator[Any]:
    """JSON objects that follow each other, each over several lines.

    Raises:
        FormatError: If the file is too large, or is not that.
    """
    try:
        text = _content(path).decode("utf-8-sig")
        decoder, end = json.JSONDecoder(), 0
        while found := _NEXT.search(text, end):
            end = decoder.raw_decode(text, found.start())[1]
            yield parse_json(text[found.start() : end], halves=True)
    except (ValueError, RecursionError) as error:
        raise _no_json(path, error) from error


def _pathquestion(path: Path, name: str) -> _Rows:
    return _line_by_line(path, name, _pathquestion_row)


def _metaqa(path: Path, name: str) -> _Rows:
    return _line_by_line(path, name, _metaqa_row)


def _wc2014(path: Path, name: str) -> _Rows:
    return _line_by_line(path, name, _wc2014_row)


def _json_row(line: str, name: str) -> Question:
    try:
        row = parse_json(line.rstrip().removesuffix(","))  # a list that lost its brackets
    except ValueError as error:
        raise _Unreadable(f"is not JSON ({error})") from error
    return _question_of(row, name)


def _question_of(row: Any, name: str) -> Question:
    if not isinstance(row, dict):
        raise _Unreadable("is not a JSON object")
    paths = _first(row, "paths", "path", "relation_path")
    if isinstance(paths, str):
        paths = [paths] if paths else []
    if isinstance(paths, list) and all(isinstance(step, str) for step in paths):
        paths = [paths] if paths else []
    if not isinstance(paths, list):
        raise _Unreadable("its paths are not lists of relations")
    text = _text(row, "text", "question") or _missing("a question text")
    gold = tuple(_texts(path) for path in paths)
    in_vain = any(looked_for(path) is not None for path in gold)
    answers = _texts(_first(row, "answers", "a_entity", "answer"))
    split = _text(row, "split")
    return Question(
        id=_text(row, "id") or name,
        text=text,
        language=_text(row, "language") or language_of(text),
        topics=_texts(_first(row, "topics", "topic", "topic_entity", "q_entity"))
        or _missing("a topic"),
        answers=answers if answers or in_vain else _missing("an answer"),
        paths=gold,
        split=_SPLITS.get(split.casefold(), split),
        group=_text(row, "group"),
        wordings=tuple(text for text in _texts(row.get("wordings") or []) if "{x}" in text),
    )


def _pathquestion_row(line: str, name: str) -> Question:
    text, answers, chain = _columns(line, 3)
    topic, path = _chain(chain)
    return _bare(name, text, topic, _answers_in_parentheses(answers), path)


def _wc2014_row(line: str, name: str) -> Question:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) not in (5, 6):
        raise _Unreadable(f"it has {len(cells)} columns between tabs instead of 5 or 6")
    if not all(cells[:4]):
        raise _Unreadable(f"it has {len(cells)} columns between tabs, of the first 4 one is empty")
    text, _, chains, answers = cells[:4]
    topics, paths = zip(*map(_chain, chains.split("*")), strict=True)
    named = tuple(answer for answer in answers.split("/") if answer)
    return Question(name, text, language_of(text), topics, named, paths)


def _metaqa_row(line: str, name: str) -> Question:
    if line.lstrip().startswith("{"):
        return _json_row(line, name)
    text, answers = _columns(line, 2)
    begin, end = _brackets(text)
    topic = text[begin + 1 : end]
    plain = text[:begin] + topic + text[end + 1 :]
    return _bare(name, plain, topic, tuple(a for a in answers.split("|") if a), ())


def _brackets(text: str) -> tuple[int, int]:
    """Where the last outer brackets of a text stand: names may have brackets themselves."""
    depth, begin, found = 0, 0, (-1, -1)
    for at, letter in enumerate(text):
        if letter == "[":
            begin = begin if depth else at
            depth += 1
        elif letter == "]" and depth:
            depth -= 1
            found = found if depth or at == begin + 1 else (begin, at)
    if found[1] < 0:
        raise _Unreadable("it has no [topic] in brackets")
    return found


def _nlpcc_mh(path: Path, name: str) -> _Rows:
    return _list_rows(path, name, _nlpcc_row, whole_answer=False)


def _list_rows(
    path: Path, name: str, parse: Callable[[Any, str], Question], *, whole_answer: bool
) -> _Rows:
    """Rows of a JSON list."""
    try:
        rows = parse_json(_content(path), halves=True)
    except ValueError as error:
        raise _no_json(path, error) from error
    if not isinstance(rows, list):
        raise FormatError("{name} is not a JSON list of questions with q and path.", name=path.name)
    if not rows:
        yield Finding(path.name, 1, "[]", "the list is empty")
    yield from _rows_of(path, name, rows, parse, whole_answer=whole_answer)


def _rows_of(
    path: Path,
    name: str,
    rows: Iterable[Any],
    parse: Callable[[Any, str], Question],
    *,
    whole_answer: bool,
) -> _Rows:
    """Values of JSON as rows; ids count them from 0, findings from 1."""
    for number, row in enumerate(rows):
        finding = Finding(path.name, number + 1, _short(json.dumps(row)), "")
        try:
            text = json.dumps(row, ensure_ascii=False).encode().decode()
            finding = replace(finding, found=_short(text))
            yield _Row(finding, parse(row, f"{name}@{number}"), whole_answer)
        except UnicodeEncodeError as error:
            yield replace(finding, why=f"it holds half a character, {error.object[error.start]!r}")
        except _Unreadable as error:
            yield replace(finding, why=str(error))


def _content(path: Path) -> bytes:
    with open_unpacked(path, LARGEST_JSON) as file:
        return file.read()


def _no_json(path: Path, error: Exception) -> FormatError:
    return FormatError("{name} is not JSON in UTF-8 text: {error}.", name=path.name, error=error)


def _nlpcc_row(row: Any, name: str) -> Question:
    if not isinstance(row, dict) or not isinstance(row.get("path"), list) or not row["path"]:
        raise _Unreadable("it has no q with a path of triples")
    triples = [_texts(triple) for triple in row["path"]]
    if any(len(triple) != 3 for triple in triples):
        raise _Unreadable("a step of its path is not head, relation, tail")
    text = _text(row, "q") or _missing("a question text")
    path = tuple(triple[1] for triple in triples)
    return _bare(name, text, triples[0][0], (triples[-1][2],), path)


_READERS: dict[str, Callable[[Path, str], _Rows]] = {
    "jsonl": _jsonl,
    "pathquestion": _pathquestion,
    "metaqa": _metaqa,
    "nlpcc-mh": _nlpcc_mh,
    "wc2014": _wc2014,
}


# --- parts of rows ------------------------------------------------------------------------------


def _named(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """Files with the name that leads their ids: the stem, or folder/stem where stems repeat."""
    stems = Counter(path.stem for path in paths)
    return [(p, p.stem if stems[p.stem] == 1 else f"{p.parent.name}/{p.stem}") for p in paths]


def _line_by_line(path: Path, name: str, parse: Callable[[str, str], Question]) -> _Rows:
    """Rows of a text file; ids count its lines from 0, findings from 1."""
    empty = True
    try:
        with open_unpacked(path) as file:
            for number, raw in enumerate(lines_of(file, path)):
                if not raw.strip():
                    continue
                empty = False
                finding = Finding(path.name, number + 1, _short(raw.decode("utf-8", "replace")), "")
                try:
                    line = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8").rstrip("\r\n")
                    yield _Row(finding, parse(line, f"{name}@{number}"))
                except UnicodeDecodeError:
                    yield replace(finding, why="it is not UTF-8 text")
                except _Unreadable as error:
                    yield replace(finding, why=str(error))
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {reason}.", path=path, reason=error.strerror
        ) from error
    if empty:
        yield Finding(path.name, 1, "", "the file is empty")


def _columns(line: str, wanted: int) -> list[str]:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != wanted or not all(cells):
        raise _Unreadable(f"it has {len(cells)} columns between tabs instead of {wanted}")
    return cells


def _chain(cell: str) -> tuple[str, RelationPath]:
    """Topic and relations of `s#r1#e1#r2#e2`, with `#<end>#e2` behind it or not."""
    steps = cell.split("#")
    if "<end>" in steps:
        steps = steps[: steps.index("<end>")]
    if len(steps) < 3 or len(steps) % 2 == 0:
        raise _Unreadable("its path is not entity#relation#entity ...")
    return steps[0], tuple(steps[1::2])


def _answers_in_parentheses(cell: str) -> tuple[str, ...]:
    """`a1(a1/a2/)`; names may hold parentheses themselves, so the list is the one that holds a1."""
    for begin in (found.start() for found in re.finditer(r"\(", cell)):
        answers = cell[begin + 1 :].removesuffix(")").removesuffix("/").split("/")
        if cell.endswith("/)") and cell[:begin] in answers:
            return tuple(answers)
    raise _Unreadable("its answers do not read as answer(answer/answer/)")


def _bare(
    name: str, text: str, topic: str, answers: tuple[str, ...], path: RelationPath
) -> Question:
    return Question(name, text, language_of(text), (topic,), answers, (path,) if path else ())


def _first(row: Mapping[str, Any], *names: str) -> Any:
    """What the first of some fields says; null says no more than if it were left out."""
    return next((row[name] for name in names if row.get(name) is not None), [])


def _text(row: Mapping[str, Any], *names: str) -> str:
    value = _first(row, *names)
    if isinstance(value, list) and not value:
        return ""
    if not _is_text(value):
        raise _Unreadable(f"its {names[-1]} is not text")
    return _written(value)


def _texts(value: Any) -> tuple[str, ...]:
    values = [value] if _is_text(value) else value
    if not isinstance(values, list) or not all(map(_is_text, values)):
        raise _Unreadable("a topic, answer or path is neither text nor a list of texts")
    return tuple(_written(v) for v in values if v != "")


def _written(value: str | int | float) -> str:
    """A value as text; 1.0 is the same number as 1."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return str(int(value) if is_whole else value)


def _is_text(value: Any) -> bool:
    """Whether a value is a text, or a number, which says the same as its text."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _missing(what: str) -> Any:
    raise _Unreadable(f"it lacks {what}")


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 120 else text[:119] + "…"
