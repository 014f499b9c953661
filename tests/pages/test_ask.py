"""The page Ask: the answer with its verdicts, another topic, errors, and what was asked before."""

from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import likely, matched, named
from stand_ins.screens import button, clean, open_page, words

from core.errors import NotFound
from core.records import Question
from core.runs import resident
from core.settings import AskSettings
from pages.parts.answers.answer_view import joint, names, share

BIDEN = "What is Joe Biden's nationality?"


class Resident:
    """Stands in for the resident: says what it was told to, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.change = {}

    def __call__(self, store, recipe, settings, timeout=120):
        assert recipe == "answer_question"
        self.asked.append(settings)
        if isinstance(self.change, Exception):
            raise self.change
        return replace(results.answer(settings.question), **self.change)


@pytest.fixture(autouse=True)
def student(monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    stand_in = Resident()
    monkeypatch.setattr(resident, "call", stand_in)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)
    return stand_in


@pytest.fixture
def page():
    screens.make_world()
    return clean(open_page("ask/ask"))


def ask(page, question=BIDEN):
    page.text_input(key="ask.typed").set_value(question)
    button(page, "Ask").click().run()
    return clean(page)


def strips(page):
    return [html.value for html in page.main.get("html")]


def test_nothing_is_asked_before_a_question(page, student):
    assert "Type a question" in words(page)
    assert student.asked == []


def test_the_answer_stands_out_with_its_certainty_and_path(page, student):
    ask(page)
    assert student.asked == [AskSettings(student="demo", question=BIDEN)]
    assert [heading.value for heading in page.main.header] == ["USA"]
    said = words(page)
    assert "the path is in the graph" in said and "80 % likely" in said
    assert "About Joe Biden, found by its name." in said
    assert "not supported" not in said


@pytest.mark.parametrize("key", ["ask.biden_en", "ask.biden_zh"])
def test_an_example_is_asked_by_one_click(page, student, key):
    label = page.button(key=key).label
    page.button(key=key).click().run()
    assert [settings.question for settings in student.asked] == [label]
    assert clean(page).text_input(key="ask.typed").value == label


def test_a_random_question_comes_from_the_test_split(page, student):
    button(page, "A random test question").click().run()
    assert student.asked[0].question in (BIDEN, "乔·拜登的国籍是什么？")


def test_decoding_can_be_free(page, student):
    page.button_group(key="ask.decoding").set_value("free").run()
    ask(page)
    assert student.asked[-1].decoding == "free"


def test_an_unsupported_answer_is_marked_as_such(page, student):
    student.change = vars(results.answer(BIDEN, supported=False))
    ask(page)
    assert "do not rely on this answer" in page.main.warning[0].value
    assert "the path is not in the graph" in words(page)
    assert not [one for one in page.main.dataframe if "From" in one.value.columns]


def test_no_answer_is_said_and_a_topic_asked_for(page, student):
    student.change = {"answers": (), "paths": (), "supported": False}
    ask(page)
    assert "no answer whose path is in the graph" in page.main.warning[0].value
    topic = next(one for one in page.main.expander if "what the question is about" in one.label)
    assert topic.proto.expanded


def test_an_error_is_its_sentence_and_a_topic_can_be_chosen(page, student):
    student.change = NotFound("No entity of graph 'demo' was recognised in the question.")
    ask(page, "who?")
    assert page.main.error[0].value.startswith("No entity of graph 'demo'")
    student.change = {}
    page.text_input(key="ask.topic.text").set_value("biden").run()
    box = next(box for box in page.main.selectbox if "found" in box.label)
    box.select_index(0).run()
    assert student.asked[-1] == AskSettings(student="demo", question="who?", topic="joe_biden")
    assert clean(page).main.header[0].value == "USA"


def test_which_cambridge(page, student):
    england = matched(named("cambridge_england", "Cambridge"))
    america = replace(england, id="cambridge_massachusetts")
    student.change = {"topics": (england,), "candidates": (england, america)}
    ask(page, "Where is Cambridge?")
    assert "Which Cambridge do you mean?" in words(page)
    page.button(key="topic.cambridge_massachusetts").click().run()
    assert student.asked[-1].topic == "cambridge_massachusetts"


def test_a_question_about_something_else_as_well(page, student):
    jill = matched(named("jill", "Jill Biden"))
    student.change = {"candidates": (jill,)}
    page = ask(page)
    first = student.asked[-1]
    assert first.also == ()
    (path,) = results.answer(BIDEN).paths
    paths = (path, replace(path, reached=40), replace(path, probability=0.01))
    student.change |= {"topics": (*results.TOPICS, jill), "paths": paths}
    page.pills[0].set_value(["jill"]).run()
    assert student.asked[-1] == first.model_copy(update={"topic": "joe_biden", "also": ("jill",)})
    page = clean(page)
    assert page.pills[0].value == ["jill"]
    assert page.main.header[0].value == "USA"  # not the 40 that one of the two paths reaches
    likely = [one.value for one in page.main.caption if "of all its paths" in one.value]
    assert len(likely) == 2, "one path for each topic leads to the answer"


def test_a_random_question_is_asked_about_all_of_its_topics(student, monkeypatch):
    both = Question("q9", "Whose?", "en", ("joe_biden", "usa"), ("usa",))
    monkeypatch.setattr("pages.parts.forms.examples.test_questions", lambda name: (both,))
    screens.make_world()
    button(clean(open_page("ask/ask")), "A random test question").click().run()
    assert (student.asked[-1].topic, student.asked[-1].also) == ("joe_biden", ("usa",))


def test_other_answers_and_paths_have_their_probabilities(page, student):
    (first,) = results.answer(BIDEN).paths
    student.change = {
        "answers": (likely(results.USA, 0.8), likely(named("x", "<b>x</b>"), 0.1)),
        "paths": (first, replace(first, probability=0.004)),
    }
    ask(page)
    table = next(one.value for one in page.main.dataframe if "Probability" in one.value.columns)
    assert table.to_dict("list") == {"Answer": ["<b>x</b>"], "Id": ["x"], "Probability": [0.1]}
    assert r"**\< 1 %**" in words(page), "unescaped, it would begin a quotation"


def test_several_answers_at_once_are_one_answer(page, student):
    both = tuple(likely(named(name, name), 0.5) for name in ("a", "*b*"))
    student.change = {"answers": both}
    ask(page)
    assert page.main.header[0].value == r"a · \*b\*"


def test_earlier_questions_are_kept_and_asked_again(page, student):
    ask(page, "First?")
    ask(page, "Second?")
    again = page.button(key="ask.again.0")
    assert again.label.startswith("First?")
    again.click().run()
    assert clean(page).text_input(key="ask.typed").value == "First?"
    button(page, "Forget them").click().run()
    assert "Asked before" not in words(clean(page))


def test_the_same_question_is_not_kept_twice(page):
    ask(page)
    ask(page)
    assert "Asked before" not in words(page)


def test_a_blank_question_is_not_asked(page, student):
    ask(page, "   ")
    assert student.asked == []


def test_in_chinese():
    screens.make_world()
    app = open_page("ask/ask", lang="zh")
    app.text_input(key="ask.typed").set_value(BIDEN)
    button(app, "提问").click().run()
    assert "路径在图谱中" in words(clean(app))


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "0 %"), (0.004, "< 1 %"), (0.58, "58 %"), (0.995, "> 99 %"), (1.0, "100 %")],
)
def test_no_share_is_rounded_into_certainty(probability, text):
    assert share(probability) == text


def test_many_answers_are_cut():
    many = [likely(named(str(n)), 0.5) for n in range(10)]
    assert len(joint(many)) == 10
    assert names(many).endswith("7 and 2 more")


def test_what_a_path_reaches_beyond_what_is_told_is_counted(page, student):
    told = tuple(named(f"n{n}", f"City {n}") for n in range(12))
    (first,) = results.answer(BIDEN).paths
    student.change = {
        "answers": tuple(likely(one, 0.6) for one in told[:10]),
        "paths": (replace(first, answers=told, reached=30),),
    }
    said = words(ask(page, BIDEN))
    assert "leads to 30 entities: " in said
    assert "City 7 and 22 more" in said.replace("\\", "")
