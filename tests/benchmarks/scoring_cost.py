"""What the exact posterior over all paths costs beside speaking one of them.

    python -m tests.benchmarks.scoring_cost [--student S] [--model NAME] [--questions 60]
                                            [--rounds 3] [--ways packed ...]
                                            [--pathquestion FOLDER] [--equal 4]

Each question is asked by itself, as a person asks it, in every way in turns; seconds of the
processor, the median over rounds of the mean over questions, growing and spelling the tree
included. The student is chosen as in `decoding_cost`.

    packed      every node of the tree in one forward pass, confined to the tree
    open        the same over the whole vocabulary, as soft labels and evaluation need it
    rows        a row for each path, over the whole vocabulary
    greedy, beam of 5    the best path, or five, spoken token by token

`--pathquestion` asks the questions of PQ-3H instead of the sample graph's. `--equal` lays the log
masses of so many questions' trees beside those of rows, in float32 and float64.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from transformers import PreTrainedModel

from core.graph.linking import Linker, mask
from core.graph.path_tree import grow_tree
from core.records import TOPIC_MARK
from core.student import scoring
from core.student.decoding import decode_paths
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.path_trie import PathTrie, build_trie
from tests.benchmarks.decoding_cost import _student


def main() -> None:
    """Print the table and one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student")
    parser.add_argument("--model")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--pathquestion", type=Path)
    parser.add_argument("--equal", type=int, default=0)
    given = parser.parse_args()
    student, asked = _student(given.student, given.model, given.questions, given.pathquestion)
    linker = Linker(student.graph)
    texts = [(mask(linker, q.text, topic, TOPIC_MARK), topic) for q, topic in asked]
    sizes = [len(_trie(student, topic).children) for _, topic in texts]
    say = print
    times: dict[str, list[float]] = {way: [] for way in given.ways}
    for _ in range(given.rounds + 1):
        for way, seconds in times.items():
            began = time.process_time()
            for text, topic in texts:
                WAYS[way](student, text, topic)
            seconds.append((time.process_time() - began) / len(texts))
    found = {way: statistics.median(seconds[1:]) for way, seconds in times.items()}
    say(f"{len(texts)} questions, {statistics.median(sizes):.0f} trie nodes (median)")
    say("| way | ms a question | beside greedy |\n|---|---|---|")
    for way, seconds in found.items():
        beside = f"{seconds / found['greedy']:.2f}" if "greedy" in found else "-"
        say(f"| {way} | {1000 * seconds:.2f} | {beside} |")
    say(json.dumps({"seconds": found, "nodes": sizes}))
    if given.equal:
        for dtype in (torch.float32, torch.float64):
            apart = _apart(student, texts[:: max(1, len(texts) // given.equal)], dtype)
            say(f"{dtype}: log masses at most {apart:.1e} apart")


def _apart(student: Student, texts: Sequence[tuple[str, int]], dtype: torch.dtype) -> float:
    """The largest difference between packed log masses and those of rows, of all nodes."""
    student.model.to(dtype)
    if dtype == torch.float64:
        _norms_in_float64(student.model)
    largest = 0.0
    for text, topic in texts:
        packed = _packed(student, text, topic, confined=False)
        with mock.patch.object(scoring, "takes_tree_mask", return_value=False):
            rows = _packed(student, text, topic, confined=False)
        largest = max(largest, float(np.abs(packed - rows).max()))
    return largest


def _norms_in_float64(model: PreTrainedModel) -> None:
    """Let norms compute in the numbers that they are given: transformers' own go by float32."""
    for module in model.modules():
        if hasattr(module, "variance_epsilon"):

            def forward(states: torch.Tensor, norm: torch.nn.Module = module) -> torch.Tensor:
                mean = states.pow(2).mean(-1, keepdim=True)
                return norm.weight * states * torch.rsqrt(mean + norm.variance_epsilon)

            module.forward = forward


def _trie(student: Student, topic: int) -> PathTrie:
    tree = grow_tree(student.graph, topic, student.shape)
    names = ("", *(student.graph.relation_id(code) for code in tree.relations[1:]))
    return build_trie(tree.parents, names, ~tree.open, student.speller)


def _packed(student: Student, text: str, topic: int, confined: bool = True) -> np.ndarray:
    trie = _trie(student, topic)
    prompt = student.speller.prompt(text)
    return scoring.score_tree(student.model, prompt, trie, confined=confined)


@torch.no_grad()
def _rows(student: Student, text: str, topic: int) -> None:
    for _ in scoring.single_steps(
        student.model, student.speller.prompt(text), _trie(student, topic), False
    ):
        pass


def _spoken(beams: int) -> Callable[[Student, str, int], object]:
    def way(student: Student, text: str, topic: int) -> object:
        trie = GraphTrie(student.graph, topic, student.shape, student.speller)
        return decode_paths(student.model, student.speller, [text], beams, [trie])

    return way


WAYS: dict[str, Callable[[Student, str, int], object]] = {
    "packed": _packed,
    "open": lambda student, text, topic: _packed(student, text, topic, confined=False),
    "rows": _rows,
    "greedy": _spoken(1),
    "beam of 5": _spoken(5),
}


if __name__ == "__main__":
    main()
