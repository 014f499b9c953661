"""The generator on a made-up world of shops, whose owner has no questions and no phrases."""

from collections import Counter

import pytest

from core.errors import SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.questions.generation import OTHERS, generate_questions, labelled_languages
from core.questions.label_phrases import Phrase
from core.questions.levels import levels
from core.questions.phrasing import PhraseBook
from core.questions.things import MOST_ANSWERS
from core.records import inverse, looked_for
from core.results.evaluation import LEVELS

SHOPS = 24
TRIPLES = [
    triple
    for n in range(SHOPS)
    for triple in (
        (f"shop_{n}", "owner", f"person_{n // 2}"),
        (f"shop_{n}", "street", f"street_{n // 4}"),
        (f"person_{n // 2}", "home", f"street_{(n // 2) % 6}"),
        (f"street_{n // 4}", "town", "springfield"),
        (f"person_{n}", "friend", f"person_{n ^ 1}"),
    )
]
GRAPH = KnowledgeGraph.build("shops", TRIPLES)


def generated(graph=GRAPH, **changes):
    settings = {"count": 120, "hops": 3, "languages": ("en",), "withheld": 0.3, "seed": 0}
    return generate_questions(graph, **{**settings, **changes})


QUESTIONS = generated()


def reached(question, path):
    codes = relation_codes(GRAPH, path)
    walk = follow_path(GRAPH, GRAPH.entity(question.topics[0]), codes)
    assert len(walk) == len(path) + 1
    return {GRAPH.entity_id(entity) for entity in walk[-1]}


def test_every_gold_path_leads_to_exactly_the_answers():
    for question in QUESTIONS:
        for path in question.paths:
            assert reached(question, path) == set(question.answers)


def test_there_are_as_many_as_asked_for_and_no_two_alike():
    assert len(QUESTIONS) == 120
    assert len({question.text for question in QUESTIONS}) == 120
    assert len({question.id for question in QUESTIONS}) == 120


def test_paths_of_every_length_are_asked():
    hops = [len(path) for question in QUESTIONS for path in question.paths]
    assert {1, 2, 3} == set(hops)
    assert max(len(p) for q in generated(hops=1) for p in q.paths) == 1


def test_answers_are_few_and_never_the_topic():
    for question in QUESTIONS:
        assert 1 <= len(question.answers) <= MOST_ANSWERS
        assert question.topics[0] not in question.answers


def test_no_hop_undoes_another():
    for question in QUESTIONS:
        for path in question.paths:
            pairs = list(zip(path, path[1:], strict=False))
            assert all(after != inverse(before) for before, after in pairs)
            assert ("friend", "friend") not in pairs
            assert "~friend" not in path


def test_no_group_is_in_two_splits():
    assert {question.split for question in QUESTIONS} == {"train", "dev", "test"}
    groups = {(question.group, question.split) for question in QUESTIONS}
    assert len(groups) == len({group for group, _ in groups})


def test_a_thing_is_asked_again_only_where_there_are_too_few():
    assert len({question.group for question in QUESTIONS}) == len(QUESTIONS)
    every = Counter(question.group for question in generated(count=5000))
    assert set(every.values()) == {1, 2}


@pytest.mark.parametrize("share", [0, 1])
def test_gold_paths_are_withheld_as_asked(share):
    assert {bool(question.paths) for question in generated(withheld=share)} == {share == 0}


def test_about_the_share_asked_for_is_withheld():
    withheld = sum(not question.paths for question in QUESTIONS)
    assert 0.15 < withheld / len(QUESTIONS) < 0.45


def test_no_path_is_asked_twice_before_every_path_of_its_length_is_asked():
    told = generated(count=60, withheld=0)
    paths = {path for question in generated(count=5000, withheld=0) for path in question.paths}
    for hops in (1, 2, 3):
        asked = Counter(q.paths[0] for q in told if len(q.paths[0]) == hops)
        things = {(q.topics, q.paths[0]) for q in told if len(q.paths[0]) == hops}
        every = {path for path in paths if len(path) == hops}
        assert len(asked) >= 0.9 * min(len(every), len(things))  # a text may come twice


def test_a_count_that_suffices_covers_every_path():
    paths = {path for question in generated(count=5000, withheld=0) for path in question.paths}
    enough = generated(count=2 * len(paths), withheld=0)
    assert {path for question in enough for path in question.paths} == paths


def test_languages_ask_about_different_things():
    asked = generated(languages=("en", "zh"), count=60)
    groups = [{q.group for q in asked if q.language == one} for one in ("en", "zh")]
    assert len(groups[0] & groups[1]) < 0.2 * len(groups[0])


def test_a_share_is_such_that_the_graph_cannot_answer_it():
    asked = generated(count=300, unanswerable=0.2)
    lacking = [question for question in asked if not question.answerable]
    assert len(asked) == 300 and len(lacking) == 60
    assert len({question.text for question in asked}) == 300
    for question in lacking:
        assert question.answers == () and len(question.paths) == 1
        there, wanted = question.paths[0][:-1], looked_for(question.paths[0])
        assert not there or reached(question, there)
        if wanted:
            codes = relation_codes(GRAPH, (*there, wanted))
            assert len(follow_path(GRAPH, GRAPH.entity(question.topics[0]), codes)) <= len(codes)
    ends = Counter(looked_for(question.paths[0]) == "" for question in lacking)
    assert min(ends.values()) > 8
    assert {question.split for question in lacking} == {"train", "dev", "test"}


