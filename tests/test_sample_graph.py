"""The sample graph says what its README says, and its questions are what the generator makes."""

from collections import Counter
from pathlib import Path

import pytest

from core.graph.path_tree import follow_path, relation_codes
from core.graph.readers import read_graph
from core.questions.formats import read_questions
from core.questions.generation import generate_questions
from core.questions.phrasing import PhraseBook
from core.questions.question_sets import write_questions
from core.records import MISSING, SPLITS

SAMPLE = Path(__file__).parents[1] / "assets" / "sample"


@pytest.fixture(scope="module")
def imported():
    names = ("triples", "entities", "relations")
    return read_graph("sample", [SAMPLE / f"{name}.tsv" for name in names])


@pytest.fixture(scope="module")
def graph(imported):
    return imported[0]


@pytest.fixture(scope="module")
def book(graph):
    return PhraseBook.read(SAMPLE / "phrases.tsv", graph)


@pytest.fixture(scope="module")
def questions(graph):
    return read_questions("jsonl", [SAMPLE / "questions.jsonl"], graph)[0]


def reached(graph, topic, *path):
    walk = follow_path(graph, graph.entity(topic), relation_codes(graph, path))
    assert len(walk) == len(path) + 1
    return {graph.entity_id(entity) for entity in walk[-1]}


def test_it_is_as_large_as_its_readme_says(graph):
    words = (SAMPLE / "README.md").read_text(encoding="utf-8")
    counts = f"{graph.entity_count} entities, {graph.relation_count} relations, "
    assert counts + f"{graph.triple_count:,} facts" in " ".join(words.split())


def test_it_imports_without_a_finding(imported):
    graph, report = imported
    assert (report.skipped, report.duplicates, report.dangling, report.self_loops) == (0, 0, 0, 0)
    assert graph.languages == ("en", "zh")


def test_everything_has_a_label_in_both_languages(graph):
    for kind in ("entities", "relations"):
        for language in ("en", "zh"):
            labels = graph.column(kind, f"label:{language}").to_pylist()
            assert all(label and label == label.strip() for label in labels)


def test_the_worked_example_holds(graph):
    assert reached(graph, "joe_biden", "born_in") == {"scranton"}
    assert reached(graph, "joe_biden", "born_in", "city_of") == {"usa"}
    assert "university_of_delaware" in reached(graph, "joe_biden", "graduate_from")
    assert reached(graph, "joe_biden", "graduate_from", "located_in") == {"usa"}
    assert graph.find_relation("nationality") is None


@pytest.mark.parametrize("relation", ["spouse", "borders"])
def test_some_relations_hold_both_ways(graph, relation):
    code = graph.relation(relation)
    for head, tail in zip(graph.heads, graph.tails, strict=True):
        if graph.has(head, code, tail):
            assert graph.has(tail, code, head)


@pytest.mark.parametrize(
    "relation", ["born_in", "city_of", "in_state", "located_in", "campus_in", "state_capital"]
)
def test_some_relations_have_one_value(graph, relation):
    heads = graph.heads[graph.relations == graph.relation(relation)]
    assert len(set(heads.tolist())) == len(heads)


@pytest.mark.parametrize(
    ("language", "label", "entities"),
    [
        ("en", "Cambridge", {"cambridge_england", "cambridge_massachusetts"}),
        ("en", "Georgia", {"georgia_country", "georgia_state"}),
        ("zh", "巴黎", {"paris", "paris_texas"}),
        ("zh", "泰坦尼克号", {"titanic_1997", "titanic_1953"}),
    ],
)
def test_some_entities_share_a_label(graph, language, label, entities):
    labels = graph.column("entities", f"label:{language}").to_pylist()
    assert {graph.entity_id(e) for e, name in enumerate(labels) if name == label} == entities


def test_every_relation_has_words_both_ways_in_both_languages(graph, book):
    symmetric = {"spouse", "borders"}
    for language in ("en", "zh"):
        for relation in graph.relation_ids:
            if relation.removeprefix("~") in symmetric and relation.startswith("~"):
                continue
            phrases = book.phrases.get((language, (relation,)), [])
            assert sum(phrase.is_question for phrase in phrases) >= 1, relation
            assert sum(not phrase.is_question for phrase in phrases) >= 1, relation


