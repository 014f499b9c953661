"""A teacher's soft labels for a question: the best part of its tree, with exact masses.

The part that is kept is closed in one sense: where a node is *expanded*, all its children are
there, each with its mass, and the probability of stopping is known. What lies below an unexpanded
node is one bucket, "some path that begins so". The buckets are the *rest*; nothing is
renormalised, so every number here is one the teacher said, and cutting the tree never shifts mass
between paths.

On disk labels are one Parquet file, a row per question, readable by any tool; its schema's metadata
says which teacher, graph and settings they came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FormatError, Stale
from core.foreign_files import LARGEST_TABLE, open_foreign, parse_json
from core.graph.knowledge_graph import Ints
from core.labels.masses import node_masses
from core.messages import Message
from core.records import Question, RelationPath

ROUNDING = 1e-6
"""By so much a sum of probabilities may exceed one."""

SHOWN = 5
"""Best paths spelled out in the file for a reader's eye."""


@dataclass(frozen=True)
class Provenance:
    """Where labels come from; they are refused for anything else.

    Attributes:
        teacher, teacher_hash: Name and weights' SHA-256 of the teacher.
        graph, graph_hash: Name and content hash of the graph.
        questions: Name of the question set.
        kind: `prior`, `posterior` or `uniform`.
        keep: Best paths kept per question.
    """

    teacher: str
    teacher_hash: str
    graph: str
    graph_hash: str
    questions: str
    kind: str
    keep: int


@dataclass(frozen=True, eq=False)
class PathLabel:
    """One question's label; arrays over the kept nodes, the root first, parents before children.

    Attributes:
        question: The question's id; see `label_key` where it has several topics.
        parents: `(nodes,)`, -1 at the root.
        relations: Relation name of the hop into each node; empty at the root.
        stops: `(nodes,)` probability of the path that ends at the node; 0 where not expanded.
        masses: `(nodes,)` probability of all paths through the node; 1 at the root.
        expanded: `(nodes,)` whether the node's children and its probability to stop are known.
    """

    question: str
    parents: Ints
    relations: tuple[str, ...]
    stops: np.ndarray
    masses: np.ndarray
    expanded: np.ndarray

    @property
    def rest(self) -> float:
        """Mass of the paths that are not spelled out."""
        return float(self.masses[~self.expanded].sum())

    def path(self, node: int) -> RelationPath:
        """Relations from the root to a node."""
        names: list[str] = []
        while node > 0:
            names.append(self.relations[node])
            node = int(self.parents[node])
        return tuple(reversed(names))

    def best(self, count: int) -> list[tuple[RelationPath, float]]:
        """The most probable paths with their probabilities."""
        order = np.argsort(-self.stops, kind="stable")[:count]
        return [
            (self.path(int(node)), float(self.stops[node]))
            for node in order
            if self.stops[node] > 0
        ]


def label_key(question: Question, topic: str) -> str:
    """What a question's label for one of its topics is called: its id, if there is but one."""
    return question.id if len(question.topics) == 1 else f"{question.id} @ {topic}"


def keep_best(
    question: str,
    parents: Ints,
    relations: tuple[str, ...],
    stops: np.ndarray,
    keep: int,
    unknown: np.ndarray | None = None,
) -> PathLabel:
    """Cut a scored tree down to what its best paths need.

    Args:
        question: The question's id.
        parents: `(nodes,)` of the whole tree, parents before children.
        relations: Relation name of the hop into each node.
        stops: `(nodes,)` probability of the path that ends at each node.
        keep: How many best paths to spell out; those on the way to them come for free.
        unknown: `(nodes,)` mass below nodes whose children are not known; with `stops` it sums to
            one. None where all is known.
    """
    masses = node_masses(parents, stops if unknown is None else stops + unknown)
    hidden = np.zeros(len(parents), bool) if unknown is None else unknown > 0
    if hidden.any():  # so is all that was grown, but not chosen from, below
        for node in range(1, len(parents)):
            hidden[node] |= hidden[parents[node]]
    expanded = np.zeros(len(parents), bool)
    for node in np.argsort(-stops, kind="stable")[:keep]:
        if hidden[node]:
            continue
        while node >= 0 and not expanded[node]:
            expanded[node] = True
            node = parents[node]
    kept = expanded.copy()
    kept[1:] |= expanded[parents[1:]]
    place = np.cumsum(kept) - 1
    above = parents[kept]
    return PathLabel(
        question=question,
        parents=np.where(above < 0, -1, place[above]).astype(np.int32),
        relations=tuple(name for name, is_kept in zip(relations, kept, strict=True) if is_kept),
        stops=np.where(expanded, stops, 0.0)[kept],
        masses=masses[kept],
        expanded=expanded[kept],
    )


