"""Labelling questions into a workspace."""

import numpy as np
import pytest

from core.errors import AlreadyExists, FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import read_labels
from core.recipes import label_questions, train_teacher
from core.records import Question
from core.report import Silent
from core.teacher.teachers import open_teacher
from tests.family_graph import TRIPLES, family
from tests.family_loop import asked, labelling, publish_questions, teaching

pytestmark = pytest.mark.usefixtures("taught")


def labels(workspace, name="l"):
    teacher = open_teacher(workspace, "t")
    path = workspace.folder("labels", name) / "labels.parquet"
    return read_labels(path, teacher.graph.hash, teacher.hash)


@pytest.mark.parametrize("kind", ["prior", "posterior", "uniform"])
def test_training_and_dev_questions_are_labelled(workspace, tmp_path, kind):
    result = label_questions.run(labelling(kind=kind, top_k=3), Silent(), workspace).as_record()
    questions = {q.id: q for q in asked(family(tmp_path)) if q.split != "test"}
    made, source = labels(workspace)
    assert set(made) == set(questions)
    wanted = {"name": "l", "teacher": "t", "questions": "asked", "kind": kind}
    assert {key: result[key] for key in wanted} == wanted
    assert (result["labelled"], result["without_label"]) == (len(questions), 0)
    assert result["mean_rest"] == pytest.approx(np.mean([label.rest for label in made.values()]))
    assert (source.kind, source.keep, source.questions) == (kind, 3, "asked")
    for label in made.values():
        assert label.stops.sum() + label.rest == pytest.approx(1.0)
    if kind == "prior":
        assert result["mean_rest"] > 0.1  # an untrained teacher has more than three paths in mind


def test_labels_do_not_depend_on_how_many_trees_are_in_memory(workspace, monkeypatch):
    whole = label_questions.run(labelling(), Silent(), workspace).as_record()
    monkeypatch.setattr(label_questions, "AT_ONCE", 3)
    parts = label_questions.run(labelling(name="parts"), Silent(), workspace).as_record()
    assert {**parts, "name": "l", "seconds": 0} == {**whole, "seconds": 0}
    (one, _), (other, _) = labels(workspace), labels(workspace, "parts")
    assert list(one) == list(other)
    for name, label in one.items():
        assert [path for path, _ in label.best(9)] == [path for path, _ in other[name].best(9)]
        assert label.stops == pytest.approx(other[name].stops)


def test_posterior_labels_lead_to_the_answers(workspace):
    label_questions.run(labelling(top_k=999), Silent(), workspace)
    graph = KnowledgeGraph.open(workspace.folder("graphs", "family"))
    questions = {one.id: one for one in asked(graph)}
    for name, label in labels(workspace)[0].items():
        entities = {graph.entity(questions[name].topics[0])}
        for relations, _ in label.best(99):
            reached = np.array(sorted(entities))
            for relation in relations:
                reached = graph.follow(reached, graph.relation(relation))
            ids = {graph.entity_id(entity) for entity in reached}
            assert ids.intersection(questions[name].answers)


def test_questions_without_a_tree_or_a_label_are_counted(workspace, tmp_path):
    graph = family(tmp_path)
    odd = [
        Question("x", "Who?", "en", ("zed",), ("carl",), split="train"),  # nothing around Zed
        Question("y", "Who?", "en", ("carl",), ("zed",), split="dev"),  # nothing leads to Zed
    ]
    publish_questions(workspace, "odd", graph, odd)
    wanted = labelling(name="a", questions="odd", kind="uniform")
    result = label_questions.run(wanted, Silent(), workspace).as_record()
    assert (result["labelled"], result["without_label"], result["mean_rest"]) == (0, 2, 0)
    result = label_questions.run(
        labelling(name="b", questions="odd"), Silent(), workspace
    ).as_record()
    assert (result["labelled"], result["without_label"]) == (1, 1)


def test_a_question_with_two_topics_is_labelled_once_for_each(workspace, tmp_path):
    both = Question("x", "Who?", "en", ("ann", "bob"), ("carl", "dora"), split="train")
    publish_questions(workspace, "both", family(tmp_path), [both])
    result = label_questions.run(
        labelling(questions="both", top_k=999), Silent(), workspace
    ).as_record()
    assert (result["labelled"], result["without_label"]) == (1, 0)
    made, _ = labels(workspace)
    assert set(made) == {"x @ ann", "x @ bob"}
    for label in made.values():
        assert label.stops.sum() == pytest.approx(1.0)
        assert label.best(1)[0][0][-1] in ("child", "spouse") and label.rest == 0


def test_bad_names_and_changed_graphs_are_refused(workspace):
    with pytest.raises(NotFound, match="nothing named 'none' among the teachers"):
        label_questions.run(labelling(teacher="none"), Silent(), workspace)
    with pytest.raises(NotFound, match="nothing named 'none' among the questions"):
        label_questions.run(labelling(questions="none"), Silent(), workspace)
    label_questions.run(labelling(), Silent(), workspace)
    with pytest.raises(AlreadyExists, match="'l' is taken among the labels"):
        label_questions.run(labelling(), Silent(), workspace)
    other = KnowledgeGraph.build("other", TRIPLES)
    publish_questions(workspace, "foreign", other, asked(other))
    with pytest.raises(FormatError, match="'foreign' were tied to graph 'other' as it was"):
        label_questions.run(labelling(name="m", questions="foreign"), Silent(), workspace)
    with workspace.publish("graphs", "family", replace=True) as folder:
        KnowledgeGraph.build("family", TRIPLES).save(folder)
    with pytest.raises(Stale, match="Teacher 't' was trained on another version"):
        label_questions.run(labelling(name="m"), Silent(), workspace)
    assert workspace.names("labels") == ["l"]


def test_labels_of_an_older_training_are_stale(workspace):
    label_questions.run(labelling(), Silent(), workspace)
    train_teacher.run(teaching(epochs=1, seed=5, replace=True), Silent(), workspace)
    with pytest.raises(Stale, match="'l' were made by another training of teacher 't'"):
        labels(workspace)
