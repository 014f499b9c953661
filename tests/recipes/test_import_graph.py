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
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def test_a_graph_is_published_with_its_report(workspace, tmp_path):
    files = tuple(map(str, write_family(tmp_path)))
    result = import_graph.run(GraphImportSettings(name="family", files=files), Silent(), workspace)
    folder = workspace.folder("graphs", "family")
    assert {key: result[key] for key in result if key != "report"} == {
        "name": "family",
        "entities": 11,
        "relations": 4,
        "triples": 19,
        "languages": ["en", "zh"],
    }
    assert KnowledgeGraph.open(folder).triple_count == 19
    assert read_json(folder / "import.json")["namesakes"] == result["report"]["namesakes"] == 1


def test_a_taken_name_and_a_bad_file_leave_the_workspace_as_it_was(workspace, tmp_path):
    files = tuple(map(str, write_family(tmp_path)))
    import_graph.run(GraphImportSettings(name="family", files=files), Silent(), workspace)
    with pytest.raises(AlreadyExists, match="'family' is taken among the graphs"):
        import_graph.run(GraphImportSettings(name="family", files=files), Silent(), workspace)
    bad = GraphImportSettings(name="family", files=(str(tmp_path / "none"),), replace=True)
    with pytest.raises(FormatError, match="cannot be read"):
        import_graph.run(bad, Silent(), workspace)
    assert KnowledgeGraph.open(workspace.folder("graphs", "family")).triple_count == 19
    assert [path.name for path in (workspace.root / "graphs").iterdir()] == ["family"]


def test_skipped_rows_are_a_warning(workspace, tmp_path):
    file = tmp_path / "kb.tsv"
    file.write_text("a\tr\tb\nb\tr\tc\nc\tr\n", encoding="utf-8")
    report = Listening()
    import_graph.run(GraphImportSettings(name="g", files=(str(file),)), report, workspace)
    assert report.events == [
        (
            "warning",
            {
                "message": "1 rows were skipped; the first is kb.tsv, line 3: it has 2 columns, "
                "expected 3."
            },
        )
    ]
