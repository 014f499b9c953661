"""Asking a student: what it says, what the graph says to it, and what is kept open meanwhile."""

import json
import shutil
import sys
from itertools import count, pairwise

import pytest

from core.answers import model_cache, topics
from core.answers.naming import Naming
from core.errors import NotFound, SettingsError
from core.graph import linking
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape, follow_path, grow_tree, walk_path
from core.graph.search import EntityIndex
from core.questions.suggestions import OFFERED
from core.recipes import answer_question
from core.records import Prediction, ScoredPath
from core.report import Silent
from core.results.answer import Answer
from core.settings import AskSettings
from core.student.decoding import DecodedPath
from core.verify.checking import check_path
from core.workspace import Workspace
from tests.plain_encoder import save_plain_encoder
from tests.resealed import rewrite

CHILDREN = "Who are the children of Bob Berg?"
NUMBERS = count()


def ask(workspace, question=CHILDREN, **settings):
    wanted = AskSettings(student="s", question=question, **settings)
    return answer_question.run(wanted, Silent(), workspace).as_record()


@pytest.fixture
def saying(monkeypatch):
    """Makes the student say some paths, whatever it is asked."""

    def say(**paths):
        spoken = [[DecodedPath(tuple(path.split()), p) for path, p in paths["paths"]]]
        monkeypatch.setattr(answer_question, "predict_paths", lambda *_: spoken)

    return say


