"""Import a graph: read its files or ask an endpoint, publish its columns and what was found.

Or let files change a graph that is there, see `core.graph.updating`.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from core.graph.change_report import change_report
from core.graph.changes import Changes
from core.graph.history import change
from core.graph.import_report import DOUBTS
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers import read_graph
from core.graph.readers.endpoint import Endpoint
from core.graph.readers.harvest import harvest
from core.graph.updating import update_to
from core.report import Report
from core.results.graph import ChangeReport, GraphReport, ImportReport
from core.settings import GraphImportSettings
from core.sources import discard_uploads, place_of
from core.workspace import Workspace, write_json


def run(settings: GraphImportSettings, report: Report, workspace: Workspace) -> GraphReport:
    """Read files of triples and labels into `graphs/<name>/`.

    Raises:
        FormatError: If a file does not read as triples or labels, or an endpoint answers otherwise.
        RunFailed: If an endpoint gives no answer.
        AlreadyExists: If the name is taken and nothing says what becomes of it.
        NotFound: If there is no such graph to update.
    """
    report.stage("import")
    changes = None
    if settings.update == "new":
        with workspace.publish("graphs", settings.name, replace=settings.replace) as folder:
            graph, found = _read(settings, report, workspace)
            report.progress(1, 2, "read")
            report.check_stop()
            graph.save(folder)
            write_json(folder / "import.json", found.as_record())
    else:
        workspace.folder("graphs", settings.name)
        _, found = said = _read(settings, report, workspace)
        report.progress(1, 2, "read")
        report.check_stop()
        graph, changes = _update(settings, workspace, said[0])
    discard_uploads(workspace, settings.files)
    report.progress(2, 2, "saved")
    if found.skipped:
        first = found.findings[0]
        line = f", line {first.line}" if first.line else ""  # RDF in documents has none
        report.event(
            "warning",
            message=f"{found.skipped} rows were skipped; the first is {first.file}{line}: "
            f"{first.why}.",
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
        change=changes,
    )


def _read(
    settings: GraphImportSettings, report: Report, workspace: Workspace
) -> tuple[KnowledgeGraph, ImportReport]:
    if settings.sparql:
        return _read_endpoint(settings, report)
    files = [str(place_of(workspace, file)) for file in settings.files]
    return read_graph(settings.name, files, settings.columns)


def _read_endpoint(
    settings: GraphImportSettings, report: Report
) -> tuple[KnowledgeGraph, ImportReport]:
    """Ask an endpoint; what it has told is kept with the run until all of it is read."""

    def told(facts: int) -> None:
        report.progress(facts, settings.most_facts, "facts")
        report.check_stop()

    with ExitStack() as stack:
        folder = report.folder or Path(stack.enter_context(TemporaryDirectory()))
        kept = folder / "endpoint"
        asked = stack.enter_context(Endpoint(settings.sparql, settings.allow_private))
        report.stage("ask")
        around, hops, most = settings.around, settings.hops, settings.most_facts
        file, is_full = harvest(asked, kept, around, hops, most, told)
        report.stage("import")
        if is_full:
            report.event(
                "warning",
                message=f"Reading ended at {most} facts; the endpoint may hold more.",
            )
        read = read_graph(settings.name, [file])
        shutil.rmtree(kept)
        return read


def _update(
    settings: GraphImportSettings, workspace: Workspace, said: KnowledgeGraph
) -> tuple[KnowledgeGraph, ChangeReport]:
    assert settings.update != "new"
    way = settings.update

    def find(graph: KnowledgeGraph, _: Path) -> Changes:
        return update_to(graph, said, way)

    names = [Path(file).name for file in settings.files] or [settings.sparql]
    source = f"{way}: {', '.join(names)}"[:200]
    graph, found, version = change(workspace, settings.name, find, source)
    return graph, change_report(graph, found, version)
