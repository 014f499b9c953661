"""What teachers that are not trained have in common: questions to calibrate on, and a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes.train_teacher import check_same_graph, grow_all
from core.recipes.tree_shape import choose_shape
from core.report import Report
from core.results.teacher import Calibrated, TreeCounts, UntrainedTeacher
from core.settings import LanguageModelTeacherSettings, LexicalTeacherSettings, Settings
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import QuestionCounts, QuestionTree, TreeGrower
from core.teacher.reasoning import ScoredTree, Scorer
from core.teacher.teachers import save_teacher
from core.workspace import Workspace


@dataclass(frozen=True, eq=False)
class CalibrationSet:
    """What a teacher reasons over, and the questions that it is calibrated on.

    Attributes:
        graph: The graph.
        questions: Name of the question set.
        shape: The trees.
        trees: Those of the dev questions; of the training questions where there are none.
        counts: What became of these questions.
        absence: Whether the trees say what the graph does not have.
    """

    graph: KnowledgeGraph
    questions: str
    shape: TreeShape
    trees: list[QuestionTree]
    counts: QuestionCounts
    absence: bool = False


def chosen_calibration_set(
    settings: LexicalTeacherSettings | LanguageModelTeacherSettings,
    report: Report,
    workspace: Workspace,
    at_most: int | None = None,
) -> CalibrationSet:
    """The graph and the questions that settings name, at most so many of these.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph.
    """
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    shape = choose_shape(graph, questions.part("train"), settings)
    return calibration_set(graph, questions, shape, report, at_most)


def calibration_set(
    graph: KnowledgeGraph,
    questions: QuestionSet,
    shape: TreeShape,
    report: Report,
    at_most: int | None = None,
    absence: bool = False,
) -> CalibrationSet:
    """Grow the trees of the questions to calibrate on."""
    grower = TreeGrower(graph, Linker(graph), shape, RelationWords.of(graph), absence)
    chosen = questions.part("dev") or questions.part("train")
    trees = grow_all(grower, chosen[:at_most], report)
    return CalibrationSet(graph, questions.name, shape, trees, grower.counts, absence)


@dataclass(frozen=True, eq=False)
class Watched:
    """A scorer that says how far it is and stops when asked to."""

    scorer: Scorer
    report: Report

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order."""
        for done, scored in enumerate(self.scorer.score(trees)):
            self.report.check_stop()
            self.report.progress(done, len(trees), "questions")
            yield scored


def save(
    folder: Path,
    settings: Settings,
    kind: str,
    basis: CalibrationSet,
    calibrated: Calibrated,
    temperature: float,
) -> UntrainedTeacher:
    """Write the card of an untrained teacher into a folder that exists; its result.

    Args:
        folder: Of the teacher.
        settings: What it was made by; they have a name.
        kind: What `open_teacher` knows it by.
        basis: What it reasons over.
        calibrated: How it did on the questions there.
        temperature: Of its softmax over paths.
    """
    values, counts = settings.model_dump(mode="json"), basis.counts
    about = {
        "name": values["name"],
        "kind": kind,
        "graph": basis.graph.name,
        "questions": basis.questions,
        "hops": basis.shape.hops,
        "directions": basis.shape.directions,
    }
    right = sum(one.count * one.accuracy for one in calibrated.reliability)
    result = UntrainedTeacher(
        **about,
        dev_hits_at_1=right / calibrated.questions if calibrated.questions else None,
        calibration=calibrated,
        retrieval_ceiling=1 - counts.unreachable / max(counts.used, 1),
        counts=TreeCounts(**asdict(counts)),
    )
    card = {
        **about,
        "graph_hash": basis.graph.hash,
        "temperature": temperature,
        "absence": basis.absence,
        "settings": values,
        "result": result.as_record(),
    }
    save_teacher(folder, basis.shape, card)
    return result