def test_the_answer_is_whole(world):
    answer = ask(world, beams=12)
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert (answer["student"], answer["decoding"], answer["language"]) == ("s", "constrained", "en")
    bob = {"id": "bob", "label": "Bob Berg", "match": "exact", "score": 1.0}
    assert answer["topics"] == [bob]
    assert 0 < len(answer["paths"]) <= answer_question.MOST_PATHS
    assert 0 < len(answer["answers"]) <= answer_question.MOST_ANSWERS
    probabilities = [each["probability"] for each in answer["answers"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 < probability <= 1 for probability in probabilities)


@pytest.mark.parametrize("question", [CHILDREN, "鲍勃·伯格的国籍是什么？"])
def test_confined_paths_are_all_in_the_graph(world, graph, question):
    answer = ask(world, question, beams=12)
    assert answer["supported"]
    for path in answer["paths"]:
        assert path["supported"]
        assert check_path(graph, graph.entity("bob"), tuple(path["relations"])).supported
        assert [hop["relation"]["id"] for hop in path["hops"]] == path["relations"]
        assert path["hops"][0]["head"]["id"] == "bob"
        assert path["hops"][-1]["tail"] == path["answers"][0]
        for hop in path["hops"]:
            assert (hop["verdict"], hop["nearest"]) == ("in_graph", None)
            ends = graph.entity(hop["head"]["id"]), graph.entity(hop["tail"]["id"])
            assert graph.has(ends[0], graph.relation(hop["relation"]["id"]), ends[1])


def test_as_many_beams_as_paths_leave_no_mass_out(world, graph):
    tree = grow_tree(graph, graph.entity("emma"), TreeShape(2, "forward"))
    answer = ask(world, "Who are the children of Emma?", search="beam", beams=64)
    assert len(tree) - 1 == len(answer["paths"])
    said = sum(path["probability"] for path in answer["paths"])
    assert said + answer["missing"] == pytest.approx(1, abs=1e-5)


def test_labels_are_in_the_language_of_the_question(world):
    answer = ask(world, "鲍勃·伯格的国籍是什么？", beams=12)
    assert answer["language"] == "zh"
    assert answer["topics"][0]["label"] == "鲍勃·伯格"
    said = {hop["relation"]["label"] for path in answer["paths"] for hop in path["hops"]}
    assert said <= {"子女", "朋友", "国籍", "配偶"}


def test_a_claim_is_told_as_far_as_the_graph_follows_it(world, saying):
    saying(paths=[("child boss friend", 0.6)])
    answer = ask(world, decoding="free")
    assert (answer["answers"], answer["supported"]) == ([], False)
    first, second, third = answer["paths"][0]["hops"]
    assert first["verdict"] == "in_graph"
    assert second["head"] == first["tail"]
    assert second["relation"] == {"id": "boss", "label": "boss"}
    assert second["verdict"] == "wrong_relation"
    assert second["nearest"]["head"] == second["head"]
    assert set(second["nearest"]) == {"head", "relation", "tail"}
    nobody = {"id": "", "label": ""}
    assert second["tail"] == third["head"] == third["tail"] == nobody
    assert (third["verdict"], third["nearest"]) == ("dead_end", None)
    assert third["relation"] == {"id": "friend", "label": "friend"}


def test_a_claim_that_fails_at_once_begins_at_the_topic(world, saying):
    saying(paths=[("~nationality", 0.6)])
    hop = ask(world, decoding="free")["paths"][0]["hops"][0]
    assert hop["head"] == {"id": "bob", "label": "Bob Berg"}
    assert hop["verdict"] == "only_inverse"
    assert hop["nearest"]["relation"] == {"id": "nationality", "label": "nationality"}
    assert hop["nearest"]["tail"]["id"] == "peru"


def test_a_dead_end_without_an_edge_ends_at_the_best_known_entity(world, saying):
    saying(paths=[("child ~child child ~child spouse", 0.6)])
    path = ask(world, decoding="free")["paths"][0]
    assert all(hop["head"] == last["tail"] for last, hop in pairwise(path["hops"]))


def test_the_path_behind_the_answer_stands_first(world, saying):
    saying(paths=[("boss", 0.5), ("child", 0.3), ("nationality", 0.2)])
    answer = ask(world, decoding="free")
    relations = [path["relations"] for path in answer["paths"]]
    assert relations == [["child"], ["boss"], ["nationality"]]
    assert [one["id"] for one in answer["answers"]] == ["carl", "dora", "peru"]
    assert answer["supported"]
    assert [path["supported"] for path in answer["paths"]] == [True, False, True]


def test_what_the_graph_does_not_say_is_not_answered(world, saying):
    saying(paths=[("child ∄spouse", 0.5), ("child", 0.2), ("∄friend", 0.2), ("spouse", 0.1)])
    question = "Who are the children of Ann Berg?"
    answer = ask(world, question, topic="ann", graph="family")
    assert (answer["decision"], answer["answers"], answer["supported"]) == (
        "not_in_graph",
        [],
        False,
    )
    assert answer["missing"] == pytest.approx(0.7)
    assert [path["relations"] for path in answer["paths"]] == [["child"], ["spouse"]]
    lacking = answer["looked_for"]
    assert (lacking["relation"], lacking["probability"]) == (
        {"id": "spouse", "label": "spouse"},
        0.5,
    )
    assert [hop["verdict"] for hop in lacking["hops"]] == ["in_graph"]
    assert lacking["topic"]["id"] == "ann" and lacking["at"] == lacking["hops"][-1]["tail"]
    assert not lacking["verified"]  # carl, a child of hers, is married


@pytest.mark.parametrize(
    ("path", "relation", "verified"),
    [
        ("child ∄boss", {"id": "boss", "label": "boss"}, True),
        ("∄~child", {"id": "~child", "label": "~child"}, True),
        ("∄", None, False),
    ],
)
def test_absence_is_checked_on_the_graph(world, saying, path, relation, verified):
    saying(paths=[(path, 0.9), ("child", 0.1)])
    answer = ask(world, graph="family")
    assert answer["decision"] == "not_in_graph" and answer["confidence"] == pytest.approx(0.9)
    lacking = answer["looked_for"]
    assert (lacking["relation"], lacking["verified"]) == (relation, verified)
    assert len(lacking["hops"]) == len(path.split()) - 1


@pytest.mark.parametrize(("probability", "precision"), [(0.45, 0.8), (0.999, 1.0)])
def test_an_unsure_answer_is_not_relied_on_though_its_path_is_in_the_graph(
    world, saying, probability, precision
):
    saying(paths=[("child", probability)])
    answer = ask(world, precision=precision)
    assert (answer["supported"], answer["decision"]) == (True, "unsure")
    assert not Answer.from_record(answer).relied_on
    assert answer["answers"]  # to choose from


def test_the_likely_answers_are_those_above_the_floor_of_the_level(world, saying):
    levels = model_cache.student(world, "s").card["certainty"]["levels"]
    saying(paths=[("child", 0.9), ("nationality", 0.06), ("∄boss", 0.04)])
    for level in levels:
        likely = ask(world, precision=level["level"])["likely_set"]
        assert likely["level"] == level["level"]
        wanted = {"carl": 0.9, "dora": 0.9, "peru": 0.06}
        held = {name for name, chance in wanted.items() if chance >= level["floor"]}
        assert {one["id"] for one in likely["answers"]} == held
        assert likely["size"] == len(held)
        assert likely["not_in_graph"] == (level["floor"] <= 0.04)
    assert ask(world, precision=1.0)["likely_set"] is None


def test_on_another_graph_nothing_is_known_of_its_certainty(world, saying):
    saying(paths=[("child", 0.9)])
    answer = ask(world, graph="family")
    assert (answer["confidence"], answer["likely_set"]) == (0.9, None)
    assert answer["decision"] == "answered"


def test_nothing_said_is_no_path(world, saying):
    saying(paths=[("", 0.9)])
    answer = ask(world, decoding="free")
    assert (answer["paths"], answer["answers"], answer["supported"]) == ([], [], False)


def test_many_paths_are_cut_behind_the_best():
    paths = tuple(ScoredPath((f"r{n}",), 0.05, ("x",) if n == 15 else ()) for n in range(16))
    best = answer_question.best_first(Prediction("asked", (("x", 0.05),), paths))
    assert [path.relations[0] for (path,) in best] == ["r15", *(f"r{n}" for n in range(7))]


def test_namesakes_are_candidates(world):
    answer = ask(world, "What is the nationality of Ann Berg?")
    assert answer["topics"][0]["id"] == "ann"
    assert answer["candidates"] == [
        {"id": "ann2", "label": "Ann Berg", "match": "exact", "score": 1.0}
    ]


def test_a_given_topic_is_taken(world):
    answer = ask(world, "What is the nationality of Ann Berg?", topic="ann2")
    assert answer["topics"] == [{"id": "ann2", "label": "Ann Berg", "match": "given", "score": 1.0}]
    assert answer["candidates"] == []
    assert answer["paths"][0]["hops"][0]["head"]["id"] == "ann2"


def test_a_misspelled_topic_is_found_by_its_spelling_and_masked(world, graph):
    text = "Who are the children of Bobb Berrg?"
    answer = ask(world, text)
    assert (answer["topics"][0]["id"], answer["topics"][0]["match"]) == ("bob", "spelling")
    found = topics.find_topic(world, Naming(graph, "en"), Linker(graph).read(text), None)
    assert found.question.text == "Who are the children of \ue000?"
    assert not list(world.folder("graphs", "family").glob("names-*"))  # no vector was needed


def test_with_a_text_encoder_a_topic_is_found_by_its_vector(world, graph, monkeypatch, tmp_path):
    monkeypatch.setattr(EntityIndex, "threshold", -1.0)  # this encoder knows nothing
    save_plain_encoder(tmp_path / "encoder")
    question = Linker(graph).read("Bobb Berrg?")
    found = topics.find_topic(world, Naming(graph, "en"), question, None, f"{tmp_path}/encoder")
    assert found.match.match == "vector" and "\ue000" in found.question.text
    (names,) = world.folder("graphs", "family").glob("names-*")
    assert (names / "names.faiss").exists()


def test_nothing_leads_on_from_an_entity_without_edges(world):
    answer = ask(world, "Who is married to Zed?")
    assert answer["topics"][0]["id"] == "zed"
    assert (answer["answers"], answer["paths"], answer["supported"]) == ([], [], False)


def test_unknown_student(world):
    with pytest.raises(NotFound, match=r"nothing named 'x' among the students \(there: s\)"):
        answer_question.run(AskSettings(student="x", question="Who?"), Silent(), world)


@pytest.mark.parametrize("question", ["Qwxyz?", "hello there", "?!", "\U0001f3ac", "word " * 400])
def test_what_names_nothing_of_the_graph_is_an_honest_no(world, graph, question):
    answer = ask(world, question)
    assert (answer["decision"], answer["topics"], answer["answers"]) == ("not_in_graph", [], [])
    assert (answer["confidence"], answer["supported"], answer["asks_nothing"]) == (
        None,
        False,
        False,
    )
    assert 0 < len(answer["suggestions"]) <= OFFERED
    for suggestion in answer["suggestions"]:
        topic, path = suggestion["topic"], suggestion["relations"]
        assert topic["label"] in suggestion["question"]
        assert len(walk_path(graph, graph.entity(topic["id"]), tuple(path)).ends)


@pytest.mark.parametrize(
    "question", ["Bob Berg", "bob berg and Ann Berg!", "鲍勃·伯格", "Bobb Berrg"]
)
def test_who_names_entities_and_asks_nothing_is_asked_back(world, graph, question):
    answer = ask(world, question)
    assert answer["asks_nothing"] and answer["decision"] == "unsure"
    assert (answer["answers"], answer["paths"], answer["confidence"]) == ([], [], None)
    first = answer["topics"][0]
    assert answer["suggestions"]
    assert all(one["topic"]["id"] == first["id"] for one in answer["suggestions"])


def test_a_topic_that_is_a_common_word_is_said_to_be_a_guess(world, monkeypatch):
    monkeypatch.setattr(linking, "COMMON", linking.COMMON | {"bob", "berg"})
    answer = ask(world, "what is it that bob berg does?")
    assert (answer["topics"][0]["id"], answer["topics"][0]["match"]) == ("bob", "common_word")


def test_unknown_topic(world):
    with pytest.raises(NotFound, match="graph 'family' has no entity 'nobody'; search the graph"):
        ask(world, topic="nobody")


def test_what_was_opened_stays_open_until_it_is_replaced(world, tmp_path):
    mine = Workspace(tmp_path / "mine")
    for kind in ("graphs", "students", "teachers"):
        shutil.copytree(world.root / kind, mine.root / kind)
    student, teacher = model_cache.student(mine, "s"), model_cache.teacher(mine, "t")
    assert model_cache.student(mine, "s") is student
    assert model_cache.teacher(mine, "t") is teacher
    assert model_cache.linker(student.graph) is model_cache.linker(teacher.graph)
    rewrite(mine.root / "students" / "s" / "card.json", parameters=1)
    assert model_cache.student(mine, "s").card["parameters"] == 1
    assert model_cache.teacher(mine, "t") is teacher


def test_a_shelf_holds_so_many_things():
    shelf = {}
    for number in range(model_cache.KEPT + 2):
        model_cache._kept(shelf, (str(number),), (), lambda number=number: number)
        model_cache._kept(shelf, ("0",), (), lambda: 0)
    assert [thing for _, thing in shelf.values()] == [3, 4, 5, 0]


def test_the_linker_masks_what_training_masked(world, graph):
    found = topics.find_topic(world, Naming(graph, "en"), Linker(graph).read(CHILDREN), None)
    assert found.question.text == CHILDREN
    assert Linker(graph).link(found.question.text)[0].entity == found.entity


def test_several_topics_answer_where_their_paths_meet(world):
    question = "Who are the children of Ann Berg and Bob Berg?"
    answer = ask(world, question, topic="ann", also=("bob",), beams=12)
    assert [topic["id"] for topic in answer["topics"]] == ["ann", "bob"]
    assert answer["answers"] and answer["supported"]
    paths = answer["paths"]
    for ours, theirs in zip(paths[::2], paths[1::2], strict=True):
        assert [one["hops"][0]["head"]["id"] for one in (ours, theirs)] == ["ann", "bob"]
        assert ours["probability"] == theirs["probability"]  # that of their meeting
    best = answer["answers"][0]["id"]
    assert [paths[nth]["hops"][-1]["tail"]["id"] for nth in range(2)] == [best, best]


def test_where_no_paths_meet_there_is_no_answer(world, saying):
    saying(paths=[("nationality", 0.6)])
    answer = ask(world, decoding="free", topic="ann", also=("bob",))  # norway, peru
    assert (answer["paths"], answer["answers"], answer["supported"]) == ([], [], False)


def test_a_topic_is_named_once(world):
    with pytest.raises(SettingsError, match="each of its topics once; found bob, bob"):
        ask(world, topic="bob", also=("bob",))


class Watch:
    """Which texts are linked and which paths walked, and how deep calls within `core` go."""

    def __init__(self):
        self.linked, self.walked, self.deepest = [], [], 0

    def __call__(self, frame, event, argument):
        if event != "call" or "/core/" not in frame.f_code.co_filename:
            return
        if frame.f_code is Linker.link.__code__:
            self.linked.append(frame.f_locals["text"])
        if frame.f_code is follow_path.__code__:
            self.walked.append((frame.f_locals["topic"], frame.f_locals["codes"]))
        depth = 0
        while frame is not None:
            code = frame.f_code
            depth += "/core/" in code.co_filename and not code.co_name.startswith("<")
            frame = frame.f_back
        self.deepest = max(self.deepest, depth)

    def __enter__(self):
        sys.setprofile(self)
        return self

    def __exit__(self, *error):
        sys.setprofile(None)


def never_asked():
    """A question that nobody has asked before, for mentions are kept."""
    return f"{CHILDREN} {next(NUMBERS)}"


def test_the_text_is_linked_once_and_every_path_is_walked_once(world):
    ask(world)  # what is opened is open
    question = never_asked()
    with Watch() as watch:
        answer = ask(world, question)
    assert watch.linked == [question]
    assert len(answer["paths"]) <= len(watch.walked) == len({*watch.walked})
    assert watch.deepest <= 12


@pytest.mark.parametrize(
    "path", ["child boss", "child", "boss", "child boss friend", "child ∄boss", "∄child", "∄"]
)
def test_a_path_is_walked_once_however_it_ends(world, saying, path):
    saying(paths=[(path, 0.9)])
    ask(world, decoding="free")
    question = never_asked()
    with Watch() as watch:
        ask(world, question, decoding="free")
    assert (watch.linked, len(watch.walked)) == ([question], 1)


def test_what_a_question_mentions_is_not_looked_up_again(world):
    question = never_asked()
    ask(world, question)
    with Watch() as watch:
        ask(world, question)
    assert watch.linked == []


def test_what_is_supposed_is_answered_and_judged_by_the_graph_that_is_supposed(world):
    whole = ask(world)
    assert {one["id"] for one in whole["answers"]} >= {"carl", "dora"}
    assert "children" in whole["words"] and "Bob Berg" in whole["words"]
    more = ask(world, with_edges=("bob|child|gina",))
    (child,) = [path for path in more["paths"] if path["relations"] == ["child"]]
    assert child["reached"] == 3 and child["supported"]
    less = ask(world, without_edges=("bob|child|carl", "bob|child|dora"))
    assert ["child"] not in [path["relations"] for path in less["paths"]]
    first = whole["paths"][0]
    fewer = ask(world, without_words=("children",))
    assert fewer["words"] == whole["words"], "told as they were asked"
    assert [one["probability"] for one in fewer["paths"]] != [
        one["probability"] for one in whole["paths"]
    ]
    assert ask(world)["paths"][0] == first, "nothing of it is kept"
    with pytest.raises(NotFound, match="no word 'gold'"):
        ask(world, without_words=("gold",))


def test_where_all_that_leads_on_is_taken_away_a_student_says_no_path(world):
    facts = ("friend|bob", "nationality|peru", "spouse|ann", "child|carl", "child|dora")
    edges = (*(f"bob|{fact}" for fact in facts), "ann|spouse|bob")
    answer = ask(world, without_edges=edges)
    assert not answer["paths"] and not answer["answers"]
