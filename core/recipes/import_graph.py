"""Import a graph: read its files, publish its columns and the report of what was found."""

from __future__ import annotations

from core.graph.import_report import DOUBTS
from core.graph.readers import read_graph
from core.report import Report
from core.results.graph import GraphReport
from core.settings import GraphImportSettings
from core.sources import discard_uploads, place_of
from core.workspace import Workspace, write_json


def run(settings: GraphImportSettings, report: Report, workspace: Workspace) -> GraphReport:
    """Read files of triples and labels into `graphs/<name>/`.

    Raises:
        FormatError: If a file does not read as triples or labels.
        AlreadyExists: If the name is taken and `replace` is false.
    """
    report.stage("import")
    with workspace.publish("graphs", settings.name, replace=settings.replace) as folder:
        files = [str(place_of(workspace, file)) for file in settings.files]
        graph, found = read_graph(settings.name, files, settings.columns)
        report.progress(1, 2, "read")
        report.check_stop()
        graph.save(folder)
        write_json(folder / "import.json", found.as_record())
    discard_uploads(workspace, settings.files)
    report.progress(2, 2, "saved")
    if found.skipped:
        first = found.findings[0]
        report.event(
            "warning",
            message=f"{found.skipped} rows were skipped; the first is {first.file}, line "
            f"{first.line}: {first.why}.",
        )
    for doubtful in (file for file in found.files if file.doubt):
        report.event("warning", message=DOUBTS[doubtful.doubt].format(file=doubtful.file))
    return GraphReport(
        name=graph.name,
        entities=graph.entity_count,
        relations=graph.relation_count,
        triples=graph.triple_count,
        languages=tuple(graph.languages),
        report=found,
    )
