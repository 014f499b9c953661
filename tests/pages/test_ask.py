"""The page Ask: the answer with its verdicts, another topic, errors, and what was asked before."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import likely, matched, named
from stand_ins.screens import address, as_read, button, clean, open_page, words

from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.answer_kinds import answer_kinds
from core.questions.suggestions import suggestions
from core.records import Question
from core.results.answer import Decision, LikelySet, LookedFor
from core.results.certainty import Certainty, Level
from core.results.named import Named
from core.runs import resident
from core.settings import AskSettings, ExplainSettings
from core.workspace import Workspace, write_json
from pages.parts.answers.answer_view import joint, names, said, share
from pages.parts.answers.teacher_answer import teacher_answer

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
        answer = replace(results.answer(settings.question), **self.change)
        graph = KnowledgeGraph.open(Workspace().folder("graphs", "demo"))
        return replace(answer, suggestions=suggestions(answer, graph, answer_kinds(graph)))


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
    assert "**In the graph:** every step of the path." in said
    assert "**How sure:** 80 % that this answers the question." in said
    assert "**Not found:** nothing was looked for in vain." in said
    assert "It was never measured" in said
    assert "About Joe Biden, found by its name." in said
    assert "Which of these" not in said and "does not say" not in said


def test_what_an_answer_hangs_on_is_found_out_where_it_is_asked_for(page, student):
    ask(page)
    assert not student.asked[-1].certify
    student.change = {"certificate": results.certificate()}
    clean(button(page, "What does it hang on?").click().run())
    assert student.asked[-1] == AskSettings(student="demo", question=BIDEN, certify=True)
    said = words(page)
    assert "**It hangs on this fact:** without it the first answer is Peru." in said
    assert "Without all that came from x.csv (facts: 3) no answer is likelier than" in said
    assert "37 facts lie on the ways around it; 21 facts" in said and "2 of them" in said
    assert "City Of" in strips(page)[0]
    kept = replace(results.certificate(), kept=True, decisive=0)
    student.change = {"certificate": kept}
    ask(page, "who?")
    assert "hangs on this fact" not in words(page)
    clean(button(page, "What does it hang on?").click().run())
    assert "**Whichever one fact** of the graph is taken away, this stays the first" in words(page)


def test_no_answer_is_vouched_for_by_a_green_check():
    icons = re.compile(r":green|:material/(?:check|verified|done|task_alt)")
    files = [*Path("pages/ask").glob("*.py"), Path("pages/parts/answers/answer_view.py")]
    assert not [file for file in files if icons.search(file.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        ({"threshold": 0.7}, "says so for certain from 70 % on: there 95 % were right, on 200"),
        ({"threshold": None}, "Nowhere were 95 % of what it said so right, on 200"),
    ],
)
def test_how_sure_it_is_stands_beside_how_sure_it_has_to_be(page, student, level, sentence):
    measured(Level(level=0.95, answered=0.5, floor=0.1, **level))
    likely_set = LikelySet(
        level=0.95, answers=(likely(results.USA, 0.8),), size=3, not_in_graph=True
    )
    student.change = {"confidence": 0.77, "likely_set": likely_set}
    said = words(ask(page))
    assert "77 % that this answers" in said
    assert sentence in said
    assert "chance of 95 % it is among: USA and 2 more; or the graph does not say." in said


def test_a_student_that_listens_is_believed_as_it_was_measured_listening(page, student):
    measured(Level(level=0.95, answered=0.5, floor=0.1, threshold=0.7), field="certainty_heard")
    student.change = {"heard": True}
    assert "says so for certain from 70 % on" in words(ask(page))
    student.change = {"heard": False}
    assert "It was never measured" in words(ask(page, "Another?"))


IN_VAIN = LookedFor(
    topic=named("joe_biden"),
    hops=(replace(results.answer().paths[0].hops[0], head=named("joe_biden"),
                  relation=named("born_in", "born in"), tail=named("scranton")),),
    at=named("scranton"),
    relation=named("mayor", "mayor"),
    probability=0.9,
    verified=True,
)  # fmt: skip
NO = {"decision": Decision.NOT_IN_GRAPH, "answers": (), "supported": False, "missing": 0.97,
      "confidence": 0.96, "looked_for": IN_VAIN}  # fmt: skip

ASKED_BACK = {"decision": Decision.UNSURE, "answers": (), "paths": (), "supported": False,
              "asks_nothing": True}  # fmt: skip


def test_a_no_says_what_was_looked_for_and_what_there_is_instead(page, student):
    student.change = NO
    said = words(ask(page, "Who is the mayor of Joe Biden's birthplace?"))
    assert page.main.header[0].value == "The graph does not say"
    assert "no path is claimed" in said
    assert "96 % that the graph does not say" in said
    assert "“mayor” of Scranton; checked, the graph has none." in as_read(said)
    assert "What the graph does say about Scranton" in said
    reading = page.button(key="reading.joe_biden.born_in.city_of")
    reading.click().run()
    assert len(student.asked) == 1, "the graph answers by itself"
    assert [one.value for one in clean(page).main.header][0] == "usa"
    assert "you chose this question, and the graph answers it" in words(page)
    ask(page, "Something else?")
    assert "you chose this question" not in words(page)


def test_what_is_none_of_the_relations_is_said_so(page, student):
    lacking = replace(IN_VAIN, hops=(), at=named("joe_biden"), relation=None, verified=False)
    student.change = {**NO, "looked_for": lacking}
    said = words(ask(page, "How tall is he?"))
    assert "what is asked of Joe Biden is none of the graph's relations" in as_read(said)
    assert {"reading.joe_biden.born_in", "reading.joe_biden.graduate_from"} <= {
        one.key for one in page.main.button
    }


def test_who_is_unsure_asks_back(page, student):
    (path,) = results.answer().paths
    born = replace(path, relations=("born_in", "city_of"), probability=0.3)
    studied = replace(path, relations=("graduate_from",), probability=0.25)
    unreal = replace(path, relations=("mayor",), supported=False)
    student.change = {
        "decision": Decision.UNSURE, "confidence": 0.4, "missing": 0.1,
        "answers": (likely(results.USA, 0.3),), "paths": (born, studied, unreal, born),
    }  # fmt: skip
    said = words(ask(page))
    assert page.main.header[0].value == "Perhaps USA"
    assert "40 % that this answers the question. That is not enough" in said
    assert "Which of these do you mean?" in said
    offered = [one.key for one in page.main.button if str(one.key).startswith("reading.")]
    assert offered == ["reading.joe_biden.born_in.city_of", "reading.joe_biden.graduate_from"]


def test_an_unsure_no_is_no_answer(page, student):
    student.change = {"decision": Decision.UNSURE, "missing": 0.9, "looked_for": IN_VAIN,
                      "confidence": 0.6}  # fmt: skip
    said = words(ask(page))
    assert page.main.header[0].value == "Perhaps the graph does not say"
    assert "no path is claimed" in said and "60 % that the graph does not say" in said


def test_who_only_names_entities_is_asked_what_to_know(page, student):
    student.change = {**ASKED_BACK, "candidates": (matched(named("scranton")),)}
    said = words(ask(page, "joe biden, SCRANTON?"))
    assert "What do you want to know about Joe Biden?" in said
    assert not page.main.header, "nothing is answered that was not asked"
    page.button(key="reading.joe_biden.born_in").click().run()
    assert clean(page).main.header[0].value == "scranton"


def test_what_names_nothing_of_the_graph_is_no_error(page, student):
    student.change = {**ASKED_BACK, "decision": Decision.NOT_IN_GRAPH, "topics": (),
                      "asks_nothing": False}  # fmt: skip
    said = words(ask(page, "hello there"))
    assert not page.main.error
    assert page.main.header[0].value == "Nothing here is a name that this graph knows"
    assert "none of the 4 entities of graph demo is named here" in said
    assert "What the graph is about" in said and "It can answer, for example" in said
    (search,) = [one for one in page.main.expander if "what the question is about" in one.label]
    assert search.proto.expanded
    example = next(one for one in page.main.button if str(one.key).startswith("reading."))
    example.click().run()
    assert len(student.asked) == 1, "the graph answers by itself"
    assert "you chose this question, and the graph answers it" in words(clean(page))


def test_a_topic_that_may_be_no_name_is_said_to_be_a_guess(page, student):
    student.change = {"topics": (replace(results.TOPICS[0], match="common_word"),)}
    assert "a guess: this name is also a common word" in words(ask(page))


def test_a_question_about_several_topics_has_no_readings(page, student):
    jill = matched(named("jill", "Jill Biden"))
    student.change = {**NO, "topics": (*results.TOPICS, jill)}
    ask(page)
    assert not [one for one in page.main.button if str(one.key).startswith("reading.")]


def test_the_teacher_stands_beside_on_request(page, student, monkeypatch):
    asked = []

    def call(store, recipe, settings, timeout=120):
        asked.append((recipe, settings))
        if recipe == "answer_question":
            return results.answer(settings.question)
        return replace(results.trace(), decision=Decision.ANSWERED, confidence=0.85)

    monkeypatch.setattr(resident, "call", call)
    ask(page)
    assert [recipe for recipe, _ in asked] == ["answer_question"]
    page.toggle(key="ask.teacher").set_value(True).run()
    assert asked[-1][1] == ExplainSettings(teacher="demo", question=BIDEN)
    assert len(clean(page).main.header) == 2
    assert "85 % that this answers the question" in words(page)


def test_a_teachers_no_is_told_like_a_students():
    no = teacher_answer(replace(results.trace_in_vain(), decision=Decision.NOT_IN_GRAPH))
    assert said(no) == "The graph does not say" and not no.supported
    assert no.looked_for == LookedFor(
        topic=results.TOPICS[0], hops=(), at=results.TOPICS[0],
        relation=Named(id="~mayor", label="~mayor"), probability=0.5, verified=True,
    )  # fmt: skip
    deeper = replace(results.trace_in_vain(), missing=results.trace_in_vain().missing[2:])
    found = teacher_answer(deeper).looked_for
    assert found.at == results.SCRANTON and found.relation is None and not found.verified
    assert [hop.relation.id for hop in found.hops] == ["born_in"]


def measured(level, field="certainty"):
    """Let the student's card say how far it can be believed."""
    space = Workspace()
    card = space.read("students", "demo", "card.json")
    certainty = Certainty(temperature=1.0, questions=200, levels=(level,)).as_record()
    with space.publish("students", "demo", replace=True) as folder:
        write_json(folder / "card.json", {**card, field: certainty})


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
    assert "the path leaves it at Scranton, by “city_of”" in as_read(words(page))
    assert not [one for one in page.main.dataframe if "From" in one.value.columns]


