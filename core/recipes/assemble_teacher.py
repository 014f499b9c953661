"""What teachers that are not trained have in common: ground to stand on, calibration, a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes.train_teacher import check_same_graph, choose_shape, grow_all
from core.report import Report
from core.results.teacher import Calibrated, TreeCounts, UntrainedTeacher
from core.settings import LanguageModelTeacherSettings, LexicalTeacherSettings, Settings
from core.teacher.question_encoder import RelationWords
from core.teacher.question_trees import Census, QuestionTree, TreeGrower
from core.teacher.reasoning import ScoredTree, Scorer
from core.teacher.teachers import save_teacher
from core.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Ground:
    """What a teacher reasons over, and the questions that it is calibrated on.

    Attributes:
        graph: The graph.
        questions: Name of the question set.
        shape: The trees.
        trees: Those of the dev questions; of the training questions where there are none.
        census: What became of these questions.
    """

    graph: KnowledgeGraph
    questions: str
    shape: TreeShape
    trees: list[QuestionTree]
    census: Census


def chosen_ground(
    settings: LexicalTeacherSettings | LanguageModelTeacherSettings,
    report: Report,
    workspace: Workspace,
    at_most: int | None = None,
) -> Ground:
    """The ground that settings name, at most so many questions on it.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph.
    """
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    shape = choose_shape(graph, questions.part("train"), settings)
    return ground(graph, questions, shape, report, at_most)


def ground(
    graph: KnowledgeGraph,
    questions: QuestionSet,
    shape: TreeShape,
    report: Report,
    at_most: int | None = None,
) -> Ground:
    """Grow the trees of the questions to calibrate on."""
    grower = TreeGrower(graph, Linker(graph), shape, RelationWords.of(graph))
    judges = questions.part("dev") or questions.part("train")
    trees = grow_all(grower, judges[:at_most], report)
    return Ground(graph, questions.name, shape, trees, grower.census)


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
    ground: Ground,
    calibrated: Calibrated,
    temperature: float,
) -> UntrainedTeacher:
    """Write the card of an untrained teacher into a folder that exists; its result.

    Args:
        folder: Of the teacher.
        settings: What it was made by; they have a name.
        kind: What `open_teacher` knows it by.
        ground: What it reasons over.
        calibrated: How it did on the questions there.
        temperature: Of its softmax over paths.
    """
    values, census = settings.model_dump(mode="json"), ground.census
    about = {
        "name": values["name"],
        "kind": kind,
        "graph": ground.graph.name,
        "questions": ground.questions,
        "hops": ground.shape.hops,
        "directions": ground.shape.directions,
    }
    right = sum(one.count * one.accuracy for one in calibrated.reliability)
    result = UntrainedTeacher(
        **about,
        dev_hits_at_1=right / calibrated.questions if calibrated.questions else None,
        calibration=calibrated,
        retrieval_ceiling=1 - census.unreachable / max(census.used, 1),
        counts=TreeCounts(**asdict(census)),
    )
    card = {
        **about,
        "graph_hash": ground.graph.hash,
        "temperature": temperature,
        "settings": values,
        "result": result.as_record(),
    }
    save_teacher(folder, ground.shape, card)
    return result
