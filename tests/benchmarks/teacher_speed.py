"""How fast a teacher learns and labels, and what memory it takes.

    python -m tests.benchmarks.teacher_speed WORKSPACE SET [--bar 0.992] [--seeds 3]
        [--device cpu|cuda|auto]

Trains on the set (answers only, default settings) and says after how many seconds of training the
dev questions first scored the bar at a look (seconds of growing trees are said beside), then labels
all training questions with the trained teacher: trees grown before, warm, best of three passes.
Beside it, in the same run, the plain lexical teacher labels the same questions. Give both `cpu` and
`cuda` in turn where there is a GPU.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Mapping
from pathlib import Path

import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import grow_all
from core.recipes.tree_shape import choose_shape
from core.report import Silent
from core.settings import TeacherSettings
from core.teacher.labelling import labels_of
from core.teacher.lexical_matching import TEMPERATURE
from core.teacher.lexical_teacher import LexicalScorer
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.reasoning import Scorer, score_questions
from core.teacher.training import fit, pick_device
from core.workspace import Workspace


class Clock(Silent):
    """Notes when the dev questions first score the bar."""

    def __init__(self, bar: float) -> None:
        self.bar, self.began, self.reached = bar, time.perf_counter(), float("nan")

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Look at the dev score."""
        if self.reached != self.reached and values["teacher/dev_hits_at_1"] >= self.bar:
            self.reached = time.perf_counter() - self.began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("set")
    parser.add_argument("--bar", type=float, default=0.992)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    questions = load_questions(workspace, given.set)
    graph = KnowledgeGraph.open(workspace.folder("graphs", questions.graph))
    device = pick_device(given.device)
    for seed in range(given.seeds):
        settings = TeacherSettings(
            name="x", graph=graph.name, questions=given.set, supervision="answers", seed=seed
        )
        torch.manual_seed(seed)
        policy = PathPolicy(graph, settings.width, settings.message_passing).to(device)
        began = time.perf_counter()
        shape = choose_shape(graph, questions.part("train"), settings)
        grower = TreeGrower(graph, Linker(graph), shape, policy.relation_words)
        train, dev = (grow_all(grower, questions.part(p), Silent()) for p in ("train", "dev"))
        growing = time.perf_counter() - began
        clock = Clock(given.bar)
        fitted = fit(policy, train, dev, settings, clock)
        rates = {
            "policy": rate(graph, PolicyScorer(policy, graph, shape), train),
            "lexical": rate(graph, LexicalScorer(graph, TEMPERATURE), train),
        }
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"seed {seed} on {device}: trees {growing:.1f} s, to the bar {clock.reached:.1f} s, "
            f"whole training {fitted.seconds:.1f} s ({fitted.steps} steps), labels per second "
            f"{rates['policy']:.0f} (lexical teacher {rates['lexical']:.0f}), peak {peak:.0f} MB",
            flush=True,
        )


def rate(graph: KnowledgeGraph, scorer: Scorer, trees: list[QuestionTree]) -> float:
    """Questions labelled per second, best of three."""
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        made = sum(
            len(labels_of(graph, one, "posterior", 32)) for one in score_questions(scorer, trees)
        )
        best = max(best, made / (time.perf_counter() - began))
    return best


if __name__ == "__main__":
    main()
