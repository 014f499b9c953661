"""The walk-through of a finished tour: seven steps, each with a picture and a way on.

Works on the result of the recipe `run_demo`; what a step shows is read, or
asked for, when the step is opened.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.errors import CoreError
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.question_sets import load_questions
from core.results.answer import Answer
from core.results.demo import DemoReport
from core.results.evaluation import SHOWN
from core.settings import AskSettings, CompareSettings, ExplainSettings
from pages.parts.answers.answer_view import said, statements
from pages.parts.answers.trace_view import probability_column, trace_view
from pages.parts.asking import ask_resident
from pages.parts.empty_state import link
from pages.parts.forms.examples import telling, test_questions
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.path_strip import path_labels, path_strip, path_words
from pages.parts.problem import problem
from pages.parts.stage.stage import stage
from pages.parts.stage.two_minds import two_minds
from pages.parts.state import card, open_graph, remember, workspace
from pages.parts.table import table
from pages.parts.text import language, literal, score_name, t
from pages.start.question_box import question_box, whom

TOPIC = "joe_biden"
QUESTIONS = {"en": "What is Joe Biden's nationality?", "zh": "乔·拜登的国籍是什么？"}
ROLES = {TOPIC: "topic", "scranton": "path", "university_of_delaware": "path", "usa": "answer"}
NEAR, FAR = 30, 30
"""At most so many facts of the topic, and of what it is linked to, in the first picture."""


def walk_through(result: DemoReport) -> None:
    """Seven steps, one at a time; the step stands in the address."""
    numbers = list(range(1, len(STEPS) + 1))
    asked = st.query_params.get("step", "1")
    if st.session_state.get("tour.step") not in numbers:
        st.session_state["tour.step"] = int(asked) if asked in map(str, numbers) else 1

    def move(by: int) -> None:
        st.session_state["tour.step"] += by

    st.segmented_control(
        t("tour.step"),
        numbers,
        format_func=lambda number: t(f"tour.step.{number}"),
        key="tour.step",
        required=True,
        label_visibility="collapsed",
    )
    step = int(st.session_state["tour.step"])
    remember(step=str(step))
    name = list(STEPS)[step - 1]
    with st.container(key=f"tour.step.{name}", gap="medium"):
        st.subheader(t(f"tour.{name}.heading"), anchor=False)
        try:
            STEPS[name](result)
        except CoreError as error:
            problem(error)
    with st.container(horizontal=True):
        if step > 1:
            st.button(t("tour.back"), on_click=move, args=(-1,), icon=":material/arrow_back:")
        if step < len(STEPS):
            st.button(
                t("tour.next"),
                on_click=move,
                args=(1,),
                type="primary",
                icon=":material/arrow_forward:",
                icon_position="right",
            )


def _graph(result: DemoReport) -> None:
    name = result.names.graph
    graph = open_graph(name)
    st.markdown(
        t(
            "tour.graph.words",
            facts=t("count.facts", n=graph.triple_count),
            entities=t("count.entities", n=graph.entity_count),
        )
    )
    graph_view(*_around(graph, graph.entity(TOPIC)), key="tour.graph", height=560)
    link("pages/graph/graph.py", "tour.graph.link", {"graph": name})


def _around(graph: KnowledgeGraph, topic: int) -> tuple[list[Any], list[Any]]:
    """A topic, what it is linked to, and where that leads: nodes and edges to draw."""
    near = _forward_edges(graph, [topic])[:NEAR]
    middle = sorted({end for head, _, tail in near for end in (head, tail)} - {topic})
    far = [edge for edge in _forward_edges(graph, middle) if edge[0] in middle][:FAR]
    triples = list(dict.fromkeys(near + far))
    shown = dict.fromkeys([topic, *(end for head, _, tail in triples for end in (head, tail))])
    nodes = [
        {
            "id": str(entity),
            "label": graph.label(entity, language()),
            "role": ROLES.get(graph.entity_id(entity), "other"),
        }
        for entity in shown
    ]
    edges = [
        {
            "source": str(head),
            "target": str(tail),
            "label": graph.relation_label(relation, language()),
        }
        for head, relation, tail in triples
    ]
    return nodes, edges


def _forward_edges(graph: KnowledgeGraph, entities: list[int]) -> list[tuple[int, int, int]]:
    """Triples that touch the entities: `(head, relation, tail)`, none of them inverted."""
    places, codes, others = graph.edges(np.array(entities))
    owners = np.array(entities)[places]
    ends = zip(owners.tolist(), codes.tolist(), others.tolist(), strict=True)
    count = graph.relation_count
    return [(a, code, b) if code < count else (b, code - count, a) for a, code, b in ends]


def _questions(result: DemoReport) -> None:
    name, graph = result.names.questions, open_graph(result.names.graph)
    counts = card("questions", name).counts
    st.markdown(
        t("tour.questions.words", **{k: f"{counts[k]:,}" for k in ("train", "dev", "test")})
    )
    rows = [
        {
            "text": question.text,
            "path": " | ".join(path_words(path_labels(graph, path)) for path in question.paths)
            or t("tour.questions.withheld"),
            "answers": ", ".join(
                graph.label(graph.entity(answer), question.language)
                for answer in question.answers[:3]
            ),
        }
        for question in sorted(test_questions(name), key=lambda q: q.language != language())
    ]
    columns = {
        "text": st.column_config.TextColumn(t("tour.questions.text"), width="large"),
        "path": t("tour.questions.path"),
        "answers": t("tour.questions.answers"),
    }
    table(rows, column_config=columns, height=360)
    link("pages/questions/questions.py", "tour.questions.link", {"questions": name})


def _teacher(result: DemoReport) -> None:
    name, question = result.names.teacher, QUESTIONS[language()]
    st.markdown(t("tour.teacher.words", question=question))
    trace = ask_resident(ExplainSettings(teacher=name, question=question))
    if trace is not None:
        trace_view(trace, "tour.trace")
    link("pages/teach/teacher.py", "tour.teacher.link", {"teacher": name})


def _soft(result: DemoReport) -> None:
    name, question = result.names.student, QUESTIONS[language()]
    st.markdown(t("tour.soft.words"))
    comparison = ask_resident(CompareSettings(student=name, question=question))
    if comparison is not None:
        stage(two_minds(comparison), "tour.soft")
    link("pages/distil/soft_labels.py", "tour.soft.link", {"student": name})


def _answer(result: DemoReport) -> None:
    name = result.names.student
    known = load_questions(workspace(), result.names.questions)
    practised = {one.text for one in known.part("train")}
    learned_from = practised.issuperset(QUESTIONS.values())
    st.markdown(t("tour.answer.practised" if learned_from else "tour.answer.words"))
    for code in sorted(QUESTIONS, key=lambda code: code != language()):
        with st.container(border=True, key=f"tour.answer.{code}"):
            st.markdown(f"*{literal(QUESTIONS[code])}*")
            answer = ask_resident(AskSettings(student=name, question=QUESTIONS[code]))
            if answer is not None:
                _show_answer(answer)
    _prove(result)
    link("pages/ask/ask.py", "tour.answer.link", {"student": name})


def _prove(result: DemoReport) -> None:
    """A question of the test part, what it is answered, and what the set says."""
    asked = next(iter(telling(result.names.questions, language())), None)
    if asked is None:
        return
    st.markdown(t("tour.answer.proof"))
    with st.container(border=True, key="tour.answer.proof"):
        st.markdown(f"*{literal(asked.text)}*")
        answer = ask_resident(AskSettings(student=result.names.student, question=asked.text))
        if answer is None:
            return
        _show_answer(answer)
        graph = open_graph(result.names.graph)
        right = ", ".join(graph.label(graph.entity(one), language()) for one in asked.answers)
        first = answer.answers[0].id if answer.answers else None
        st.markdown(t("tour.answer.right" if first in asked.answers else "tour.answer.wrong",
                      answers=right))  # fmt: skip


def _show_answer(answer: Answer) -> None:
    """The answer, what is known of it, and its best path."""
    st.markdown(f"### {literal(said(answer))}")
    statements(answer)
    if answer.answers and answer.paths:
        path_strip(answer.paths[0].hops)


def _scores(result: DemoReport) -> None:
    models = {
        "teacher": result.teacher,
        "student": result.student,
        "student_free": result.student_free,
    }
    st.markdown(t("tour.scores.words", n=result.student.questions))
    rows = [
        {"model": t(f"tour.scores.{model}"), **{score: getattr(scores, score) for score in SHOWN}}
        for model, scores in models.items()
    ]
    columns = {score: probability_column(score_name(score), width=135) for score in SHOWN}
    table(rows, column_config={"model": t("tour.scores.model"), **columns})
    link("pages/runs/runs.py", "tour.scores.link", {"run": st.query_params["run"]})


def _ask(result: DemoReport) -> None:
    st.markdown(t("tour.ask.words"))
    question_box(whom(result.names.student, result.names.graph))


STEPS = {
    "graph": _graph,
    "questions": _questions,
    "teacher": _teacher,
    "soft": _soft,
    "answer": _answer,
    "scores": _scores,
    "ask": _ask,
}
