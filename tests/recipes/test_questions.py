"""Questions into a workspace: imported from files, and generated from a graph alone."""

import json

import pytest

from core.errors import AlreadyExists, FormatError, NotFound, SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.recipes import generate_questions, import_questions
from core.report import Silent
from core.settings import QuestionGenerationSettings, QuestionImportSettings
from core.workspace import Workspace

TRIPLES = [(f"film_{n}", "directed_by", f"person_{n % 12}") for n in range(40)]


class Listening(Silent):
    def __init__(self):
        self.messages = []

    def event(self, kind, **payload):
        self.messages.append(payload["message"])


@pytest.fixture
def workspace():
    made = Workspace()
    with made.publish("graphs", "films") as folder:
        KnowledgeGraph.build("films", TRIPLES).save(folder)
    return made


@pytest.fixture
def file(tmp_path):
    rows = [
        {"question": f"Who made film {n}?", "topic": f"film_{n}", "answer": f"person_{n % 12}"}
        for n in range(40)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "asked.jsonl").write_text(lines + "nonsense\n")
    return str(tmp_path / "asked.jsonl")


def imported(workspace, file, report=None, **changes):
    settings = QuestionImportSettings(name="asked", graph="films", files=(file,), **changes)
    return import_questions.run(settings, report or Silent(), workspace).as_record()


def test_imported_questions_are_published_with_their_report(workspace, file):
    listening = Listening()
    result = imported(workspace, file, listening)
    assert (result["questions"], result["skipped"]) == (40, 1)
    assert result["splits"] == {"train": 32, "dev": 4, "test": 4}
    made = load_questions(workspace, "asked")
    assert (made.graph, len(made.part("train"))) == ("films", 32)
    summary = json.loads((workspace.folder("questions", "asked") / "set.json").read_text())
    assert summary["report"] == {"version": 1, **result["report"]}
    assert listening.messages == [
        "1 questions were skipped and 0 gold paths dropped; the first is asked.jsonl, line 41: is "
        "not JSON (Expecting value at line 1, column 1)."
    ]


def test_a_split_file_decides(workspace, file, tmp_path):
    given = {f"asked@{n}": "test" if n < 5 else "train" for n in range(40)}
    (tmp_path / "split.json").write_text(json.dumps(given))
    result = imported(workspace, file, split="given", split_file=str(tmp_path / "split.json"))
    assert result["splits"] == {"train": 35, "dev": 0, "test": 5}


def test_a_split_file_is_followed_though_no_split_is_named(workspace, file, tmp_path):
    (tmp_path / "split.json").write_text(json.dumps({f"asked@{n}": "dev" for n in range(40)}))
    result = imported(workspace, file, split_file=str(tmp_path / "split.json"))
    assert result["splits"] == {"train": 0, "dev": 40, "test": 0}
    assert load_questions(workspace, "asked").split == "given"


def test_without_paths_there_is_no_split_by_levels(workspace, file):
    with pytest.raises(SettingsError, match="needs a gold path of every question, and 40 of 40"):
        imported(workspace, file, split="levels")


def test_generated_questions_are_split_by_levels(workspace):
    rows = [
        *TRIPLES,
        *((f"person_{n}", "born_in", f"city_{n % 4}") for n in range(12)),
        *((f"city_{n}", "country", "norway") for n in range(4)),
        *((f"film_{n}", "composer", f"person_{n % 7}") for n in range(40)),
        *((f"film_{n}", "genre", f"genre_{n % 5}") for n in range(40)),
        *((f"person_{n}", "studied_at", f"school_{n % 5}") for n in range(12)),
    ]
    with workspace.publish("graphs", "films", replace=True) as folder:
        KnowledgeGraph.build("films", rows).save(folder)
    settings = QuestionGenerationSettings(name="made", graph="films", count=600, split="levels")
    result = generate_questions.run(settings, Silent(), workspace)
    made = load_questions(workspace, "made")
    assert made.split == "levels"
    assert result.splits["test"] > 60
    assert result.report.unanswerable == 90
    assert result.report.paths > 20


def test_a_split_file_that_is_no_mapping(workspace, file, tmp_path):
    (tmp_path / "split.json").write_text("[]")
    with pytest.raises(FormatError, match="split.json is not a JSON object from question ids"):
        imported(workspace, file, split="given", split_file=str(tmp_path / "split.json"))
    assert not workspace.exists("questions", "asked")


def test_a_name_is_taken_once(workspace, file):
    imported(workspace, file)
    with pytest.raises(AlreadyExists):
        imported(workspace, file)
    assert imported(workspace, file, replace=True, split="random")["questions"] == 40


def test_the_graph_must_exist(workspace, file):
    with pytest.raises(NotFound, match="nothing named 'plays' among the graphs"):
        import_questions.run(
            QuestionImportSettings(name="q", graph="plays", files=(file,)), Silent(), workspace
        )


def test_generated_questions_are_published(workspace):
    listening = Listening()
    settings = QuestionGenerationSettings(name="made", graph="films", count=30, hops=2)
    result = generate_questions.run(settings, listening, workspace).as_record()
    made = load_questions(workspace, "made")
    assert made.languages == ("en",)
    assert result["questions"] == len(made.questions) == 30
    assert result["splits"] == made.counts
    assert result["report"]["languages"] == {"en": 30}
    assert listening.messages == ["The graph has no labels in 'zh', so nothing is asked in it."]


def test_phrases_are_read_from_a_file(workspace, tmp_path):
    rows = ("path\tlanguage\tphrase", "directed_by\ten\tWho shot {x}?", "directed_by\ten\tits {x}")
    (tmp_path / "phrases.tsv").write_text("\n".join(rows))
    settings = QuestionGenerationSettings(
        name="made", graph="films", count=30, hops=1, phrases=str(tmp_path / "phrases.tsv")
    )
    generate_questions.run(settings, Silent(), workspace)
    texts = {question.text for question in load_questions(workspace, "made").questions}
    assert any(text.startswith("Who shot film") for text in texts)
