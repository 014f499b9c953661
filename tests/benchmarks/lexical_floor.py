"""The lexical teacher against the plainest thing that could be done in its place.

    python -m tests.benchmarks.lexical_floor WORKSPACE SET [SET ...] [--part dev] [--questions 300]

The floor is the cosine of the character 3-grams of the question, its topic left out, with those of
each path's labels, summed along the path; beside it stands a path picked at random. Nothing is
trained. Printed: Hits@1 of the best path, ties broken by a uniform pick.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import grow_all
from core.recipes.tree_shape import choose_shape
from core.report import Silent
from core.settings import LexicalTeacherSettings
from core.teacher.lexical_matching import path_scores, spelled_relations
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.workspace import Workspace

Scores = Callable[[QuestionTree], np.ndarray]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--part", default="dev")
    parser.add_argument("--questions", type=int, default=300)
    given = parser.parse_args()
    workspace = Workspace(given.workspace)
    print("| questions | asked | lexical teacher | floor | random path |\n|---|---|---|---|---|")
    for name in given.sets:
        questions = load_questions(workspace, name)
        graph = KnowledgeGraph.open(workspace.folder("graphs", questions.graph))
        settings = LexicalTeacherSettings(name="x", graph=graph.name, questions=name)
        shape = choose_shape(graph, questions.part("train"), settings)
        asked = list(questions.part(given.part))
        random.Random(0).shuffle(asked)
        grower = TreeGrower(graph, Linker(graph), shape, RelationWords.of(graph))
        trees = grow_all(grower, asked[: given.questions], Silent())
        spelled = spelled_relations(graph)
        ways: tuple[Scores, ...] = (
            lambda tree, spelled=spelled: path_scores(spelled, tree.tree, tree.words),
            floor(graph),
            lambda tree: np.ones(len(tree.tree)),
        )
        means = (np.mean([hit(tree, way(tree)) for tree in trees]) for way in ways)
        print(f"| {name} | {len(trees)} |", *(f"{mean:.3f} |" for mean in means), flush=True)


def floor(graph: KnowledgeGraph) -> Scores:
    """Cosine of character 3-grams, summed along the path; of several languages the best."""
    labels = [
        [
            grams(graph.relation_label(code, one).replace("_", " "))
            for one in graph.languages or ("",)
        ]
        for code in range(graph.relation_count)
    ]

    def scores(tree: QuestionTree) -> np.ndarray:
        said = grams(" ".join(word for word in tree.words if word.isalnum()))
        alike = np.array([[cosine(said, label) for label in each] for each in labels])
        found = np.zeros((len(tree.tree), alike.shape[1]))
        for node in range(1, len(found)):
            code = tree.tree.relations[node] % graph.relation_count
            found[node] = found[tree.tree.parents[node]] + alike[code]
        return np.asarray(found.max(1))

    return scores


def grams(text: str) -> Counter[str]:
    """How often each 3 characters of a text stand side by side in it."""
    padded = f" {text.lower()} "
    return Counter(padded[at : at + 3] for at in range(len(padded) - 2))


def cosine(one: Counter[str], other: Counter[str]) -> float:
    """Of two bags."""
    shared = sum(count * other[gram] for gram, count in one.items())
    lengths = sum(v * v for v in one.values()) * sum(v * v for v in other.values())
    return float(shared / max(lengths, 1) ** 0.5)


def hit(tree: QuestionTree, scores: np.ndarray) -> float:
    """The chance that an answer picked of the best path's is right."""
    best = 1 + np.flatnonzero(scores[1:] >= scores[1:].max() - 1e-9)
    right = [np.isin(tree.tree.frontier(node), tree.answers).mean() for node in best.tolist()]
    return float(np.mean(right))


if __name__ == "__main__":
    main()
