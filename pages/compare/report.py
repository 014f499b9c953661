"""A comparison to take along: a CSV file, and one page of HTML that needs nothing beside it.

The page has no script, and its policy allows none; whatever a model or a set is called is text.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pages.compare.contenders import Scored
from pages.compare.parts_view import PARTS, part_rows
from pages.compare.scores_view import SHARES, column_name, score_row
from pages.parts.table import cell
from pages.parts.text import clipped, language, t_plain

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a7a7a")
SIDE = 320
"""Of the drawing, in pixels."""

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; color: #18212b; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #d5dde5 }
th:first-child, td:first-child { text-align: left }
svg { max-width: 100%; height: auto }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #10161d }
  th, td { border-color: #35414d }
}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def as_csv(rows: Sequence[Scored]) -> bytes:
    """The table of scores, for a spreadsheet: UTF-8 with the mark by which Excel knows it."""
    text = io.StringIO()
    lines = [score_row(one) for one in rows]
    writer = csv.DictWriter(text, list(lines[0]))
    writer.writerow({name: column_name(name) for name in lines[0]})
    writer.writerows({name: cell(value) for name, value in line.items()} for line in lines)
    return text.getvalue().encode("utf-8-sig")


def as_html(rows: Sequence[Scored], questions: str, split: str) -> bytes:
    """Scores, parts and reliability on one page, in the reader's language."""
    title = t_plain(
        "compare.report", questions=questions, split=t_plain(f"questions.split.{split}")
    )
    made = t_plain("compare.report_made", at=time.strftime("%Y-%m-%d %H:%M"))
    parts = [
        f"<h1>{_safe(title)}</h1>",
        f"<p>{_safe(made)}</p>",
        _table([_told(score_row(one)) for one in rows], column_name),
    ]
    for kind in PARTS:
        told = part_rows(rows, kind)
        if len(told[0]) > 1:
            shares = [{name: _shown(value, share=True) for name, value in row.items()}
                      for row in told]  # fmt: skip
            parts += [f"<h2>{_safe(t_plain(f'compare.by.{kind}'))}</h2>", _table(shares, _part)]
    if any(one.found.reliability for one in rows):
        parts += [f"<h2>{_safe(t_plain('compare.reliability'))}</h2>", _drawing(rows)]
        parts.append(f"<p>{_safe(t_plain('compare.reliability_help'))}</p>")
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_safe(title)}</title><style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    page = f'<!doctype html><html lang="{language()}"><head>{head}</head><body>{body}</body></html>'
    return page.encode()


def _told(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: _shown(value, share=name in SHARES) for name, value in row.items()}


def _shown(value: Any, *, share: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.1%}" if share else f"{value:,.1f}"
    return str(value)


def _part(name: str) -> str:
    return column_name(name) if name == "model" else name


def _table(rows: Sequence[Mapping[str, str]], named: Any) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        inner = "".join(f"<{tag}>{_safe(one)}</{tag}>" for one in cells)
        return f"<tr>{inner}</tr>"

    head = line(map(named, rows[0]), "th")
    return f"<table>{head}{''.join(line(row.values(), 'td') for row in rows)}</table>"


def _drawing(rows: Sequence[Scored]) -> str:
    """Confidence to the right, accuracy upward, the diagonal, and a line a model."""
    lines, names = [], []
    for number, one in enumerate(rows):
        colour = COLOURS[number % len(COLOURS)]
        places = [
            (SIDE * spot.confidence, SIDE * (1 - spot.accuracy)) for spot in one.found.reliability
        ]
        along = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        lines.append(f'<polyline points="{along}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        names.append(
            f'<text x="{SIDE + 20}" y="{18 + 20 * number}" fill="{colour}" font-size="13">'
            f"{_safe(one.words())}</text>"
        )
    height = max(SIDE, 20 * len(rows))
    return (
        f'<svg viewBox="-4 -4 {SIDE + 340} {height + 8}" width="{SIDE + 340}" role="img" '
        f'aria-label="{_safe(t_plain("compare.reliability"))}">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#8a8f98"/>'
        f'<path d="M0 {SIDE} L{SIDE} 0" stroke="#8a8f98" stroke-dasharray="5 4"/>'
        f"{''.join(lines)}{''.join(names)}</svg>"
    )


def _safe(text: str) -> str:
    return escape(clipped(text))
