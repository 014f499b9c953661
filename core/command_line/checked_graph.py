"""What a check of a graph found, in a terminal."""

from __future__ import annotations

from core.command_line.output import as_text, say, show, table
from core.results.graph_check import GraphCheck


def show_check(check: GraphCheck) -> None:
    """Possible duplicates, relations that may be one, clashing values; and how to merge."""
    if check.duplicates:
        show(as_text("Entities that may be one", "bold"))
        columns = ["keep", "gone", "certainty", "names alike", "both have"]
        rows = [
            (
                one.keep.id,
                one.gone.id,
                round(one.certainty, 2),
                round(one.alike, 2),
                "of different kinds"
                if one.kinds_differ
                else "; ".join(f"{fact.relation.label} {fact.tail.label}" for fact in one.shared),
            )
            for one in check.duplicates
        ]
        show(table(columns, rows))
    if check.relations:
        show(as_text("Relations that may be one", "bold"))
        alike = [
            (one.keep.id, one.gone.id, round(one.alike, 2), f"{one.shared} of {one.either}")
            for one in check.relations
        ]
        show(table(["keep", "gone", "names alike", "same facts"], alike))
    if check.clashes:
        show(as_text("Several values where nearly all have one", "bold"))
        clashing = [
            (one.entity.id, one.relation.id, ", ".join(value.id for value in one.values))
            for one in check.clashes
        ]
        show(table(["entity", "relation", "values"], clashing))
    if not (check.duplicates or check.relations or check.clashes):
        say("Nothing odd was found.")
    if check.cut:
        say("There is more than is told here.")
    pair = next((one for one in check.duplicates if not one.kinds_differ), None)
    if pair is not None:
        say(
            f"Merge two: python -m core graph edit {check.name} "
            f"--merge '{pair.keep.id},{pair.gone.id}' --look"
        )
