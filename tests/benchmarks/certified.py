"""How many answers stay first without any one fact, and what false facts do to them.

    python -m tests.benchmarks.certified demo-student --questions 40

asks a student the test questions of its set, certifies each answer, and adds 1, 5 and 10 false
facts to the graph, one question at a time: on the way to the first answer, from an entity that
stands there, along the relation that goes on there, to somebody else whom that relation reaches. An
attack succeeds where the right answer was first and a wrong one is afterwards; with a seal, where
the wrong one is certified too.
"""

import argparse
import random
import time
from dataclasses import dataclass, field

import numpy as np

from core.answers import model_cache
from core.answers.asked_again import AskedStudent
from core.answers.certifying import certify
from core.answers.naming import Naming
from core.answers.student_scorer import StudentScorer
from core.answers.supposing import student_over
from core.errors import SettingsError
from core.graph.addition import with_edges
from core.graph.path_tree import follow_path
from core.questions.question_sets import load_questions
from core.records import TOPIC_MARK
from core.report import Silent
from core.workspace import Workspace

FALSE_FACTS = (1, 5, 10)


@dataclass
class Tally:
    """What became of the questions under an attack."""

    attacked: int = 0
    succeeded: int = 0
    sealed: int = 0


@dataclass
class Clean:
    """What the certificates of the graph as it is say."""

    right: list[bool] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0


def way(scorer, request, first):
    """Relation codes of the likeliest path to an answer."""
    text, topic = request
    spelled = scorer.spelled(topic)
    path = scorer.posterior(text, spelled).path
    there = [n for n in range(1, len(spelled.tree)) if first in spelled.tree.frontier(n)]
    return spelled.tree.prefix(max(there, key=lambda node: path[node]))


def false_facts(graph, topic, codes, count, dice):
    """Facts that the graph does not have, on the way along some relations."""
    frontiers = follow_path(graph, topic, codes)
    made = set()
    for _ in range(100 * count):
        hop = dice.randrange(len(codes))
        head, code = dice.choice(frontiers[hop].tolist()), codes[hop]
        tails = np.unique(graph.edges_along(np.arange(graph.entity_count), code)[1])
        tail = dice.choice(tails.tolist())
        if tail != head and not graph.has(head, code, tail):
            made.add((head, code, tail))
        if len(made) == count:
            break
    return sorted(made)


def attacked(scorer, request, facts):
    """The question over the graph with false facts."""
    graph = with_edges(scorer.student.graph, facts)
    student, ear = student_over(scorer.student, scorer.ear, graph)
    return AskedStudent(StudentScorer(student, scorer.linker, ear), [request]), graph


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("student")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked_for = parser.parse_args()
    workspace, dice = Workspace(), random.Random(asked_for.seed)
    student = model_cache.student(workspace, asked_for.student)
    scorer = model_cache.scorer(student, model_cache.ear(workspace, student))
    graph = student.graph
    questions = load_questions(workspace, student.card["questions"]).part("test")
    questions = [one for one in questions if len(one.topics) == 1 and one.answers]
    dice.shuffle(questions)
    clean, tallies = Clean(), {count: Tally() for count in FALSE_FACTS}
    for number, question in enumerate(questions[: asked_for.questions], start=1):
        scorer.make_room()
        topic = graph.entity(question.topics[0])
        request = scorer.linker.read(question.text).masked(topic, TOPIC_MARK), topic
        answers = {graph.find_entity(one) for one in question.answers}
        began = time.process_time()
        try:
            asked = AskedStudent(scorer, [request])
            certificate = certify(asked, Naming(graph, question.language), Silent(), {})
        except SettingsError:
            clean.refused += 1
            continue
        clean.seconds.append(time.process_time() - began)
        first = asked.now.first
        clean.right.append(first in answers)
        clean.kept.append(certificate.kept)
        if first not in answers:
            continue
        codes = way(scorer, request, first)
        for count, tally in tallies.items():
            facts = false_facts(graph, topic, codes, count, dice)
            after, poisoned = attacked(scorer, request, facts)
            tally.attacked += 1
            if after.now.first is None or after.now.first in answers:
                continue
            tally.succeeded += 1
            naming = Naming(poisoned, question.language)
            tally.sealed += certify(after, naming, Silent(), {}).kept
        if number % 5 == 0 or number == min(len(questions), asked_for.questions):
            tell(clean, tallies)


def tell(clean, tallies):
    """What was found so far."""
    right, kept = np.array(clean.right), np.array(clean.kept)
    print(f"{len(right)} questions, {clean.refused} refused; right {right.mean():.3f}")
    print(f"kept without any one fact: {kept.mean():.3f} of all, {kept[right].mean():.3f} of right")
    if kept.any():
        print(f"right where kept {right[kept].mean():.3f}, elsewhere {right[~kept].mean():.3f}")
    low, high = np.percentile(clean.seconds, [50, 95])
    print(f"seconds of the processor: median {low:.2f}, 95th percentile {high:.2f}")
    for count, one in tallies.items():
        print(f"{count:3} false facts: {one.attacked} attacked, {one.succeeded} succeeded, "
              f"{one.sealed} with a seal", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
