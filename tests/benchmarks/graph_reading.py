"""A table of facts becomes a graph, here and elsewhere: `python -m tests.benchmarks.graph_reading`.

    python -m tests.benchmarks.graph_reading [--triples 2000000] [--rounds 3] [--only ours igraph]

Every reader has a process of its own for each round, in turns. Seconds begin when the libraries are
loaded and end when the graph can be asked; memory is the most that the process took beyond what it
had before. PathDistill's graph is written to disk and opened again by then, as an import does it.
RDF stores are given the same facts as N-Triples, which are written before. What is not installed
(requirements.txt beside this file) is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ENTITIES, RELATIONS = 300_000, 200
SITE = "http://example.org/"


def write_facts(place: Path, count: int, seed: int = 0) -> None:
    """Facts whose tails are the more often named the lower their number, as TSV and N-Triples."""
    draw = np.random.default_rng(seed)
    heads = draw.integers(ENTITIES, size=count)
    relations = (RELATIONS * draw.random(count) ** 2).astype(int)
    tails = (ENTITIES * draw.random(count) ** 2).astype(int)
    rows = list(zip(heads.tolist(), relations.tolist(), tails.tolist(), strict=True))
    with (place / "facts.tsv").open("w") as file:
        file.writelines(f"entity_{h}\trelation_{r}\tentity_{t}\n" for h, r, t in rows)
    with (place / "facts.nt").open("w") as file:
        file.writelines(
            f"<{SITE}entity_{h}> <{SITE}relation_{r}> <{SITE}entity_{t}> .\n" for h, r, t in rows
        )


def pathdistill(place: Path) -> object:
    """What an import does."""
    from core.graph.knowledge_graph import KnowledgeGraph
    from core.graph.readers import read_graph

    graph, _ = read_graph("facts", [place / "facts.tsv"])
    graph.save(place / "graph")
    return KnowledgeGraph.open(place / "graph")


def networkx(place: Path) -> object:
    """A directed graph with the relation as key of each edge."""
    import networkx

    graph = networkx.MultiDiGraph()
    with (place / "facts.tsv").open() as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        graph.add_edges_from((head, tail, relation) for head, relation, tail in rows)
    return graph


def igraph(place: Path) -> object:
    """A directed graph with the relation as attribute of each edge."""
    import igraph

    with (place / "facts.tsv").open() as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        turned = ((head, tail, relation) for head, relation, tail in rows)
        return igraph.Graph.TupleList(turned, directed=True, edge_attrs=["relation"])


def pyoxigraph_in_memory(place: Path) -> object:
    """A store of RDF in memory."""
    import pyoxigraph

    store = pyoxigraph.Store()
    store.bulk_load(path=str(place / "facts.nt"), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def pyoxigraph_on_disk(place: Path) -> object:
    """A store of RDF on disk."""
    import pyoxigraph

    store = pyoxigraph.Store(str(place / "store"))
    store.bulk_load(path=str(place / "facts.nt"), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def rdflib(place: Path) -> object:
    """A graph of RDF in memory."""
    import rdflib

    return rdflib.Graph().parse(str(place / "facts.nt"), format="nt")


READERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "ours": (pathdistill, "core.graph.readers"),
    "networkx": (networkx, "networkx"),
    "igraph": (igraph, "igraph"),
    "pyoxigraph, memory": (pyoxigraph_in_memory, "pyoxigraph"),
    "pyoxigraph, disk": (pyoxigraph_on_disk, "pyoxigraph"),
    "rdflib": (rdflib, "rdflib"),
}
"""How each reads, and the module that it needs."""


def read(name: str, facts: Path) -> None:
    """Read once in this process, and print seconds and megabytes."""
    reader, module = READERS[name]
    importlib.import_module(module)
    with tempfile.TemporaryDirectory(dir=facts) as folder:
        place = Path(folder)
        (place / "graph").mkdir()
        for file in facts.glob("facts.*"):
            (place / file.name).symlink_to(file)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, busy = time.perf_counter(), time.process_time()
        made = reader(place)
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        index = (
            sum((place / "graph" / f"{n}.arrow").stat().st_size for n in _INDEX)
            if (name == "ours")
            else 0
        )
        del made
    sys.stdout.write(
        json.dumps({"seconds": seconds, "cpu": cpu, "mb": memory / 1024, "index": index})
    )


_INDEX = ("triples", "edges", "rows")


def main() -> None:
    """Measure and print a table."""
    said = argparse.ArgumentParser()
    said.add_argument("--triples", type=int, default=2_000_000)
    said.add_argument("--rounds", type=int, default=3)
    said.add_argument("--only", nargs="*", default=list(READERS))
    said.add_argument("--read", nargs=2)
    told = said.parse_args()
    if told.read:
        read(told.read[0], Path(told.read[1]))
        return
    names = [n for n in told.only if importlib.util.find_spec(READERS[n][1].partition(".")[0])]
    with tempfile.TemporaryDirectory() as folder:
        write_facts(Path(folder), told.triples)
        size = (Path(folder) / "facts.tsv").stat().st_size
        sys.stdout.write(f"{told.triples:,} lines, {size / 1e6:.1f} MB\n")
        found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(told.rounds):
            for name in names:
                command = [sys.executable, "-m", __spec__.name, "--read", name, folder]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                found[name].append(json.loads(done.stdout))
        middle = {
            name: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
            for name, rounds in found.items()
        }
        ours = middle.get("ours", {"seconds": 1.0, "cpu": 1.0})
        sys.stdout.write(
            "| reader | seconds | of ours | of the processor | of ours | MB | of the file |\n"
            "|---|---|---|---|---|---|---|\n"
        )
        for name, one in middle.items():
            sys.stdout.write(
                f"| {name} | {one['seconds']:.2f} | {one['seconds'] / ours['seconds']:.1f} | "
                f"{one['cpu']:.2f} | {one['cpu'] / ours['cpu']:.1f} | {one['mb']:.0f} | "
                f"{one['mb'] * 1024**2 / size:.2f} |\n"
            )
        for one in found.get("ours", [])[:1]:
            sys.stdout.write(f"index: {one['index'] / told.triples:.1f} bytes a line\n")


if __name__ == "__main__":
    main()
