"""What the graph pays for each path, against the F1 of what the path reaches."""

import pytest

from core.answers.predictions import execute
from core.labels.path_labels import label_key
from core.questions.question_sets import load_questions
from core.recipes.paying_paths import paying_paths
from core.report import Silent
from core.teacher.teachers import open_teacher
from tests.tiny_student import tiny_student

pytestmark = pytest.mark.usefixtures("taught")


def test_a_path_pays_the_f1_of_its_ends(workspace):
    teacher = open_teacher(workspace, "t")
    graph, questions = teacher.graph, load_questions(workspace, "asked").part("train")[:8]
    speller = tiny_student(graph.relation_ids)[1]
    found = paying_paths(teacher, questions, speller, Silent())
    assert set(found) == {label_key(one, one.topics[0]) for one in questions}
    forward = [name for name in graph.relation_ids if not name.startswith("~")]
    partial = 0
    for one in questions:
        topic, known = graph.find_entity(one.topics[0]), set(one.answers)
        paid = {tuple(tokens): reward for tokens, reward in found[one.id]}
        for path in one.paths:
            assert paid[tuple(speller.spell(path))] == pytest.approx(1)
        for path in (
            (first, *then) for first in forward for then in ((), *((r,) for r in forward))
        ):
            reached = set(execute(graph, topic, path))
            wanted = 2 * len(reached & known) / (len(reached) + len(known))
            partial += 0 < wanted < 1
            assert paid.get(tuple(speller.spell(path)), 0) == pytest.approx(wanted)
    assert partial
