"""What teachers that are not trained have in common: trees, calibration, a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.recipes.train_teacher import grow_all
from core.records import Question
from core.report import Report
from core.settings import Settings
from core.teacher.calibration import Calibrated
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import Census, QuestionTree, TreeGrower
from core.teacher.teachers import save_teacher
from core.workspace import Workspace


def dev_trees(
    graph: KnowledgeGraph, shape: TreeShape, dev: Sequence[Question], report: Report
) -> tuple[list[QuestionTree], Census]:
    """Trees of the questions that a teacher is calibrated on, and what became of each."""
    grower = TreeGrower(graph, Linker(graph), shape, RelationWords.of(graph))
    return grow_all(grower, dev, report), grower.census


def publish(
    workspace: Workspace,
    settings: Settings,
    kind: str,
    graph: KnowledgeGraph,
    questions: str,
    shape: TreeShape,
    temperature: float,
    calibrated: Calibrated,
    census: Census,
) -> dict[str, Any]:
    """Write the card of an untrained teacher; its result."""
    values = settings.model_dump(mode="json")
    about = {
        "name": values["name"],
        "graph": graph.name,
        "questions": questions,
        "hops": shape.hops,
        "directions": shape.directions,
    }
    right = sum(one.count * one.accuracy for one in calibrated.reliability)
    result = {
        **about,
        "kind": kind,
        "dev_hits_at_1": right / max(calibrated.questions, 1),
        "calibration": asdict(calibrated),
        "retrieval_ceiling": 1 - census.unreachable / max(census.used, 1),
        "counts": asdict(census),
    }
    card = {
        **about,
        "kind": kind,
        "graph_hash": graph.hash,
        "temperature": temperature,
        "settings": values,
        "result": result,
    }
    with workspace.publish("teachers", values["name"], replace=values["replace"]) as folder:
        save_teacher(folder, shape, card)
    return result
