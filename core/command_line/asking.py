"""Commands that answer at once: ask, explain, compare; in the resident, or in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from typing import Any

import typer
from rich.text import Text
from rich.tree import Tree

from core.catalogue import BY_RECIPE, Entry
from core.command_line.options import JSON, settings_command
from core.command_line.output import as_text, messages, print_json, show, styled, table
from core.errors import Stale, WorkspaceError
from core.report import Silent
from core.results.answer import Answer
from core.results.answer_lines import answer_lines, certificate_lines, offered_lines
from core.results.comparison import Comparison
from core.results.graph import ChangeReport
from core.results.named import Named
from core.results.record import Record
from core.results.trace import TopicTrace, Trace
from core.results.what_if import WhatIf
from core.runs import resident
from core.runs.store.store import Store, plain
from core.runs.worker.recipe_loading import load_recipe
from core.settings import Settings
from core.workspace import Workspace


def add_to(groups: dict[str, typer.Typer]) -> None:
    """Add a command for everything in the catalogue that answers at once.

    Args:
        groups: By the first word of a command of two; the empty word: those of one.
    """
    for recipe, display in DISPLAYS.items():
        entry = BY_RECIPE[recipe]
        group, _, name = entry.command.rpartition(" ")
        _add(groups[group], name, entry, display)


def show_answer(answer: Answer) -> None:
    """The answer as `answer_lines` tells it, and how long it took."""
    for line in [*answer_lines(answer), *offered_lines(answer)]:
        show(styled(line))
    show(as_text(f"({answer.seconds:.2f} s)", "dim"))


def show_trace(trace: Trace) -> None:
    """Each topic's tree of relations with the teacher's mass, its paths, and where they meet."""
    for topic, traced in zip(trace.topics, [trace, *trace.beside], strict=True):
        show_topic_trace(topic.label, traced)
    for meeting in trace.meetings:
        line = as_text(" & ".join(" -> ".join(path) for path in meeting.paths))
        show(_weighed(meeting.probability, _leading_to(line, meeting.answers)))
    if trace.beside and not trace.meetings:
        show(as_text("Their paths meet nowhere.", "yellow"))
    if trace.certificate:
        for told in certificate_lines(trace.certificate):
            show(styled(told))


def show_topic_trace(topic: str, traced: TopicTrace) -> None:
    """One topic's tree and paths."""
    root = Tree(as_text(topic, "bold"))
    branches: dict[int, Tree] = {}
    for hop in traced.hops:
        for node in hop.nodes:
            line = as_text(f"{node.mass:.2f} {node.relation.label}")
            line.append(f"  {node.frontier_size} reached, stop {node.stop:.2f}", "dim")
            branches[node.id] = branches.get(node.parent, root).add(line)
    show(root)
    for path in traced.paths:
        line = as_text(" -> ".join(path.labels))
        show(_weighed(path.probability, _leading_to(line, path.answers)))
    show(as_text(f"(everything else: {traced.rest:.2f})", "dim"))


def show_what_if(what_if: WhatIf) -> None:
    """Paths, then answers, as they are and as they would be."""
    paths = [
        (" -> ".join(p.labels), p.before, "gone" if p.gone else p.after) for p in what_if.paths
    ]
    show(table(["path", "as it is", "supposed"], paths))
    answers = [(a.label, a.before, a.after) for a in what_if.answers]
    show(table(["answer", "as it is", "supposed"], answers))
    show(as_text(f"{what_if.moved:.0%} of the mass moved.", "dim"))


def show_comparison(comparison: Comparison) -> None:
    """Teacher beside student, path by path."""
    rows = [(" -> ".join(p.labels), p.teacher, p.student) for p in comparison.paths]
    show(table(["path", "teacher", "student"], rows))
    show(
        as_text(
            f"KL over paths {comparison.kl_path:.4f}; the student's mass outside the graph "
            f"{comparison.off_graph:.4f}",
            "dim",
        )
    )


def show_change(change: ChangeReport) -> None:
    """What changes, the first of each kind, and what undoes it."""
    for sign, style, facts in (
        ("+", "green", change.added_examples),
        ("-", "red", change.removed_examples),
    ):
        for fact in facts:
            show(as_text(f"{sign} {', '.join(fact)}", style))
    for one in change.renamed_examples:
        show(as_text(f"~ {one.id}, {one.column}: {one.before!r} -> {one.after!r}", "yellow"))
    told = f"{change.added} facts added, {change.removed} removed, {change.renamed} names changed"
    show(as_text(f"{told}; {change.entities} entities and {change.relations} relations are new."))
    if change.kept is not None:
        undo = f"python -m core graph edit {change.name} --undo {change.kept.number}"
        show(as_text(f"Change {change.kept.number}. Undo it: {undo}", "dim"))
    elif not change.added + change.removed + change.renamed:
        show(as_text("Nothing changes: the graph says so already."))


DISPLAYS: dict[str, Callable[[Any], None]] = {
    "edit_graph": show_change,
    "answer_question": show_answer,
    "explain_question": show_trace,
    "suppose_otherwise": show_what_if,
    "compare_labels": show_comparison,
}


def _add(app: typer.Typer, name: str, entry: Entry, display: Callable[[Any], None]) -> None:
    def action(settings: Settings, *, as_json: bool = JSON) -> None:
        result = _result(entry.recipe, settings)
        print_json(plain(result.as_record())) if as_json else display(result)

    app.command(name)(settings_command(entry.settings, action, arguments=entry.arguments))


def _result(recipe: str, settings: Settings) -> Record:
    # Libraries that print are kept off standard output, which is for the result alone.
    with redirect_stdout(sys.stderr), messages().status("Loading the model and thinking ..."):
        space = Workspace()
        if (store := _store_of_a_resident(space)) is not None:
            result: Record = resident.call(store, recipe, settings)
            return result
        result = load_recipe(recipe)(settings.model_dump(), Silent(), space)
    return result


def _store_of_a_resident(space: Workspace) -> Store | None:
    """Where a warm worker is asked, if one lives here, which has the model in memory already."""
    with suppress(WorkspaceError, Stale):  # a store that is not ours: nobody is asked there
        if space.root.is_dir() and resident.is_warm(store := Store(space)):
            return store
    return None


def _weighed(probability: float, line: Text) -> Text:
    return Text(f"{probability:5.2f}  ", "dim").append_text(line)


def _leading_to(path: Text, answers: Sequence[Named]) -> Text:
    path.append("  => ", "dim")
    return path.append_text(as_text(", ".join(a.label for a in answers), "green"))
