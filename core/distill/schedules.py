"""The course that alpha, T, lambda, beta and the learning rate take over a run.

A `Schedule` is a pure function from the optimizer step (counted from 1) to the hyperparameters of
that step. It has two sources: ends, to which a hyperparameter moves from its beginning over the
whole run, and changes, which a person made while it went on. From a change on it stays at the new
value; a changed learning rate keeps the shape of its course.

    alpha, T, beta      begin + (end - begin) * shape((step - 1) / (steps - 1))
                        linear: shape(x) = x        cosine: shape(x) = (1 - cos(pi x)) / 2
    learning rate       peak * (warm-up over the first 5 %, then 1, 1 - x or (1 + cos(pi x)) / 2)

A schedule is JSON as a record, so the course of one run can be taken again by another, changes
included, even if that takes more or fewer steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.errors import FormatError
from core.settings import CONTROLLABLE, DistillSettings

WARM_UP = 1 / 20
SCHEDULE = "schedule.json"
"""The record of a run's schedule, in its folder."""


class Hyperparameters(Mapping[str, float]):
    """What may be turned, as it stands at one step: each of `CONTROLLABLE`, as an attribute too."""

    def __init__(self, **values: float) -> None:
        """One value for each; a record that is older than one of them gets its default."""
        if unknown := values.keys() - set(CONTROLLABLE):
            raise TypeError(f"no hyperparameters: {', '.join(sorted(unknown))}")
        known = DistillSettings.model_fields
        self._values: dict[str, float] = {
            key: values.get(key, known[key].default) for key in CONTROLLABLE
        }

    def __getitem__(self, key: str) -> float:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, key: str) -> float:
        if key not in CONTROLLABLE:
            raise AttributeError(key)
        return self._values[key]


@dataclass(frozen=True)
class Change:
    """A hyperparameter set by hand: it holds from optimizer step `step` on."""

    step: int
    key: str
    value: float


@dataclass(frozen=True)
class Schedule:
    """The course of a run.

    Attributes:
        steps: Optimizer steps of the whole run.
        begin: The hyperparameters at the first step; the learning rate is its peak.
        ends: Hyperparameters that move, with their value at the last step.
        shape: How they move: `linear` or `cosine`.
        rate: How the learning rate falls: `constant`, `linear` or `cosine`.
        changes: What a person changed, oldest first.
    """

    steps: int
    begin: Hyperparameters
    ends: Mapping[str, float]
    shape: str = "linear"
    rate: str = "cosine"
    changes: tuple[Change, ...] = ()

    def at(self, step: int) -> Hyperparameters:
        """The hyperparameters of an optimizer step, counted from 1."""
        done = (step - 1) / max(self.steps - 1, 1)
        moved = done if self.shape == "linear" else (1 - math.cos(math.pi * done)) / 2
        values = dict(self.begin)
        for key, end in self.ends.items():
            values[key] += (end - values[key]) * moved
        for change in self.changes:
            if change.step <= step:
                values[change.key] = change.value
        values["learning_rate"] *= self._rate_factor(step)
        return Hyperparameters(**values)

    def value(self, key: str, step: int) -> float:
        """A hyperparameter as a person sees and sets it: of the learning rate, the peak."""
        if key != "learning_rate":
            return self.at(step)[key]
        rates = [c.value for c in self.changes if c.key == key and c.step <= step]
        return rates[-1] if rates else self.begin.learning_rate

    def ever(self, key: str) -> bool:
        """Whether a hyperparameter is above 0 at any step."""
        values = (
            self.begin[key],
            self.ends.get(key, 0),
            *(c.value for c in self.changes if c.key == key),
        )
        return any(value > 0 for value in values)

    def change(self, step: int, key: str, value: float) -> Schedule:
        """The schedule with a hyperparameter set by hand from a step on."""
        return replace(self, changes=(*self.changes, Change(step, key, value)))

    def over(self, steps: int) -> Schedule:
        """The same course over another number of steps."""
        scale = max(steps - 1, 0) / max(self.steps - 1, 1)
        moved = [replace(c, step=1 + round((c.step - 1) * scale)) for c in self.changes]
        return replace(self, steps=steps, changes=tuple(moved))

    def as_record(self) -> dict[str, Any]:
        """The schedule as JSON."""
        return {
            **{field.name: getattr(self, field.name) for field in fields(self)},
            "begin": dict(self.begin),
            "ends": dict(self.ends),
            "changes": [asdict(change) for change in self.changes],
        }

    def _rate_factor(self, step: int) -> float:
        warm = max(1, round(self.steps * WARM_UP))
        if step <= warm:
            return step / (warm + 1)
        left = 1 - (step - 1 - warm) / max(self.steps - warm, 1)
        if self.rate == "constant":
            return 1.0
        return left if self.rate == "linear" else (1 - math.cos(math.pi * left)) / 2


def schedule_of(settings: DistillSettings, steps: int) -> Schedule:
    """The schedule that settings ask for."""
    ends = {key: getattr(settings, f"{key}_end", None) for key in CONTROLLABLE}
    return Schedule(
        steps=steps,
        begin=Hyperparameters(**{key: getattr(settings, key) for key in CONTROLLABLE}),
        ends={key: end for key, end in ends.items() if end is not None},
        shape=settings.schedule,
        rate=settings.learning_rate_schedule,
    )


def schedule_from_record(record: Any) -> Schedule:
    """The schedule that a run has recorded.

    Raises:
        FormatError: If it is not such a record.
    """
    try:
        return Schedule(
            **{
                **record,
                "begin": Hyperparameters(**record["begin"]),
                "changes": tuple(Change(**change) for change in record["changes"]),
            }
        )
    except (TypeError, KeyError) as error:
        raise FormatError("The recorded schedule cannot be read: {error}.", error=error) from error
