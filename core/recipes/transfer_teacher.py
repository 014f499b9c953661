"""Take a trained teacher to another graph, where it reads relations by their labels.

Nothing is trained. What it can do there is proved on questions of that graph, or on some that are
generated of its labels where there are none: by itself, as the plain lexical teacher does, and as
mixtures of the two, each calibrated. The one that answers most is taken, so it is never worse there
than what needs no training, and as sure as it is right.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.questions.generation import generate_questions, labelled_languages
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import certainty_of, check_same_graph, grow_all
from core.recipes.tree_shape import choose_shape
from core.records import Question
from core.report import Report
from core.results.teacher import Calibrated, TransferredTeacher
from core.settings import TransferSettings
from core.teacher.calibration import calibrate, calibrate_paths
from core.teacher.lexical_matching import TEMPERATURE
from core.teacher.lexical_teacher import LexicalScorer
from core.teacher.mixture_teacher import MixtureScorer
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.reasoning import Scorer
from core.teacher.teachers import open_policy, save_teacher
from core.teacher.tuned_encoder import ENCODER
from core.workspace import Workspace, read_json

GENERATED = 300
"""Questions generated in each language where none are given."""

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""What the lexical teacher may have to say in the mixture."""


def run(settings: TransferSettings, report: Report, workspace: Workspace) -> TransferredTeacher:
    """Publish the teacher anew, over the other graph; see the module's text.

    Raises:
        NotFound: If the teacher, the graph or the questions do not exist.
        FormatError: If the teacher is of a kind that is not trained, or the questions belong to
            another graph.
        SettingsError: If no questions are given and none can be generated of the graph.
    """
    report.stage("teacher")
    source = workspace.open("teachers", settings.teacher)
    card = read_json(source / "card.json")
    if card["kind"] != "policy":
        raise FormatError(
            "Teacher {teacher!r} is a {kind} teacher, which is not trained; make "
            "one for graph {graph!r} instead.",
            teacher=settings.teacher,
            kind=card["kind"],
            graph=settings.graph,
        )
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    learned = TreeShape(**card["shape"])
    if settings.questions:
        given = load_questions(workspace, settings.questions)
        check_same_graph(graph, given)
        every, asked = given.questions, given.part("dev") or given.questions
    else:
        every = asked = generated(graph, settings.hops or learned.hops)
    shape = choose_shape(graph, every, settings)
    policy, _, spoken = open_policy(workspace, source, graph, card)
    absence = bool(card.get("absence"))
    grower = TreeGrower(graph, Linker(graph), shape, policy.relation_words, absence, spoken)
    held_out = grow_all(grower, asked, report)
    proof = prove(graph, shape, policy, held_out, settings.precision)
    result = TransferredTeacher(
        name=settings.name,
        teacher=settings.teacher,
        graph=graph.name,
        questions=settings.questions or card["questions"],
        hops=shape.hops,
        directions=shape.directions,
        dev_hits_at_1=right(proof.calibration),
        alone_hits_at_1=proof.alone,
        lexical_hits_at_1=proof.lexical,
        lexical_share=proof.share,
        calibration=proof.calibration,
    )
    moved = {
        **card,
        "name": result.name,
        "graph": result.graph,
        "questions": result.questions,
        "hops": result.hops,
        "directions": result.directions,
        "graph_hash": graph.hash,
        "from_teacher": settings.teacher,
        "from_graph": card["graph"],
        "lexical": {
            "share": proof.share,
            "own_temperature": proof.own_temperature,
            "temperature": proof.calibration.temperature,
        },
        "certainty": certainty_of(graph, proof.scorer, held_out),
        "result": result.as_record(),
    }
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        if (source / ENCODER).exists():
            shutil.copyfile(source / ENCODER, folder / ENCODER)
        save_teacher(folder, shape, moved, policy)
    return result


def generated(graph: KnowledgeGraph, hops: int) -> tuple[Question, ...]:
    """Questions about a graph of which nothing but its labels is known.

    Raises:
        SettingsError: If it gives none.
    """
    return generate_questions(
        graph,
        count=GENERATED,
        hops=hops,
        languages=labelled_languages(graph, ("en", "zh")),
        withheld=0.0,
        seed=0,
    )


@dataclass(frozen=True, eq=False)
class Proof:
    """What was found to answer most.

    Attributes:
        scorer: It.
        share: Of the lexical teacher in it: 0..1.
        own_temperature: Of the lexical teacher.
        calibration: How far it can be believed, at the temperature of the whole.
        alone: Hits@1 of the policy by itself.
        lexical: Hits@1 of the lexical teacher by itself.
    """

    scorer: Scorer
    share: float
    own_temperature: float
    calibration: Calibrated
    alone: float
    lexical: float


def prove(
    graph: KnowledgeGraph,
    shape: TreeShape,
    policy: PathPolicy,
    held_out: Sequence[QuestionTree],
    precision: float,
) -> Proof:
    """Calibrate a policy and the lexical teacher, and mix them as answers most.

    Of mixtures that answer equally many, the one whose confidence can best be believed is taken.
    """
    calibrate(policy, held_out, precision)
    plain = calibrate_paths(LexicalScorer(graph, TEMPERATURE), held_out, precision)
    own = TEMPERATURE * plain.temperature
    both = PolicyScorer(policy, graph, shape), LexicalScorer(graph, own)
    judged = {
        share: calibrate_paths(MixtureScorer(both, (1 - share, share)), held_out, precision)
        for share in SHARES
    }
    best = max(SHARES, key=lambda share: (right(judged[share]), -judged[share].ece))
    scorer = MixtureScorer(both, (1 - best, best), judged[best].temperature)
    return Proof(scorer, best, own, judged[best], right(judged[0.0]), right(judged[1.0]))


def right(judged: Calibrated) -> float:
    """Share of the questions that are answered right; 0 where there are none."""
    return sum(one.count * one.accuracy for one in judged.reliability) / max(judged.questions, 1)
