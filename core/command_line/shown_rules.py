"""Rules of a graph in a terminal."""

from __future__ import annotations

from core.command_line.output import as_text, chain, say, show, table
from core.results.rules import RuleReport


def show_rules(found: RuleReport) -> None:
    """Each rule, how often such are right, what it adds, with an example; and how to accept one."""
    rows = [
        (
            one.rule,
            f"{one.expected:.0%}" if found.checked else "?",
            f"{one.support} of {one.implied}",
            one.proposed,
        )
        for one in found.rules
    ]
    if rows:
        show(table(["rule", "such were right", "explains", "would add"], rows))
    else:
        say("No rule was right often enough.")
    for one in found.rules[:3]:
        for example in one.examples[:1]:
            show(as_text(example.fact.in_a_line(), "bold"))
            show(chain(example.proof))
    if found.found > len(rows):
        say(f"{found.found - len(rows)} more are not told here.")
    say(
        f"Measured on {found.checked} facts, true or not, about things that have the relation; "
        "about others nobody knows."
    )
    adding = next((one for one in found.rules if one.proposed), None)
    if adding is not None:
        say(f"Accept one: python -m core graph edit {found.name} --rule '{adding.rule}' --look")
