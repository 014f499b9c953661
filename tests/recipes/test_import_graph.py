import pytest

from core.errors import AlreadyExists, FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import import_graph
from core.report import Silent
from core.settings import GraphImportSettings
from core.workspace import Workspace, read_json
from tests.family_graph import write_family


class Listening(Silent):
    """Keeps the events."""

    def __init__(self):
        self.events = []

    def event(self, kind, **payload):
        self.events.append((kind, payload))


@pytest.fixture
def empty(tmp_path):
    return Workspace(tmp_path / "home")


def test_a_graph_is_published_with_its_report(empty, tmp_path):
    files = tuple(map(str, write_family(tmp_path)))
    result = import_graph.run(
        GraphImportSettings(name="family", files=files), Silent(), empty
    ).as_record()
    folder = empty.folder("graphs", "family")
    assert {key: result[key] for key in result if key not in ("report", "version", "change")} == {
        "name": "family",
        "entities": 11,
        "relations": 4,
        "triples": 19,
        "languages": ["en", "zh"],
    }
    assert KnowledgeGraph.open(folder).triple_count == 19
    assert read_json(folder / "import.json")["namesakes"] == result["report"]["namesakes"] == 1


def test_a_taken_name_and_a_bad_file_leave_the_workspace_as_it_was(empty, tmp_path):
    files = tuple(map(str, write_family(tmp_path)))
    import_graph.run(GraphImportSettings(name="family", files=files), Silent(), empty)
    with pytest.raises(AlreadyExists, match="'family' is taken among the graphs"):
        import_graph.run(GraphImportSettings(name="family", files=files), Silent(), empty)
    bad = GraphImportSettings(name="family", files=(str(tmp_path / "none"),), replace=True)
    with pytest.raises(FormatError, match="cannot be read"):
        import_graph.run(bad, Silent(), empty)
    assert KnowledgeGraph.open(empty.folder("graphs", "family")).triple_count == 19
    assert [path.name for path in (empty.root / "graphs").iterdir()] == ["family"]


def test_skipped_rows_are_a_warning(empty, tmp_path):
    file = tmp_path / "kb.tsv"
    file.write_text("a\tr\tb\nb\tr\tc\nc\tr\n", encoding="utf-8")
    report = Listening()
    import_graph.run(GraphImportSettings(name="g", files=(str(file),)), report, empty)
    assert report.events == [
        (
            "warning",
            {
                "message": "1 rows were skipped; the first is kb.tsv, line 3: it has 2 columns, "
                "expected 3."
            },
        )
    ]


def test_columns_that_are_only_guessed_are_a_warning_that_names_the_setting(empty, tmp_path):
    file = tmp_path / "kb.tsv"
    file.write_text("a\tb\tr\nc\tb\tr\n", encoding="utf-8")
    report = Listening()
    settings = GraphImportSettings(name="g", files=(str(file),))
    import_graph.run(settings, report, empty)
    ((kind, said),) = report.events
    assert kind == "warning" and "kb.tsv has no header" in said["message"]
    assert "--columns, such as 1,3,2" in said["message"]
    silent = Listening()
    said_so = settings.model_copy(update={"columns": "1,3,2", "replace": True})
    assert import_graph.run(said_so, silent, empty).relations == 1
    assert not silent.events
