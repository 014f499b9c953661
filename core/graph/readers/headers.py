"""What the first row of a table calls its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

ENDS_OF_TRIPLES = (
    ("head", "tail"),
    ("subject", "object"),
    ("subj", "obj"),
    ("source", "target"),
    ("src", "dst"),
    ("start", "end"),
    ("from", "to"),
    ("node1", "node2"),
    ("entity1", "entity2"),
    ("id1", "id2"),
    ("h", "t"),
    ("s", "o"),
    ("xindex", "yindex"),
    ("xid", "yid"),
)
"""What headers call head and tail, as `_role` spells it: Neo4j's, KGTK's, PrimeKG's, ..."""

RELATIONS_OF_TRIPLES = (
    "relation",
    "predicate",
    "property",
    "type",
    "rel",
    "relationship",
    "edge",
    "r",
    "p",
    "label",
)
"""The first that is there is the relation; KGTK calls its relations labels."""

SUBJECTS_OF_TABLE = ("id", "entity", "relation", "mid", "qid")
NAMES_OF_LABELS = ("label", "name", "title")

_MARKS = re.compile(
    r"^[:_]|\(.*\)$|(?:(?<=[a-z]{2})|(?<!^)(?<!^[xy])[_ -])(?:id|index|entity|node)$"
)
_BETWEEN = re.compile(r"[_ -]")


def triple_columns(cells: Sequence[str]) -> tuple[int, int, int] | None:
    """Where a header puts head, relation and tail; None if the row is no such header."""
    roles = [_role(cell) for cell in cells]
    relation = next((one for one in RELATIONS_OF_TRIPLES if one in roles), None)
    for head, tail in ENDS_OF_TRIPLES if relation else ():
        if head in roles and tail in roles:
            return roles.index(head), roles.index(str(relation)), roles.index(tail)
    return None


def is_subject(cell: str) -> bool:
    """Whether a column holds what is labelled; Neo4j writes `movieId:ID(Movie)`, APOC `_id`."""
    name = cell.casefold()
    return name.lstrip(":_") in SUBJECTS_OF_TABLE or bool(re.search(r":id(\(.*\))?$", name))


def is_label_header(cells: Sequence[str]) -> bool:
    """Whether a row is the header of a table of labels."""
    return is_subject(cells[0]) and any(map(is_label_column, cells[1:]))


def is_label_column(cell: str) -> bool:
    """Whether a column holds names."""
    name = cell.casefold()
    known = (*NAMES_OF_LABELS, "alias", "aliases")
    return name in known or name.startswith(("label:", "label@"))


def _role(cell: str) -> str:
    """What a column is, for all of `:START_ID(Person)`, `_start`, `Start Node`, `start`."""
    name = _MARKS.sub("", cell.casefold())
    name = _MARKS.sub("", name)
    return _BETWEEN.sub("", name)
