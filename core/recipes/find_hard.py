"""Find what a student does not know: questions made from the graph, scored by both, exactly.

    pool        generated questions, each about one relation path
    KL          between teacher and student over all paths of a question's tree, as in labels
    hard        of the relation paths that the teacher itself finds, those with the largest mean KL
    set         their questions; `distill --more SET` learns from them too

This is the adversarial generator of data-free distillation by enumeration: the graph says what can
be asked, so the hardest questions are looked up and not searched for by gradients. The control is
as many questions drawn by chance from the same pool (`pick=random`).
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.answers.naming import Naming
from core.errors import FormatError, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.questions.generation import generate_questions, labelled_languages
from core.questions.phrasing import PhraseBook
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes.compare_labels import Side, path_divergence, student_side
from core.recipes.distill_student import beside
from core.recipes.train_teacher import check_same_graph, grow_all
from core.recipes.training_examples import masked_texts
from core.records import Question, RelationPath
from core.report import Report
from core.results.hard import HardHops, HardPath, HardReport
from core.settings import HardSettings
from core.sources import discard_uploads, place_of
from core.student.language_model import Student, open_student
from core.teacher.labelling import labels_of
from core.teacher.reasoning import score_questions
from core.teacher.teachers import Teacher, open_teacher
from core.teacher.training import pick_device
from core.workspace import Workspace

KEPT = 32
"""Best paths of the teacher that a question's tree is cut to; the rest stays in buckets."""

AT_ONCE = 256
"""Questions whose trees are in memory together."""

KNOWN = 0.5
"""Share of a path's questions from which on the teacher counts as knowing it: of the others there
is nothing to learn from it."""


@dataclass(frozen=True)
class Scored:
    """A generated question, and what teacher and student make of it.

    Attributes:
        divergence: KL(teacher || student) of whole paths, in nats.
        teacher_right: Whether its gold path is the teacher's most probable one.
        student_right: The same of the student.
    """

    question: Question
    divergence: float
    teacher_right: bool
    student_right: bool

    @property
    def path(self) -> RelationPath:
        """Its gold path."""
        return self.question.paths[0]


def run(settings: HardSettings, report: Report, workspace: Workspace) -> HardReport:
    """Score a pool of generated questions and keep some in `questions/<name>/`.

    Raises:
        NotFound: If there is no such student, or its teacher or questions are gone.
        Stale: If teacher and student know different graphs.
        FormatError: If the table of phrases does not fit, or nothing can be chosen.
        SettingsError: If the graph has too little to ask about.
        AlreadyExists: If the name is taken and `replace` is false.
    """
    began = time.monotonic()
    report.stage("questions")
    device = pick_device(settings.device)
    student = open_student(workspace, settings.student, device=device)
    teacher = open_teacher(workspace, student.card["teacher"], str(device))
    if teacher.graph.hash != student.graph.hash:
        raise Stale(
            "Teacher {teacher!r} reasons over another graph now than student {student!r} learned "
            "about; distil the student again.",
            teacher=teacher.name,
            student=student.name,
        )
    own = load_questions(workspace, student.card["questions"])
    check_same_graph(student.graph, own)
    with workspace.publish("questions", settings.name, replace=settings.replace) as folder:
        pool = beside(own, _pool(settings, teacher, own, workspace))
        report.stage("evaluate")
        scored = list(scored_pool(teacher, student, pool, report))
        chosen = choose(scored, settings)
        if not chosen:
            raise FormatError(
                "Of {count} generated questions about {graph!r} there is no relation path that "
                "the teacher {teacher!r} finds itself, so it has nothing to teach there: generate "
                "more, or train the teacher longer.",
                count=len(pool),
                graph=student.graph.name,
                teacher=teacher.name,
            )
        older = _learned_besides(student, workspace)
        made = _joined(settings.name, own, [one.question for one in chosen], older)
        found = HardReport(
            name=settings.name,
            student=student.name,
            teacher=teacher.name,
            pick=settings.pick,
            asked=len(scored),
            chosen=len(chosen),
            taken_over=len(older),
            by_hops=tuple(_by_hops(scored)),
            by_path=tuple(_by_path(scored, chosen, student.graph, own.languages)),
            seconds=time.monotonic() - began,
        )
        made.save(folder, {"skipped": 0, "findings": []})
    discard_uploads(workspace, (settings.phrases or "",))
    return found