def test_no_answer_is_said_and_a_topic_asked_for(page, student):
    student.change = {"answers": (), "paths": (), "supported": False}
    ask(page)
    assert page.main.header[0].value == "No answer"
    assert any("what the question is about" in one.label for one in page.main.expander)


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


def test_a_copied_address_asks_its_question_once(student):
    screens.make_world()
    page = clean(open_page("ask/ask", ask=BIDEN, topic="joe_biden", decoding="free"))
    assert student.asked == [
        AskSettings(student="demo", question=BIDEN, topic="joe_biden", decoding="free")
    ]
    assert page.text_input(key="ask.typed").value == BIDEN
    assert address(page, "ask") == BIDEN
    ask(page, "Another?")
    assert not {"ask", "topic"} & {*page.query_params}
    assert student.asked[-1].topic is None


def test_what_is_typed_stays_out_of_the_address(page):
    ask(page)
    assert "ask" not in page.query_params


def test_a_blank_question_is_not_asked(page, student):
    ask(page, "   ")
    assert student.asked == []


def test_in_chinese():
    screens.make_world()
    app = open_page("ask/ask", lang="zh")
    app.text_input(key="ask.typed").set_value(BIDEN)
    button(app, "提问").click().run()
    assert "**在图谱中**：路径的每一步都有。" in words(clean(app))


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
