"""What came of distilling one student at many alphas and temperatures."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class SweepCell(Record):
    """One student of a sweep, scored.

    Attributes:
        student: Its name in the workspace.
        evaluation: The run that scored it.
        hits_at_1: Share of the questions whose top answer is right; None where it came to nothing.
        path_exact_match: See `Scores`.
        ece: See `Scores`.
        error: Why it came to nothing, in a sentence.
    """

    alpha: float
    temperature: float
    student: str
    evaluation: str
    hits_at_1: float | None = None
    path_exact_match: float | None = None
    ece: float | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class SweepReport(Record):
    """A sweep that is over.

    Attributes:
        student: Whose settings all students share.
        split: The part of its questions that they were scored on.
        questions: How many of these have an answer.
        cells: In the order of alpha, then of T.
        best: The student with the highest Hits@1; of equals the first.
        rivals: How many others cannot be told from it: their Hits@1 lies within the 95 % interval
            (Wilson) of its own. Each was trained once, with one seed, which adds to the doubt.
    """

    student: str
    split: str
    questions: int
    cells: tuple[SweepCell, ...]
    best: str
    rivals: int
    seconds: float
