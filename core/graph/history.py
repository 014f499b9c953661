"""The versions of a graph: what changed from each to the next, when, and where that came from.

Beside the columns of a graph that was changed since its import lie

    history.json     what is known of each change: number, time, source, hashes before and after
    changes.jsonl    the changes themselves, one a line, in the same order

The graph in the folder is the last version. Earlier ones are not kept: they follow from it by the
changes backwards, and are known by their hashes to whatever was made from them.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from core.errors import FormatError, NotFound, Stale
from core.graph.changes import Changes, Fact, changed, one_after_another
from core.graph.import_report import describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.removal import Edge
from core.results.graph import GraphVersion, ImportReport
from core.workspace import Workspace, read_json, write_json

HISTORY, CHANGES = "history.json", "changes.jsonl"


def history(folder: Path) -> tuple[GraphVersion, ...]:
    """All changes of a graph, the first one first; none where it is as it was imported.

    Raises:
        FormatError: If it is damaged.
    """
    path = folder / HISTORY
    if not path.exists():
        return ()
    return tuple(GraphVersion.from_record(one) for one in read_json(path))


def since(folder: Path, content_hash: str) -> tuple[GraphVersion, ...] | None:
    """What changed since a graph had a hash, the first change first; None if it never had it."""
    if read_json(folder / "graph.json")["hash"] == content_hash:
        return ()
    versions = history(folder)
    for at in reversed(range(len(versions))):
        if versions[at].before == content_hash:
            return versions[at:]
    return None


def keeps_relations(folder: Path, content_hash: str) -> bool:
    """Whether a graph has a hash, or had it and knows the same relations now.

    What was learned about relations by their codes then still means the same.
    """
    changes = since(folder, content_hash)
    return changes is not None and not any(one.relations for one in changes)


def changes_from(folder: Path, number: int) -> Iterator[Changes]:
    """The changes of a graph from one of them on, the first one first.

    Raises:
        NotFound: If there is no change of that number.
        FormatError: If the file is damaged.
    """
    if not 0 < number <= len(history(folder)):
        raise NotFound(
            "The graph in {folder} has no change {number}; there are {count}.",
            folder=folder,
            number=number,
            count=len(history(folder)),
        )
    try:
        with (folder / CHANGES).open("rb") as file:
            for line in islice(file, number - 1, None):
                yield Changes.from_json(json.loads(line))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "{path} is missing or damaged; import the graph again.", path=folder / CHANGES
        ) from error


def facts_by_source(folder: Path, graph: KnowledgeGraph) -> dict[str, list[Edge]]:
    """The facts that changes added to a graph and that it still has, by where each came from.

    What was there when the graph was imported has no source. A fact that was added again has that
    of the last time.

    Raises:
        FormatError: If the history is damaged.
    """
    versions = history(folder)
    last: dict[Fact, str] = {}
    for version, each in zip(versions, changes_from(folder, 1) if versions else (), strict=True):
        for fact in each.removed:
            last.pop(fact, None)
        last.update(dict.fromkeys(each.added, version.source))
    found: dict[str, list[Edge]] = {}
    for (head, relation, tail), source in last.items():
        ends, code = graph.find_entities([head, tail]).tolist(), graph.find_relation(relation)
        if code is not None and min(ends) >= 0 and graph.has(ends[0], code, ends[1]):
            found.setdefault(source, []).append((ends[0], code, ends[1]))
    return found


def undoing(folder: Path, number: int) -> Changes:
    """What takes a graph back to what it was before a change.

    Raises:
        NotFound, FormatError: As `changes_from`.
    """
    found = list(changes_from(folder, number))
    return one_after_another(one.backwards() for one in reversed(found))


def change(
    workspace: Workspace,
    name: str,
    find: Callable[[KnowledgeGraph, Path], Changes],
    source: str,
    expected: str = "",
) -> tuple[KnowledgeGraph, Changes, GraphVersion | None]:
    """Change a graph, so that readers see it as it was or as it is now.

    Args:
        workspace: Where it is.
        name: The graph.
        find: Says what has to change, given the graph and its folder; nobody else changes it
            meanwhile.
        source: Where the change comes from, for its history.
        expected: The hash of the version that was looked at; empty for whichever there is.

    Returns:
        The graph, what changed, and its new version; None where there was nothing to change.

    Raises:
        NotFound: If there is no such graph, or as `find` says.
        Stale: If the graph is no longer the version expected.
    """
    with _alone(workspace, name) as folder:
        graph = KnowledgeGraph.open(folder)
        if expected and graph.hash != expected:
            raise Stale(
                "The graph {name!r} was changed since you looked at it: look again, and change "
                "it then.",
                name=name,
            )
        found = find(graph, folder)
        if not found:
            return graph, found, None
        made = changed(graph, found)
        version = GraphVersion(
            number=len(history(folder)) + 1,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            source=source,
            before=graph.hash,
            after=made.hash,
            added=len(found.added),
            removed=len(found.removed),
            renamed=len(found.names),
            relations=sum(kind == "relations" for kind, _ in (*found.new, *found.gone)),
        )
        report = _described(made, ImportReport.from_record(read_json(folder / "import.json")))
        with workspace.publish("graphs", name, replace=True) as draft:
            made.save(draft)
            write_json(draft / "import.json", report.as_record())
            versions = [*history(folder), version]
            write_json(draft / HISTORY, [one.as_record() for one in versions])
            if (folder / CHANGES).exists():
                shutil.copyfile(folder / CHANGES, draft / CHANGES)
            with (draft / CHANGES).open("ab") as file:
                file.write(json.dumps(found.as_json(), ensure_ascii=False).encode() + b"\n")
        return made, found, version


def sum_of(versions: Sequence[GraphVersion]) -> int:
    """Facts and names that changes touched, each as often as it was."""
    return sum(one.added + one.removed + one.renamed for one in versions)


def _described(graph: KnowledgeGraph, before: ImportReport) -> ImportReport:
    """The report of an import with the graph's own numbers as they are now."""
    now = describe(graph, (), ())
    return replace(
        now,
        files=before.files,
        rows=before.rows,
        duplicates=before.duplicates,
        skipped=before.skipped,
        findings=before.findings,
    )


@contextmanager
def _alone(workspace: Workspace, name: str) -> Iterator[Path]:
    """A graph's folder that nobody else changes until the block ends.

    Who waited for another finds the folder replaced, and waits for the new one.
    """
    while True:
        folder = workspace.open("graphs", name)
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists() and os.path.samestat(os.fstat(lock), folder.stat()):
                yield workspace.open("graphs", name)
                return
        finally:
            os.close(lock)
