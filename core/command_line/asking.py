"""Commands that answer at once, in this process: ask, explain, compare."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any, TypeVar

import typer
from rich.text import Text
from rich.tree import Tree

from core.catalogue import BY_RECIPE, Entry
from core.command_line.options import JSON, settings_command
from core.command_line.output import as_text, chain, messages, print_json, show, table
from core.report import Silent
from core.results.answer import WORTH_SAYING, Answer, AnsweredPath, Decision, LookedFor
from core.results.comparison import Comparison
from core.results.named import LikelyEntity, Named
from core.results.record import Record
from core.results.trace import TopicTrace, Trace
from core.results.what_if import WhatIf
from core.runs.store.store import plain
from core.runs.worker.recipe_loading import load_recipe
from core.settings import Settings
from core.workspace import Workspace

Weighed = TypeVar("Weighed", LikelyEntity, AnsweredPath)


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
    for line in [*answer_lines(answer), *_offered(answer)]:
        show(line)
    show(as_text(f"({answer.seconds:.2f} s)", "dim"))


def answer_lines(answer: Answer) -> list[Text]:
    """The answers, each path with a verdict per hop, and what is known of them, one by one.

    Whether the path is in the graph, how sure it is that it answers the question, and what was not
    found are three things.
    """
    lines = _hedge(answer)
    for found in _worth_saying(answer, answer.answers):
        style = "bold green" if answer.relied_on else "yellow"
        lines.append(as_text(f"{found.label}  {found.probability:.2f}", style))
    paths = answer.paths if answer.decision is not Decision.NOT_IN_GRAPH else ()
    lines += [_weighed(one.probability, chain(one.hops)) for one in _worth_saying(answer, paths)]
    statements = []
    if _worth_saying(answer, paths):
        there = "in the graph" if answer.paths[0].supported else "not in the graph"
        statements.append(f"The path: {there}.")
    if answer.confidence is not None:
        refuses = answer.decision is Decision.NOT_IN_GRAPH or answer.doubts_graph
        what = "the graph does not say" if refuses else "it answers"
        statements.append(f"How sure that {what}: {answer.confidence:.2f}{_likely(answer)}.")
    if (lacking := answer.not_found) is not None:
        statements.append(f"Not found: {_in_vain(lacking)} ({lacking.probability:.2f}).")
    return lines + [as_text(statement, "dim") for statement in statements]


def _worth_saying(answer: Answer, found: Sequence[Weighed]) -> list[Weighed]:
    """Answers or paths, without those that are all but impossible where the graph may not say."""
    return [one for one in found if not answer.doubts_graph or one.probability >= WORTH_SAYING]


def _hedge(answer: Answer) -> list[Text]:
    """What is said before the answers: nothing where they are relied on."""
    if not answer.topics:
        looked = "Not found: nothing in the question is a name of the graph, or near one."
        return [as_text("The graph does not say.", "bold yellow"), as_text(looked, "dim")]
    if answer.asks_nothing:
        topic = answer.topics[0].label
        return [as_text(f"What do you want to know about {topic}?", "bold yellow")]
    if answer.decision is Decision.NOT_IN_GRAPH:
        return [as_text("The graph does not say.", "bold yellow")]
    if not answer.answers:
        return [as_text("No answer.", "yellow")]
    if answer.decision is Decision.UNSURE and answer.doubts_graph:
        more = ", or it is:" if _worth_saying(answer, answer.answers) else "."
        return [as_text(f"Not sure. Perhaps the graph does not say{more}", "bold yellow")]
    if answer.decision is Decision.UNSURE:
        return [as_text("Not sure. It may be:", "bold yellow")]
    return []


def _offered(answer: Answer) -> list[Text]:
    """Which topic was guessed, what else may be meant, and what can be asked instead."""
    lines = []
    for topic in answer.topics:
        if topic.match == "common_word":
            said = f"About {topic.label!r}: a guess, for that is also a common word."
            lines.append(as_text(said, "yellow"))
    labels = {topic.label for topic in answer.topics}
    sure = answer.decision is Decision.ANSWERED
    others = [one for one in answer.candidates if one.label in labels or not sure]
    if others:
        named = ", ".join(f"{one.label} ({one.id})" for one in others)
        lines.append(as_text(f"It may be about another, whose id --topic takes: {named}."))
    if answer.suggestions:
        lines.append(as_text("What the graph can answer, for example:"))
    return lines + [as_text(f"  {one.question}") for one in answer.suggestions]


def _likely(answer: Answer) -> str:
    """The likely set in words; nothing where there is none."""
    likely = answer.likely_set
    if likely is None:
        return ""
    names = [one.label for one in likely.answers]
    names += [f"{likely.size - len(names)} more"] if likely.size > len(names) else []
    names += ["that the graph does not say"] if likely.not_in_graph else []
    return f"; likely at {likely.level:.0%}: {', '.join(names) or 'nothing'}"


def _in_vain(lacking: LookedFor) -> str:
    """What was looked for and where, in words."""
    if lacking.relation is None:
        return f"what is asked of {lacking.at.label} is none of the graph's relations"
    checked = ", checked" if lacking.verified else ""
    return f"{lacking.at.label} has no {lacking.relation.label!r} here{checked}"


def show_trace(trace: Trace) -> None:
    """Each topic's tree of relations with the teacher's mass, its paths, and where they meet."""
    for topic, traced in zip(trace.topics, [trace, *trace.beside], strict=True):
        show_topic_trace(topic.label, traced)
    for meeting in trace.meetings:
        line = as_text(" & ".join(" -> ".join(path) for path in meeting.paths))
        show(_weighed(meeting.probability, _leading_to(line, meeting.answers)))
    if trace.beside and not trace.meetings:
        show(as_text("Their paths meet nowhere.", "yellow"))


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


DISPLAYS: dict[str, Callable[[Any], None]] = {
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
        result: Record = load_recipe(recipe)(settings.model_dump(), Silent(), Workspace())
    return result


def _weighed(probability: float, line: Text) -> Text:
    return Text(f"{probability:5.2f}  ", "dim").append_text(line)


def _leading_to(path: Text, answers: Sequence[Named]) -> Text:
    path.append("  => ", "dim")
    return path.append_text(as_text(", ".join(a.label for a in answers), "green"))