def test_the_questions_are_what_the_generator_makes(graph, book, tmp_path):
    made = generate_questions(
        graph,
        count=1200,
        hops=3,
        languages=("en", "zh"),
        withheld=0.3,
        seed=0,
        unanswerable=0.17,
        book=book,
    )
    write_questions(tmp_path / "questions.jsonl", made)
    there = (SAMPLE / "questions.jsonl").read_bytes()
    assert (tmp_path / "questions.jsonl").read_bytes() == there


def test_there_are_questions_of_each_kind(questions):
    assert Counter(question.language for question in questions) == {"en": 1200, "zh": 1200}
    answered = [question for question in questions if question.answers]
    assert 0.15 < 1 - len(answered) / len(questions) < 0.2
    assert {len(path) for question in answered for path in question.paths} == {1, 2, 3}
    assert 0.25 < sum(not question.paths for question in answered) / len(answered) < 0.35


def test_what_it_cannot_answer_is_looked_for_in_vain(graph, questions):
    lacking = [question for question in questions if not question.answers]
    ends = Counter()
    for question in lacking:
        ((*there, last),) = question.paths
        if there:
            assert reached(graph, question.topics[0], *there)
        if last != MISSING:
            path = (*there, last.removeprefix(MISSING))
            walk = follow_path(graph, graph.entity(question.topics[0]), relation_codes(graph, path))
            assert len(walk) <= len(path)
        ends[question.split, last == MISSING] += 1
    assert min(ends[split, sort] for split in SPLITS for sort in (True, False)) >= 10


def test_every_relation_that_is_looked_for_in_vain_is_found_elsewhere_in_training(questions):
    learned = [path for q in questions if q.split == "train" for path in q.paths]
    found = {relation for path in learned for relation in path}
    in_vain = {
        path[-1].removeprefix(MISSING) for q in questions if not q.answers for path in q.paths
    }
    assert in_vain - {""} <= found


def test_the_example_question_is_asked_in_both_languages(questions):
    by_text = {question.text: question for question in questions}
    for text in ("What is Joe Biden's nationality?", "乔·拜登的国籍是什么？"):
        question = by_text[text]
        assert (question.topics, question.answers) == (("joe_biden",), ("usa",))


def test_nationality_is_asked_only_where_birth_and_study_agree(graph, questions):
    asked = [q for q in questions if "nationality" in q.text or "国籍" in q.text]
    assert len(asked) >= 2
    for question in asked:
        if not question.answers:
            continue
        topic = question.topics[0]
        born = reached(graph, topic, "born_in", "city_of")
        studied = reached(graph, topic, "graduate_from", "located_in")
        assert born == studied == set(question.answers)


def test_every_gold_path_leads_to_exactly_the_answers(graph, questions):
    for question in questions:
        for path in question.paths if question.answers else ():
            assert reached(graph, question.topics[0], *path) == set(question.answers)


def test_no_group_is_in_two_splits(questions):
    groups = {(question.group, question.split) for question in questions}
    assert len(groups) == len({group for group, _ in groups})
    shares = Counter(question.split for question in questions)
    assert shares["dev"] > 150 and shares["test"] > 150


def test_the_relations_that_are_tested_were_learned_and_about_half_of_the_paths(questions):
    answered = [question for question in questions if question.answers]
    learned = {path for q in answered if q.split == "train" for path in q.paths}
    tested = [path for q in answered if q.split == "test" for path in q.paths]
    relations = {relation for path in learned for relation in path}
    assert all(relation in relations for path in tested for relation in path)
    assert 0.4 < sum(path in learned for path in tested) / len(tested) < 0.7


def test_most_of_the_sensible_paths_are_asked(questions):
    assert len({path for q in questions if q.answers for path in q.paths}) > 800


def test_few_questions_have_a_topic_that_shares_its_name(graph, questions):
    for language in ("en", "zh"):
        labels = Counter(graph.column("entities", f"label:{language}").to_pylist())
        asked = [q for q in questions if q.language == language]
        shared = [q for q in asked if labels[graph.label(graph.entity(q.topics[0]), language)] > 1]
        assert 0 < len(shared) < 0.1 * len(asked)
