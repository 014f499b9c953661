"""How often linking finds a question's topic: `python -m tests.benchmarks.linking_quality [DATA]`.

The sample's questions, and MetaQA's where `DATA` holds `metaqa`: as they are, and with one or two
slips of the pen in the name of the topic, found by spelling and by vectors of character n-grams.
Hits@1 is the share of questions whose first mention is a topic; times are of the processor.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import CERTAIN, Linker, Mention
from core.graph.names import NameSearch
from core.graph.readers import read_graph
from core.graph.search import EntityIndex, find_topics
from core.graph.spelling import SpelledNames
from core.pretrained.embedders import DEFAULT_EMBEDDER, load_embedder
from core.questions.formats import read_questions
from core.records import Question

SAMPLE = Path(__file__).parents[2] / "assets" / "sample"
MISSPELT = 150

Cases = Sequence[tuple[str, int]]
"""Questions, each with the number of its topic."""


def misspelt(name: str, slips: int, draw: random.Random) -> str:
    """A name with letters left out, put in, taken for others or swapped."""
    letters = list(name)
    for _ in range(slips):
        at, other = draw.randrange(len(letters)), draw.choice("aeinrst")
        before = letters[at - 1 : at + 1]
        changes = ([], [other, letters[at]], [other])
        if draw.random() < 0.25 and len(before) == 2:
            letters[at - 1 : at + 1] = reversed(before)
        else:
            letters[at : at + 1] = draw.choice(changes if len(letters) > 3 else changes[1:])
    return "".join(letters)


def spoilt(linker: Linker, questions: Sequence[Question], slips: int) -> Iterator[tuple[str, int]]:
    """English questions whose topic can no longer be found by its name."""
    draw = random.Random(0)
    for question in draw.sample(questions, len(questions)):
        topic = linker.graph.entity(question.topics[0])
        found = [one for one in linker.link(question.text) if one.entity == topic]
        if question.language == "en" and found:
            one, text = found[0], question.text
            text = text[: one.start] + misspelt(one.surface, slips, draw) + text[one.end :]
            if all(mention.score < CERTAIN for mention in linker.link(text)):
                yield text, topic


def measured(link: Callable[[str], Sequence[Mention]], cases: Cases) -> str:
    """Hits@1, and microseconds a question."""
    began, hits = time.process_time(), 0
    for text, topic in cases:
        try:
            hits += [one.entity for one in link(text)[:1]] == [topic]
        except NotFound:
            continue
    each = (time.process_time() - began) / len(cases)
    return f"{hits / len(cases):.4f} | {1e6 * each:,.0f}"


def report(graph: KnowledgeGraph, questions: Sequence[Question]) -> None:
    """Print the rows of a graph."""
    linker = Linker(graph)
    whole = [(one.text, graph.entity(one.topics[0])) for one in questions]
    sys.stdout.write(f"| {graph.name} | as written | name | {measured(linker.link, whole)} |\n")
    embedder = load_embedder(DEFAULT_EMBEDDER, Path())
    searches: list[NameSearch] = [SpelledNames(graph), EntityIndex.build(graph, embedder)]
    for slips in (1, 2):
        bad = [one for one, _ in zip(spoilt(linker, questions, slips), range(MISSPELT))]  # noqa: B905
        for search in searches:
            row = measured(lambda text, by=search: find_topics(graph, linker, by, text), bad)
            sys.stdout.write(f"| {graph.name} | {slips} slips | {search.match} | {row} |\n")
            sys.stdout.flush()


def main() -> None:
    """Measure and print a table."""
    sys.stdout.write("| graph | topic | by | Hits@1 | µs |\n|---|---|---|---|---|\n")
    files = [SAMPLE / f"{name}.tsv" for name in ("triples", "entities", "relations")]
    graph, _ = read_graph("sample", files)
    report(graph, read_questions("jsonl", [SAMPLE / "questions.jsonl"], graph)[0])
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1]) / "metaqa"
        graph, _ = read_graph("MetaQA", [folder / "kb.txt"])
        report(graph, read_questions("metaqa", sorted(folder.glob("*/qa_dev.txt")), graph)[0])


if __name__ == "__main__":
    main()
