"""What one question costs on graphs of growing size: time and memory.

    python -m tests.benchmarks.teacher_growth [--triples 10000 100000 1000000 10000000]
        [--questions 200] [--hops 3]

Graphs at random: as many entities as a third of the triples, 50 relations, tails drawn by a power
law, so that hubs grow with the graph (at ten million triples the widest has hundreds of thousands
of incoming edges). The same number of topics each, drawn alike. An untrained policy labels every
question: grow the tree, score it, keep the best paths. Each size runs in a process of its own:

    ms                  median over the questions; the first ten are not counted
    own MB              resident memory of the process that is not mapped from files, at its end,
                        above what it held before the first question
    arrays MB           numpy arrays alive while one question is answered (tracemalloc peak, median)
    mapped MB           pages of the graph's files that were read in
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa

RELATIONS = 50
WARM = 10


def main() -> None:
    """Measure every size and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, nargs="+", default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--hops", type=int, default=3)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        print(json.dumps(measured(given.inside, given.questions, given.hops)))
        return
    print("| triples | ms | nodes | own MB | arrays MB | mapped MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for triples in given.triples:
            place = Path(folder) / str(triples)
            make(place, triples)
            command = [sys.executable, "-m", "tests.benchmarks.teacher_growth", "--inside"]
            command += [str(place), "--questions", str(given.questions), "--hops", str(given.hops)]
            found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            cells = [f"{found[key]:.1f}" for key in ("ms", "nodes", "own", "arrays", "mapped")]
            print(f"| {triples:,} | " + " | ".join(cells) + " |", flush=True)


def make(place: Path, triples: int) -> None:
    """A random graph with hubs, saved."""
    from core.graph.knowledge_graph import KnowledgeGraph

    draw = np.random.default_rng(0)
    entities = max(triples // 3, 100)
    heads = draw.integers(0, entities, triples)
    tails = (entities * draw.random(triples) ** 3).astype(np.int64)
    relations = draw.integers(0, RELATIONS, triples)
    names = pa.array([f"e{number}" for number in range(entities)])
    labels = pa.array([f"relation number {number}" for number in range(RELATIONS)])
    table = pa.table(
        {
            "head": names.take(pa.array(heads)),
            "relation": labels.take(pa.array(relations)),
            "tail": names.take(pa.array(tails)),
        }
    )
    place.mkdir(parents=True)
    KnowledgeGraph.build("growth", table).save(place)


def measured(place: Path, questions: int, hops: int) -> dict[str, float]:
    """What the questions of one graph cost."""
    import torch

    from core.graph.knowledge_graph import KnowledgeGraph
    from core.graph.path_tree import TreeShape
    from core.records import Question
    from core.teacher.labelling import labels_of
    from core.teacher.path_policy import PathPolicy
    from core.teacher.policy_scoring import PolicyScorer
    from core.teacher.question_trees import TreeGrower
    from core.teacher.reasoning import score_questions

    torch.set_num_threads(1)
    torch.manual_seed(0)
    graph = KnowledgeGraph.open(place)
    shape = TreeShape(hops, "forward")
    policy = PathPolicy(graph, 64, 2)
    scorer = PolicyScorer(policy, graph, shape)
    draw = np.random.default_rng(1)
    topics = draw.integers(0, graph.entity_count, questions + WARM)

    class Unnamed:
        """No names to look for: the questions mention their topic by its mark alone."""

        def link(self, text: str, limit: int = 5) -> tuple[()]:
            return ()

    times, nodes, arrays = [], [], []
    before = (0.0, 0.0)
    for number, topic in enumerate(topics.tolist()):
        if number == WARM:
            before = resident()
        words = f"what is relation number {number % RELATIONS} of it"
        asked = Question(f"q{number}", words, "en", (graph.entity_id(topic),), ())
        tracing = number >= WARM and number % 4 == 0
        if tracing:
            tracemalloc.start()
        began = time.perf_counter()
        # Nothing is kept from one question to the next, or memory would follow the questions.
        grower = TreeGrower(graph, Unnamed(), shape, policy.relation_words)  # type: ignore[arg-type]
        trees = grower.grow(asked)
        for scored in score_questions(scorer, trees):
            labels_of(graph, scored, "prior", 32)
            nodes.append(len(scored.scored[0].tree))
        if tracing:
            arrays.append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
        elif number >= WARM:
            times.append(time.perf_counter() - began)
    own, mapped = resident()
    return {
        "ms": float(np.median(times)) * 1000,
        "nodes": float(np.median(nodes)),
        "own": own - before[0],
        "arrays": float(np.median(arrays)),
        "mapped": mapped - before[1],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def resident() -> tuple[float, float]:
    """Resident megabytes of this process: its own, and mapped from files."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    return int(found["RssAnon"]) / 1000, int(found["RssFile"]) / 1000


if __name__ == "__main__":
    main()