def write_labels(path: Path, labels: Iterable[PathLabel], source: Provenance) -> None:
    """Write labels with their provenance."""
    rows = [
        {
            "question": label.question,
            "best": [
                {"path": " ".join(relations), "probability": probability}
                for relations, probability in label.best(SHOWN)
            ],
            "rest": label.rest,
            "parents": label.parents.tolist(),
            "relations": list(label.relations),
            "stops": label.stops.tolist(),
            "masses": label.masses.tolist(),
            "expanded": label.expanded.tolist(),
        }
        for label in labels
    ]
    schema = _SCHEMA.with_metadata({"provenance": json.dumps(asdict(source))})
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def read_labels(
    path: Path, graph_hash: str, teacher_hash: str
) -> tuple[dict[str, PathLabel], Provenance]:
    """Read labels, by question id.

    Raises:
        FormatError: If the file is missing or is not a file of labels.
        Stale: If they belong to another graph or another training of the teacher.
    """
    try:
        with open_foreign(path, LARGEST_TABLE) as file:
            table = pq.read_table(file).select(_SCHEMA.names)
        source = Provenance(**parse_json(table.schema.metadata[b"provenance"]))
        labels = {row["question"]: _label(row) for row in table.cast(_SCHEMA).to_pylist()}
    except (FormatError, OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "{path} is missing or is not a file of labels; label again.", path=path
        ) from error
    if source.graph_hash != graph_hash:
        raise Stale(
            "The labels at {name!r} were made for another version of graph {graph!r}; label again.",
            name=path.parent.name,
            graph=source.graph,
        )
    if source.teacher_hash != teacher_hash:
        raise Stale(
            "The labels at {name!r} were made by another training of teacher "
            "{teacher!r}; label again.",
            name=path.parent.name,
            teacher=source.teacher,
        )
    return labels, source


def _label(row: dict[str, object]) -> PathLabel:
    """A label from its row.

    Raises:
        TypeError, ValueError: If the row is no tree with probabilities.
    """
    label = PathLabel(
        question=str(row["question"]),
        parents=np.array(row["parents"], np.int32),
        relations=tuple(row["relations"]),  # type: ignore[arg-type]
        stops=np.array(row["stops"], np.float64),
        masses=np.array(row["masses"], np.float64),
        expanded=np.array(row["expanded"], bool),
    )
    parents, nodes = label.parents, np.arange(len(label.parents))
    columns = (label.relations, label.stops, label.masses, label.expanded)
    is_tree = len(nodes) > 0 and parents[0] == -1
    is_tree = is_tree and bool(np.all((parents[1:] >= 0) & (parents[1:] < nodes[1:])))
    shares = np.concatenate([label.stops, label.masses])
    are_shares = bool(np.all((shares >= 0) & (shares <= 1 + ROUNDING)))
    if {len(column) for column in columns} != {len(nodes)} or not (is_tree and are_shares):
        raise ValueError(
            Message(
                "the label of {question!r} is no tree with probabilities", question=label.question
            )
        )
    return label


_SCHEMA = pa.schema(
    [
        ("question", pa.string()),
        ("best", pa.list_(pa.struct([("path", pa.string()), ("probability", pa.float64())]))),
        ("rest", pa.float64()),
        ("parents", pa.list_(pa.int32())),
        ("relations", pa.list_(pa.string())),
        ("stops", pa.list_(pa.float64())),
        ("masses", pa.list_(pa.float64())),
        ("expanded", pa.list_(pa.bool_())),
    ]
)
