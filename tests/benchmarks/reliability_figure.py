"""Draw the reliability plots of many question sets side by side.

    python -m tests.benchmarks.reliability_figure OUT.svg ROWS [ROWS ...]

`ROWS` are files that `teacher_quality --rows` wrote. One plot for each set and supervision, the
questions of all seeds pooled: how often answers were right, against how sure the teacher was. Bars
end at the diagonal where confidence can be believed; the figure above a bar counts its questions.
Needs vl-convert-python (requirements.txt here).
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd


def main() -> None:
    """Read the rows and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("rows", type=Path, nargs="+")
    given = parser.parse_args()
    lines = [line for file in given.rows for line in file.read_text("utf-8").splitlines()]
    drawn(pooled(map(json.loads, lines))).save(given.out)


def pooled(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Bins of all seeds of a set together: set, low, high, count, confidence, accuracy."""
    sums: dict[tuple[str, float, float], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in rows:
        name = f"{re.sub('_[0-9]+$', '', row['set'])}, {row['supervision']}".replace("_", " ")
        for one in row["reliability"]:
            total = sums[name, one["low"], one["high"]]
            for place, value in enumerate((1.0, one["confidence"], one["accuracy"])):
                total[place] += one["count"] * value
    return pd.DataFrame(
        {
            "set": name,
            "left": low + 0.006,
            "right": high - 0.006,
            "middle": (low + high) / 2,
            "count": count,
            "confidence": sure / count,
            "accuracy": right / count,
        }
        for (name, low, high), (count, sure, right) in sums.items()
    )


def drawn(frame: pd.DataFrame) -> alt.FacetChart:
    """One plot for each set."""
    share = {"scale": alt.Scale(domain=[0, 1.1]), "axis": alt.Axis(format="%", values=[0, 0.5, 1])}
    base = alt.Chart(frame)
    bars = base.mark_rect(color="#2f6fde", opacity=0.75).encode(
        x=alt.X("left:Q", title="confidence", **share),
        x2="right:Q",
        y=alt.Y("accuracy:Q", title="right", **share),
        y2=alt.datum(0),
    )
    counts = base.mark_text(dy=-5, fontSize=8).encode(
        x="middle:Q", y="accuracy:Q", text=alt.Text("count:Q", format=".2~s")
    )
    ideal = base.mark_rule(strokeDash=[4, 3], color="#888").encode(
        x=alt.datum(0), x2=alt.datum(1), y=alt.datum(0), y2=alt.datum(1)
    )
    plots = alt.layer(bars, ideal, counts).properties(width=130, height=110)
    return plots.facet(facet=alt.Facet("set:N", title=None), columns=4).configure(
        background="white"
    )


if __name__ == "__main__":
    main()
