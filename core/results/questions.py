"""What came of importing or generating questions."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.graph import Finding
from core.results.record import Record


@dataclass(frozen=True)
class ReadReport(Record):
    """What came of the rows.

    Attributes:
        read: Rows met, blank lines not counted.
        kept: Questions made.
        skipped: Rows left out.
        paths_dropped: Gold paths that the graph cannot follow; their questions are kept.
        findings: The first rows that were left out or lost their path, 20 at most.
        unanswerable: Questions that the graph does not answer and say so.
    """

    read: int
    kept: int
    skipped: int
    paths_dropped: int
    findings: tuple[Finding, ...]
    unanswerable: int = 0


@dataclass(frozen=True, kw_only=True)
class GeneratedReport(Record):
    """What was asked.

    Attributes:
        languages: Questions by language.
        hops: Questions by the hops of their gold path.
        withheld: Questions whose path is not told.
        paths: Different gold paths that are told.
        unanswerable: Questions that the graph cannot answer.
    """

    read: int
    kept: int
    skipped: int
    languages: dict[str, int]
    hops: dict[str, int]
    withheld: int
    paths: int = 0
    unanswerable: int = 0


@dataclass(frozen=True, kw_only=True)
class QuestionsReport(Record):
    """A question set; `splits` are the questions of each part."""

    name: str
    graph: str
    questions: int
    splits: dict[str, int]
    skipped: int
    report: ReadReport | GeneratedReport
