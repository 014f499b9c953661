"""A graph of ten million facts and a million names: `python -m tests.benchmarks.graph_scale`.

    python -m tests.benchmarks.graph_scale [--triples 10000000] [--entities 1000000]

It is made in one process; in a second one, which has read nothing of it, it is opened, the
neighbourhood of entities is asked for (two hops, as the page draws it, and all of it up to 100,000
entities), and entities are searched by the whole, the beginning and the middle of a name, by what
is in none, and by two letters. Times are the median and the 99th of a hundred.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.lookup import find_by_name
from core.graph.neighbourhood import neighbourhood

RELATIONS, ASKED = 500, 200
SYLLABLES = re.findall("..", "bacodifegujokilemnopiquarostivewax")


def name_of(number: int) -> str:
    """A name of three words."""
    words = []
    for _ in range(3):
        number, *parts = (
            number // 256,
            SYLLABLES[number % 16],
            SYLLABLES[number // 16 % 16],
        )
        words.append("".join(parts).capitalize())
    return " ".join(words)


def make(place: Path, triples: int, entities: int) -> None:
    """Write a graph whose facts are the more the lower the number of an entity, as in the world."""
    draw = np.random.default_rng(0)
    ids = pa.array([f"Q{number}" for number in range(entities)])
    relations = pa.array([f"P{number}" for number in range(RELATIONS)])
    heads = draw.integers(entities, size=triples).astype(np.int32)
    tails = (entities * draw.random(triples) ** 2).astype(np.int32)
    between = (RELATIONS * draw.random(triples) ** 2).astype(np.int32)
    table = pa.table(
        {
            "head": pa.DictionaryArray.from_arrays(heads, ids),
            "relation": pa.DictionaryArray.from_arrays(between, relations),
            "tail": pa.DictionaryArray.from_arrays(tails, ids),
        }
    )
    shuffled = draw.permutation(entities)
    names = pa.array([name_of(int(number)) for number in shuffled])
    graph = KnowledgeGraph.build("large", table, pa.table({"id": ids, "label:en": names}))
    graph.save(place)


def timed(what: str, calls: Iterable[Callable[[], object]]) -> None:
    """Print the median, the 99th of a hundred and the first."""
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    p50, p99 = np.percentile(times, (50, 99))
    sys.stdout.write(f"{what}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, first {times[0]:.1f} ms\n")


def ask(place: Path) -> None:
    """Open the graph and ask it."""
    began = time.perf_counter()
    graph = KnowledgeGraph.open(place)
    sys.stdout.write(f"{graph}\nopened in {1000 * (time.perf_counter() - began):.1f} ms\n")
    draw = np.random.default_rng(1)
    topics = draw.integers(graph.entity_count, size=ASKED).tolist()
    for limit, what in ((300, "as drawn"), (100_000, "whole")):
        timed(
            f"2 hops, {what}",
            (partial(neighbourhood, graph, [one], 2, limit) for one in topics),
        )
    names = [graph.label(one) for one in topics]
    texts = {
        "whole name": names,
        "beginning": [name[:6] for name in names],
        "middle": [name[3:9] for name in names],
        "nowhere": [name[:5] + "zzz" for name in names],
        "two letters": [name[:2] for name in names],
    }
    for what, asked in texts.items():
        timed(f"search, {what}", (partial(find_by_name, graph, text) for text in asked))


def main() -> None:
    """Make a graph, then ask it in a process of its own."""
    said = argparse.ArgumentParser()
    said.add_argument("--triples", type=int, default=10_000_000)
    said.add_argument("--entities", type=int, default=1_000_000)
    said.add_argument("--ask", type=Path)
    told = said.parse_args()
    if told.ask:
        ask(told.ask)
        return
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        make(Path(folder), told.triples, told.entities)
        sys.stdout.write(f"made in {time.perf_counter() - began:.1f} s\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", __spec__.name, "--ask", folder]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
