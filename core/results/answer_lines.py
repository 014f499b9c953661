"""An answer in words, line by line, as the terminal tells it and whoever asks over a network.

Whether the path is in the graph, how sure it is that it answers the question, and what was not
found are three things, and are said apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.foreign_text import printable
from core.results.answer import (
    WORTH_SAYING,
    Answer,
    AnsweredPath,
    Decision,
    JudgedHop,
    LookedFor,
)
from core.results.certificate import Certificate
from core.results.named import Fact, LikelyEntity

Weighed = TypeVar("Weighed", LikelyEntity, AnsweredPath)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line, and the style by which a terminal may set it off; empty for none."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


def answer_text(answer: Answer) -> str:
    """The whole as plain text: what is answered, and what can be asked instead."""
    lines = [*answer_lines(answer), *offered_lines(answer)]
    return "\n".join(map(plain_line, lines))


def plain_line(line: Line) -> str:
    """A line without its styles; what a label holds neither breaks it nor steers a terminal."""
    return printable(" ".join("".join(span.text for span in line).splitlines()))


def answer_lines(answer: Answer) -> list[Line]:
    """The answers, each path with a verdict per hop, and what is known of them, one by one."""
    lines = _hedge(answer)
    for found in _worth_saying(answer, answer.answers):
        style = "bold green" if answer.relied_on else "yellow"
        lines.append(_line(f"{found.label}  {found.probability:.2f}", style))
    paths = answer.paths if answer.decision is not Decision.NOT_IN_GRAPH else ()
    lines += [
        (Span(f"{one.probability:5.2f}  ", "dim"), *chain(one.hops))
        for one in _worth_saying(answer, paths)
    ]
    statements = []
    if _worth_saying(answer, paths):
        there = "in the graph" if answer.paths[0].supported else "not in the graph"
        statements.append(f"The path: {there}.")
    if answer.confidence is not None:
        refuses = answer.decision is Decision.NOT_IN_GRAPH or answer.doubts_graph
        what = "the graph does not say" if refuses else "it answers"
        statements.append(f"How sure that {what}: {answer.confidence:.2f}{_likely(answer)}.")
    if answer.graph_changes:
        statements.append(
            f"The graph was changed since the student learned it ({answer.graph_changes} facts and "
            "names): it is read as it is now, how sure that is was measured before."
        )
    if (lacking := answer.not_found) is not None:
        statements.append(f"Not found: {_in_vain(lacking)} ({lacking.probability:.2f}).")
    lines += [_line(statement, "dim") for statement in statements]
    return lines + (certificate_lines(answer.certificate) if answer.certificate else [])


def certificate_lines(certificate: Certificate) -> list[Line]:
    """Whether an answer stays first without any one fact, and on which it hangs.

    Where that the graph does not say is then most probable, there is no answer.
    """
    tried = (
        f"{certificate.facts} facts lie on the ways around it; {certificate.tried} facts that can "
        "change anything were taken away, one at a time."
    )
    if certificate.kept:
        what = "this" if certificate.answer else "that the graph does not say"
        said = f"Certified: whichever one fact of the graph is taken away, {what} stays first."
        return [_line(said, "blue"), _line(tried, "dim"), *_source_line(certificate)]
    lines = []
    if (on := certificate.hangs_on) is not None:
        first = f"{on.first.label}  {on.first.probability:.2f}" if on.first else "no answer"
        lines.append(
            (Span("Hangs on: ", "yellow"), *chain([on.fact]), Span(f"; without it: {first}"))
        )
    return [
        *lines,
        _line(f"{tried} {certificate.decisive} of them it does not outlast.", "dim"),
        *_source_line(certificate),
    ]


def _source_line(certificate: Certificate) -> list[Line]:
    """What is said without the source that it hangs on most; nothing where there is none."""
    if (on := certificate.source) is None:
        return []
    what = "it stays first" if on.kept else f"then: {on.first.label if on.first else 'no answer'}"
    return [_line(f"Without all that came from {on.source!r} ({on.facts} facts), {what}.", "dim")]


def offered_lines(answer: Answer) -> list[Line]:
    """Which topic was guessed, what else may be meant, and what can be asked instead."""
    lines = []
    for topic in answer.topics:
        if topic.match == "common_word":
            said = f"About {topic.label!r}: a guess, for that is also a common word."
            lines.append(_line(said, "yellow"))
    labels = {topic.label for topic in answer.topics}
    sure = answer.decision is Decision.ANSWERED
    others = [one for one in answer.candidates if one.label in labels or not sure]
    if others:
        named = ", ".join(f"{one.label} ({one.id})" for one in others)
        lines.append(_line(f"It may be about another, whose id --topic takes: {named}."))
    if answer.suggestions:
        lines.append(_line("What the graph can answer, for example:"))
    return lines + [_line(f"  {one.question}") for one in answer.suggestions]


def chain(hops: Sequence[Fact]) -> Line:
    """Hops as one line: `Joe Biden -born_in-> Scranton -city_of-> USA`.

    A hop with a verdict is styled by it, and what is wrong with it is named.
    """
    line = [Span(hops[0].head.label, "bold")] if hops else []
    for hop in hops:
        verdict = hop.verdict if isinstance(hop, JudgedHop) else "in_graph"
        good = verdict == "in_graph"
        line.append(Span(f" -{hop.relation.label}-> ", "blue" if good else "yellow"))
        line.append(Span(hop.tail.label, "bold"))
        if not good:
            line.append(Span(f" ({verdict.replace('_', ' ')})", "yellow"))
    return tuple(line)


def _line(text: str, style: str = "") -> Line:
    return (Span(text, style),)


def _worth_saying(answer: Answer, found: Sequence[Weighed]) -> list[Weighed]:
    """Answers or paths, without those that are all but impossible where the graph may not say."""
    return [one for one in found if not answer.doubts_graph or one.probability >= WORTH_SAYING]


def _hedge(answer: Answer) -> list[Line]:
    """What is said before the answers: nothing where they are relied on."""
    if not answer.topics:
        looked = "Not found: nothing in the question is a name of the graph, or near one."
        return [_line("The graph does not say.", "bold yellow"), _line(looked, "dim")]
    if answer.asks_nothing:
        topic = answer.topics[0].label
        return [_line(f"What do you want to know about {topic}?", "bold yellow")]
    if answer.decision is Decision.NOT_IN_GRAPH:
        return [_line("The graph does not say.", "bold yellow")]
    if not answer.answers:
        return [_line("No answer.", "yellow")]
    if answer.decision is Decision.UNSURE and answer.doubts_graph:
        more = ", or it is:" if _worth_saying(answer, answer.answers) else "."
        return [_line(f"Not sure. Perhaps the graph does not say{more}", "bold yellow")]
    if answer.decision is Decision.UNSURE:
        return [_line("Not sure. It may be:", "bold yellow")]
    return []


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