def _pool(
    settings: HardSettings, teacher: Teacher, own: QuestionSet, workspace: Workspace
) -> QuestionSet:
    """Generated questions with answers, all to learn from."""
    graph = teacher.graph
    table = place_of(workspace, settings.phrases) if settings.phrases else None
    questions = generate_questions(
        graph,
        count=settings.count,
        hops=settings.hops or teacher.shape.hops,
        languages=labelled_languages(graph, own.languages),
        withheld=0.0,
        seed=settings.seed,
        book=PhraseBook.read(table, graph) if table else None,
    )
    training = tuple(replace(one, split="train") for one in questions if one.paths)
    return QuestionSet(settings.name, graph.name, graph.hash, "given", training)


def scored_pool(
    teacher: Teacher, student: Student, pool: Sequence[Question], report: Report
) -> Iterator[Scored]:
    """Each question that has a tree with what both make of it, in order.

    Args:
        teacher: The teacher.
        student: The student, over all its words: what it would say outside the graph counts.
        pool: Questions about one topic, with a gold path each.
        report: Is told how far it is, and can stop it.
    """
    grower, texts = teacher.grower(), masked_texts(Linker(student.graph), pool)
    student.model.eval()
    for begin in range(0, len(pool), AT_ONCE):
        trees = grow_all(grower, pool[begin : begin + AT_ONCE], report)
        for done, asked in enumerate(score_questions(teacher.scorer, trees), begin):
            report.check_stop()
            report.progress(done, len(pool), "questions")
            for label in labels_of(student.graph, asked, "prior", KEPT):
                question = asked.trees[0].question
                mine = student_side(student, label, student.speller.prompt(texts[label.question]))
                yield Scored(
                    question,
                    path_divergence(label, Side(label.masses, label.stops), mine),
                    label.path(int(np.argmax(label.stops))) in question.paths,
                    label.path(int(np.argmax(mine.stops))) in question.paths,
                )
    report.progress(len(pool), max(len(pool), 1), "questions")


def choose(scored: Sequence[Scored], settings: HardSettings) -> list[Scored]:
    """The questions to keep, of those whose relation path the teacher knows; see the module."""
    groups = [ones for ones in _grouped(scored).values() if _mean(ones, "teacher_right") >= KNOWN]
    groups.sort(key=lambda ones: -_mean(ones, "divergence"))
    known = [one for ones in groups for one in ones]
    if settings.pick == "random":
        random.Random(settings.seed).shuffle(known)
    return known[: settings.keep]


def _grouped(scored: Sequence[Scored]) -> Mapping[RelationPath, list[Scored]]:
    groups: dict[RelationPath, list[Scored]] = defaultdict(list)
    for one in scored:
        groups[one.path].append(one)
    return groups


def _mean(ones: Sequence[Scored], field: str) -> float:
    return float(np.mean([getattr(one, field) for one in ones]))


def _means(ones: Sequence[Scored]) -> dict[str, float]:
    return {name: _mean(ones, name) for name in ("divergence", "teacher_right", "student_right")}


def _by_hops(scored: Sequence[Scored]) -> Iterator[HardHops]:
    for hops in sorted({len(one.path) for one in scored}):
        ones = [one for one in scored if len(one.path) == hops]
        yield HardHops(hops=hops, questions=len(ones), **_means(ones))


def _by_path(
    scored: Sequence[Scored],
    chosen: Sequence[Scored],
    graph: KnowledgeGraph,
    languages: Sequence[str],
) -> list[HardPath]:
    """A row for each relation path, the largest divergence first."""
    naming, in_set = Naming(graph, languages[0]), _grouped(chosen)
    rows = [
        HardPath(
            relations=path,
            labels=tuple(naming.claimed(one).label for one in path),
            questions=len(ones),
            chosen=len(in_set.get(path, ())),
            example=in_set[path][0].question.id if path in in_set else None,
            **_means(ones),
        )
        for path, ones in _grouped(scored).items()
    ]
    return sorted(rows, key=lambda row: -row.divergence)


def _learned_besides(student: Student, workspace: Workspace) -> tuple[Question, ...]:
    """What the student learned from as `more`: whoever learns anew keeps it."""
    more = student.card["settings"].get("more")
    return load_questions(workspace, more).part("train") if more else ()


def _joined(
    name: str, own: QuestionSet, chosen: Sequence[Question], older: Sequence[Question]
) -> QuestionSet:
    """Both as one set, the older ones numbered anew."""
    kept = [replace(one, id=f"more-{n:05d}") for n, one in enumerate(older, 1)]
    return QuestionSet(name, own.graph, own.graph_hash, "given", (*chosen, *kept))
