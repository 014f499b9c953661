"""How far the sound of a question tells its path: natural questions, and an encoder as it comes.

    python -m tests.benchmarks.wording [--encoder universal-sentence-encoder] [--learn EPOCHS]
                                       [--teacher WORKSPACE TEACHER]

The `tune` half of `tests/natural`; topics are given, trees grow three hops both ways. A path's
probability is the softmax of `SHARPNESS` times its similarity (see `core.teacher.spoken_paths`),
less `HOP` for each hop, for people ask for what is near; each cell: share of questions whose most
probable answer is right / whose most probable path is right. With a teacher of the sample graph its
log P takes the place of that price of a hop, and the similarity counts 0, 10, 20, ... times. With
`--learn` the encoder first learns from the generated training questions of the sample graph (see
`core.teacher.contrastive`), of which none is a natural one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import ROOT, TreeShape, grow_tree, relation_codes
from core.graph.readers import read_graph
from core.pretrained.embedders import UNIVERSAL, load_embedder
from core.questions.formats import read_questions
from core.records import MISSING, TOPIC_MARK, Question
from core.teacher.contrastive import fine_tune
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.reasoning import answer_distribution
from core.teacher.spoken_paths import HeardQuestion, SpokenPaths
from core.teacher.teachers import open_teacher
from core.teacher.text_vectors import TextVectors, open_text_vectors
from core.workspace import Workspace

REPOSITORY = Path(__file__).parents[2]
NATURAL = REPOSITORY / "tests" / "natural"
TABLES = {"sample": REPOSITORY / "assets" / "sample", "company": NATURAL / "company"}
SHARPNESS = 40.0
HOPS = (0.0, 0.03, 0.06, 0.1)
WEIGHTS = (0, 10, 20, 40, 80, 160)


def main() -> None:
    """Print a row for each set of questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", default=UNIVERSAL)
    parser.add_argument("--learn", type=int, default=0, metavar="EPOCHS")
    parser.add_argument("--teacher", nargs=2, metavar=("WORKSPACE", "TEACHER"))
    given = parser.parse_args()
    vectors = learned(given.encoder, given.learn)
    for name in TABLES:
        graph = graph_of(name)
        linker = Linker(graph)
        grower = TreeGrower(graph, linker, TreeShape(3), RelationWords.of(graph))
        spoken = SpokenPaths(graph, vectors)
        for language in ("en", "zh"):
            trees = [grower.grow(one)[0] for one in asked(f"{name}.{language}", graph)]
            began = time.perf_counter()
            sounds = [sound(spoken, linker, one) for one in trees]
            first = time.perf_counter() - began
            again = time.perf_counter()
            for one in trees:
                sound(spoken, linker, one)
            again = (time.perf_counter() - again) / len(trees)
            cost = f"{first:.1f} s, then {again * 1e3:.1f} ms each"
            print(f"{name}.{language}: {len(trees)} questions, {cost}")
            for hop in HOPS:
                logits = [
                    SHARPNESS * (s - hop * t.tree.depths)
                    for s, t in zip(sounds, trees, strict=True)
                ]
                print(f"    a hop costs {hop}: {score(trees, logits)}", flush=True)
            if name == "sample" and given.teacher:
                teacher = open_teacher(Workspace(given.teacher[0]), given.teacher[1])
                trees = [teacher.grower().grow(one.question)[0] for one in trees]
                sounds = [sound(spoken, linker, one) for one in trees]
                scored = teacher.scorer.score(trees)
                with np.errstate(divide="ignore"):
                    sure = [np.log(one.path) for one in scored]
                for weight in WEIGHTS:
                    logits = [p + weight * s for p, s in zip(sure, sounds, strict=True)]
                    print(f"    log P + {weight} similarity: {score(trees, logits)}", flush=True)


def graph_of(name: str) -> KnowledgeGraph:
    """One of the graphs that are asked about."""
    tables = ("triples", "entities", "relations")
    return read_graph(name, [TABLES[name] / f"{table}.tsv" for table in tables])[0]


def learned(encoder: str, epochs: int) -> TextVectors:
    """The vectors of an encoder, as it comes or once it has learned."""
    if not epochs:
        return open_text_vectors(Workspace(), encoder)
    graph = graph_of("sample")
    linker = Linker(graph)
    embedder = load_embedder(encoder, Workspace().root / "models")
    vectors = TextVectors(encoder, Path("nowhere"), lambda: embedder)
    questions, _ = read_questions("jsonl", [TABLES["sample"] / "questions.jsonl"], graph)
    heard = []
    for one in questions:
        named = [tuple(step.removeprefix(MISSING) for step in path) for path in one.paths]
        right = [codes for path in named if (codes := relation_codes(graph, path))]
        if one.split == "train" and len(one.topics) == 1 and right:
            topic = graph.entity(one.topics[0])
            tree = grow_tree(graph, topic, TreeShape(3))
            others = [tree.prefix(node) for node in range(1, len(tree))]
            text = mask(linker, one.text, topic, TOPIC_MARK)
            heard.append(
                HeardQuestion(one.id, (text, *one.masked_wordings()), tuple(right), others)
            )
    began = time.perf_counter()
    losses = fine_tune(embedder, SpokenPaths(graph, vectors), heard, epochs=epochs)
    seconds = time.perf_counter() - began
    told = ", ".join(f"{loss:.3f}" for loss in losses)
    print(f"learned from {len(heard)} questions in {seconds:.0f} s, loss {told}", flush=True)
    return vectors


def asked(name: str, graph: KnowledgeGraph) -> list[Question]:
    """The questions of one file that may be tuned on."""
    file = NATURAL / f"{name}.jsonl"
    halves = [json.loads(line)["half"] for line in file.read_text("utf-8").splitlines()]
    questions, _ = read_questions("jsonl", [file], graph)
    return [one for one, half in zip(questions, halves, strict=True) if half == "tune"]


def sound(spoken: SpokenPaths, linker: Linker, asked: QuestionTree) -> np.ndarray:
    """Similarity of a question with the path to each node; 0 at the root: `(nodes,)`."""
    tree = asked.tree
    text = mask(linker, asked.question.text, tree.topic, TOPIC_MARK)
    paths = [tree.prefix(node) for node in range(1, len(tree))]
    return np.concatenate([[0.0], spoken.similarities(text, paths)])


def score(trees: list[QuestionTree], logits: list[np.ndarray]) -> str:
    """Answers / paths that are right where they are most probable."""
    answers, paths = [], []
    for one, logit in zip(trees, logits, strict=True):
        path = np.exp(logit - logit.max())
        path[ROOT] = 0.0
        entities, _ = answer_distribution(one.tree, path / path.sum())
        answers.append(entities[0] in one.answers)
        paths.append(one.gold[int(np.argmax(path))])
    return f"{np.mean(answers):.3f} / {np.mean(paths):.3f}"


if __name__ == "__main__":
    main()