def test_any_stretch_of_the_questions_has_its_share_of_them():
    asked = generated(count=200, unanswerable=0.2)
    for begin in range(0, 200, 50):
        lacking = sum(not question.answerable for question in asked[begin : begin + 50])
        assert 8 <= lacking <= 12
    assert [question.id for question in asked[:2]] == ["en-00001", "en-00002"]


def test_without_them_all_is_answered():
    assert all(question.answerable for question in QUESTIONS)


def test_a_split_by_levels_goes_by_the_true_paths_though_some_are_withheld():
    by_levels = {"split": "levels", "count": 600, "unanswerable": 0.15}
    told = generated(withheld=0, **by_levels)
    train = [question for question in told if question.split == "train"]
    for name in ("dev", "test"):
        tested = [question for question in told if question.split == name]
        assert {*levels(train, tested).values()} == {*LEVELS}
    some = generated(withheld=0.5, **by_levels)
    assert [(q.id, q.split) for q in some] == [(q.id, q.split) for q in told]
    assert 0.3 < sum(not question.paths for question in some) / len(some) < 0.55


def test_the_same_seed_gives_the_same_questions():
    assert generated() == QUESTIONS
    assert generated(seed=1) != QUESTIONS


def test_other_films_by_the_director_need_words_of_their_own():
    there_and_back = ("owner", "~owner")
    assert all(there_and_back not in question.paths for question in QUESTIONS)
    words = Phrase("the other shop of the owner of {x}", "the other shops of the owner of {x}")
    book = PhraseBook({("en", there_and_back): [words]})
    asked = [q for q in generated(book=book) if there_and_back in q.paths]
    assert asked
    assert all("other shop" in question.text.lower() for question in asked)


def test_an_example_is_asked_first_and_in_its_first_phrase():
    phrases = [Phrase("Whose is {x}?", "Whose are {x}?"), Phrase("the owner of {x}", "")]
    book = PhraseBook({("en", ("owner",)): phrases}, (("shop_3", ("owner",)),))
    first = generated(book=book)[0]
    assert (first.text, first.answers) == ("Whose is shop 3?", ("person_1",))


def test_a_shared_question_is_asked_only_where_all_its_paths_agree():
    shared = [Phrase("Where do I find the people of {x}?", ""), Phrase("the place of {x}", "")]
    paths = (("owner", "home"), ("street", "town"))
    book = PhraseBook({("en", path): shared for path in paths})
    assert all("people of" not in question.text for question in generated(book=book))
    agreeing = KnowledgeGraph.build(
        "agreeing", [*TRIPLES, *((f"person_{n}", "house", f"street_{n // 2}") for n in range(12))]
    )
    twins = (("owner", "house"), ("owner", "friend", "house"))
    book = PhraseBook({("en", path): shared for path in twins})
    asked = [q for q in generated(agreeing, book=book, withheld=0) if "people of" in q.text]
    assert asked
    assert all(set(question.paths) == set(twins) for question in asked)


def test_a_training_question_carries_other_wordings_of_itself():
    questions = generated(count=60, unanswerable=0.2)
    for question in questions:
        told = question.split == "train" and question.answers
        assert bool(question.wordings) == bool(told), question
        assert all(text.count("{x}") == 1 for text in question.wordings)
        assert len(set(question.wordings)) == len(question.wordings) <= OTHERS
    assert any(len(question.wordings) > 2 for question in questions)


def test_other_wordings_ask_the_same():
    book = PhraseBook(
        {
            ("en", ("owner",)): [Phrase("Whose is {x}?", "Whose are {x}?")],
            ("en", ("home",)): [Phrase("Where does {x} live?", "Where do {x} live?")],
        }
    )
    words = {"owner": ("whose", "owner"), "home": ("live", "home")}
    asked = [q for q in generated(book=book, hops=1, withheld=0) if q.wordings]
    plain = [q for q in asked if q.paths[0][0] in words]
    assert plain
    for question in plain:
        for text in question.wordings:
            assert any(word in text.lower() for word in words[question.paths[0][0]]), text


def many_phrases():
    nouns = [Phrase(f"the number {n} owner of {{x}}", "") for n in range(40)]
    asked = [Phrase(f"Who in case {n} owns {{x}}?", "") for n in range(40)]
    return PhraseBook({("en", ("owner",)): [*asked, *nouns]})


def test_what_tests_is_asked_in_phrases_that_training_never_met():
    book = many_phrases()
    learned, kept = (
        {one.one.lower() for one in part.phrases["en", ("owner",)]} for part in book.parted()
    )
    assert not learned & kept
    questions = generated(book=book, count=240, hops=1, withheld=0.5, unanswerable=0.2)

    def met(split, phrases):
        texts = [q.text.lower() for q in questions if q.split == split]
        texts += [text.lower() for q in questions if q.split == split for text in q.wordings]
        words = [phrase.replace("{x}", "").strip(" ?") for phrase in phrases]
        return sum(any(word in text for word in words) for text in texts)

    assert met("train", learned) and not met("train", kept)
    assert met("test", kept) and met("dev", kept)
    assert not met("test", learned) and not met("dev", learned)
    assert len({question.text for question in questions}) == len(questions)


def test_too_small_a_graph_is_refused():
    pair = KnowledgeGraph.build("pair", [("a", "r", "a")])
    sentence = "The graph 'pair' gives 0 questions of up to 3 hops with at most 10 answers"
    with pytest.raises(SettingsError, match=sentence):
        generated(pair)


def test_languages_are_those_with_labels():
    assert labelled_languages(GRAPH, ("en", "zh")) == ("en",)
    with pytest.raises(SettingsError, match=r"'shops' has no labels in zh \(it has: en\)"):
        labelled_languages(GRAPH, ("zh",))
