"""The page Ask: a question in; an answer or an honest no out, and what is known of it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import streamlit as st

from core.errors import CallerError
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.answer import Answer, Suggestion
from core.results.summaries import StudentSummary
from core.settings import AskSettings, ExplainSettings
from pages.ask.readings import ask_back, nothing_named, reading_view
from pages.ask.seal import seal
from pages.ask.supposing import supposing
from pages.parts.answers.answer_view import evidence, headline, said, sign, which
from pages.parts.answers.teacher_answer import teacher_answer
from pages.parts.asking import ask_resident
from pages.parts.copy_address import copy_address
from pages.parts.empty_state import empty_state
from pages.parts.forms.entity_search import entity_search
from pages.parts.forms.examples import test_questions
from pages.parts.forms.name_choice import name_choice
from pages.parts.forms.question_form import question_form
from pages.parts.problem import problem
from pages.parts.stage.answered import answered as stage_of
from pages.parts.stage.stage import stage
from pages.parts.state import asked, asked_text, card, names, open_graph, remember
from pages.parts.text import clipped, literal, t

# What the session keeps: the text in the box; what is being asked, as the fields of `AskSettings`;
# which of its readings was chosen; and what was asked before, the latest first, with the answer in
# words.
TYPED = "ask.typed"
NOW = "ask.now"
READING = "ask.reading"
HISTORY = "ask.history"
REMEMBERED = 8
WAYS = ["constrained", "free"]


def ask(question: str, topic: str | None = None, also: Sequence[str] = ()) -> None:
    """Ask as soon as the page is drawn again."""
    st.session_state[TYPED] = question
    st.session_state[NOW] = {"question": question.strip(), "topic": topic, "also": (*also[:3],)}
    st.session_state[READING] = None


def ask_again() -> None:
    """Ask what a copied address asks, once; the address keeps it until something else is asked."""
    wanted = asked_text("ask")
    if NOW not in st.session_state and wanted:
        also = [clipped(one) for one in st.query_params.get_all("also")]
        ask(wanted, asked_text("topic") or None, also)
    elif st.session_state.get(NOW, {}).get("question") != wanted:
        remember(ask=None, topic=None, also=None)


def ask_typed() -> None:
    """Ask what stands in the box."""
    ask(st.session_state[TYPED])


def ask_about(topic: str) -> None:
    """Ask the same question about another entity."""
    ask(st.session_state[NOW]["question"], topic)


def choose_reading(suggestion: Suggestion) -> None:
    """Let the graph answer one of the things that the question may have meant."""
    st.session_state[READING] = suggestion


def ask_random(question_set: str) -> None:
    """Ask a test question, any one; its topics are given where there are several."""
    question = random.choice(test_questions(question_set))
    if len(question.topics) > 1:
        ask(question.text, question.topics[0], question.topics[1:])
    else:
        ask(question.text)


def choose(students: list[str]) -> tuple[str, str]:
    """The student, and how it may speak."""
    left, right = st.columns([2, 3], vertical_alignment="bottom", gap="medium")
    with left:
        student = name_choice("student", students, t("ask.student"), "ask.student", width="stretch")
    with right:
        decoding = st.segmented_control(
            t("ask.decoding"),
            WAYS,
            default=asked("decoding", WAYS) or "constrained",
            required=True,
            format_func=lambda one: t(f"ask.decoding.{one}"),
            help=t("ask.decoding_help"),
            key="ask.decoding",
        )
    remember(decoding=None if decoding == "constrained" else decoding)
    return str(student), str(decoding)


def question_box(student: StudentSummary) -> None:
    """The box, and examples to click."""
    now = st.session_state.get(NOW, {})
    question_form("ask", TYPED, ask_typed)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(t("ask.try"), width="content")
        for name in ("ask.biden_en", "ask.biden_zh"):
            st.button(t(name), key=name, on_click=ask, args=(t(name),))
        if student.questions in names("questions"):
            st.button(
                t("ask.random"),
                icon=":material/casino:",
                on_click=ask_random,
                args=(student.questions,),
            )
        copy_address(
            "ask.address",
            ask=now.get("question"),
            topic=now.get("topic"),
            also=now.get("also"),
        )


def answered(student: StudentSummary, decoding: str) -> None:
    """Put the question to the student, and show what comes."""
    now = st.session_state[NOW]
    settings = AskSettings(student=student.name, decoding=decoding, **now)
    answer = ask_resident(settings)
    if answer is None:
        other_topic(student.graph, opened=True)
        return
    note(settings, answer)
    asked = bool(answer.topics) and not answer.asks_nothing
    if answer.topics:
        first = answer.topics[0].id
        which(answer, ask_about, lambda also: ask(now["question"], first, also))
    chosen = st.session_state.get(READING)
    try:
        graph = open_graph(student.graph)
    except CallerError as error:
        problem(error)
        return
    if chosen:
        reading_view(answer, graph, chosen)
    if not answer.topics:
        nothing_named(answer, graph)
    if asked:
        certainty = student.certainty_heard if answer.heard else student.certainty
        headline(answer, certainty, settings.precision, "answer")
        if decoding == "constrained":
            seal(settings)
    ask_back(answer, choose_reading)
    if asked:
        evidence(answer, lambda: draw(answer, settings, graph))
        teacher_beside(student, answer, settings)
    other_topic(student.graph, opened=not answer.topics)


def draw(answer: Answer, settings: AskSettings, graph: KnowledgeGraph) -> None:
    """The stage of an answer; where it is about one topic, things can be supposed on it."""
    if len(answer.topics) == 1:
        supposing(answer, settings, graph, "ask")
    elif drawn := stage_of(answer, "student"):
        stage(drawn, "ask.stage", in_address=True)


def teacher_beside(student: StudentSummary, answer: Answer, settings: AskSettings) -> None:
    """What the teacher says to the same question, where the reader wants to see it."""
    if student.teacher not in names("teachers"):
        return
    if not st.toggle(t("ask.teacher_too"), help=t("ask.teacher_too_help"), key="ask.teacher"):
        return
    first, *also = [topic.id for topic in answer.topics]
    given = first if also else settings.topic
    trace = ask_resident(
        ExplainSettings(
            teacher=student.teacher, question=settings.question, topic=given, also=tuple(also)
        )
    )
    if trace is None:
        return
    try:
        about = card("teachers", student.teacher)
    except CallerError as error:
        problem(error)
        return
    beside = teacher_answer(trace)
    headline(beside, about.certainty, settings.precision, "teacher_answer")

    def draw_beside() -> None:
        if drawn := stage_of(beside, "teacher"):
            stage(drawn, "ask.teacher.stage")

    evidence(beside, draw_beside)


def other_topic(graph: str, *, opened: bool) -> None:
    """A search for the entity that the question is about."""
    with st.expander(t("ask.choose_topic"), icon=":material/my_location:", expanded=opened):
        st.caption(t("ask.choose_topic_help"))
        try:
            entity_search(open_graph(graph), "ask.topic", ask_about)
        except CallerError as error:
            problem(error)


def note(settings: AskSettings, answer: Answer) -> None:
    """Keep the question for the list below."""
    entry = {
        "question": settings.question,
        "topic": settings.topic,
        "also": settings.also,
        "answer": said(answer),
        "sign": sign(answer),
    }
    others = [old for old in st.session_state.get(HISTORY, []) if old != entry]
    st.session_state[HISTORY] = [entry, *others][:REMEMBERED]


def history() -> None:
    """Questions asked before in this session; a click asks again."""
    now = st.session_state.get(NOW)
    earlier = [
        entry
        for entry in st.session_state.get(HISTORY, [])
        if {field: entry[field] for field in ("question", "topic", "also")} != now
    ]
    if not earlier:
        return
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t('ask.history')}**", width="content")
        if st.button(t("ask.clear"), type="tertiary"):
            st.session_state.pop(HISTORY)
            st.rerun()
    for number, entry in enumerate(earlier):
        words = " → ".join(filter(None, (entry["question"], entry["answer"])))
        st.button(
            literal(words),
            icon=entry["sign"],
            type="tertiary",
            key=f"ask.again.{number}",
            on_click=ask,
            args=(entry["question"], entry["topic"], entry["also"]),
        )


def show(students: list[str]) -> None:
    """The whole page, once there is somebody to ask."""
    student, decoding = choose(students)
    try:
        about = card("students", student)
    except CallerError as error:
        problem(error)
        return
    ask_again()
    question_box(about)
    st.space("small")
    if st.session_state.get(NOW, {}).get("question"):
        answered(about, decoding)
    else:
        st.caption(t("ask.welcome"))
    history()


st.title(t("page.ask"), anchor=False)
st.caption(t("ask.subtitle"))
if there := names("students"):
    show(there)
else:
    empty_state(
        "ask.no_student",
        ("pages/start/tour.py", "common.to_tour"),
        ("pages/distil/distil.py", "ask.to_distil"),
    )
