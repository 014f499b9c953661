"""The family asked about, and the whole loop on it in the smallest size."""

from contextlib import contextmanager

import pytest

from core.graph.path_tree import TreeShape, grow_tree
from core.questions.question_sets import QuestionSet
from core.records import Question
from core.settings import DistillSettings, EvaluateSettings, LabelSettings, TeacherSettings
from core.student import language_model
from core.workspace import Workspace
from tests.family_graph import family
from tests.question_trees import names

TEXTS = (
    (("child",), "Who are the children of {}?"),
    (("child",), "Name the daughters and sons of {}."),
    (("spouse",), "Who is married to {}?"),
    (("friend",), "Whom does {} like?"),
    (("nationality",), "What is the nationality of {}?"),
    (("child", "nationality"), "What is the nationality of the children of {}?"),
)


def asked(graph):
    """Every text about everybody whom it fits; every fourth question has no gold path."""
    made = []
    for entity in range(graph.entity_count):
        tree = grow_tree(graph, entity, TreeShape(2))
        for path, text in TEXTS:
            if path in names(graph, tree):
                node = names(graph, tree).index(path)
                number = len(made)
                one = Question(
                    id=f"q{number}",
                    text=text.format(graph.label(entity)),
                    language="en",
                    topics=(graph.entity_id(entity),),
                    answers=tuple(graph.entity_id(e) for e in tree.frontier(node)),
                    paths=() if number % 4 == 3 else (path,),
                    split=("train", "train", "dev", "train", "test")[number % 5],
                    group=f"g{number}",
                )
                made.append(one)
    return made


def publish_questions(workspace, name, graph, questions):
    with workspace.publish("questions", name) as folder:
        QuestionSet(name, graph.name, graph.hash, "given", tuple(questions)).save(folder, {})


def world(folder):
    """A workspace with the graph `family` and its questions `asked`."""
    made, graph = Workspace(folder / "home"), family(folder)
    with made.publish("graphs", "family") as place:
        graph.save(place)
    publish_questions(made, "asked", graph, asked(graph))
    return made


@contextmanager
def small_students():
    """`tiny` students are a good deal tinier."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WIDTH": 32, "LAYERS": 1, "HEADS": 2}.items():
            patch.setattr(language_model, name, value)
        yield


def teaching(**changes):
    wanted = {"name": "t", "graph": "family", "questions": "asked", "width": 16, "epochs": 3}
    return TeacherSettings(**{**wanted, "hops": 2, "device": "cpu", **changes})


def labelling(**changes):
    return LabelSettings(**{"name": "l", "teacher": "t", **changes})


def distilling(**changes):
    wanted = {"name": "s", "teacher": "t", "epochs": 2, "batch_size": 8, "device": "cpu"}
    return DistillSettings(**{**wanted, **changes})


def evaluating(**changes):
    return EvaluateSettings(**{"model": "s", "device": "cpu", "beams": 3, **changes})
