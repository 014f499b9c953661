"""What came of labelling questions."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class LabelsReport(Record):
    """Labels, kept in `labels/<name>/card.json`.

    Attributes:
        kind: `posterior` or `prior`; see `LabelSettings.kind`.
        labelled: Questions with a label.
        without_label: Questions without one.
        mean_rest: Mean probability, per label, of the paths that were not kept.
    """

    name: str
    teacher: str
    questions: str
    kind: str
    labelled: int
    without_label: int
    mean_rest: float
    seconds: float
