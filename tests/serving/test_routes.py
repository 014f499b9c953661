"""What a student can do beside chat: ask, explain, verify; and what the server tells of itself."""

import json
import re

import pytest
from stand_ins import results

from core.results.answer import Answer
from core.results.claim import JudgedClaim
from core.results.trace import Trace
from tests.serving.served import STUDENT, WEB, await_


def post(url, route, **asked):
    return WEB.post(url + route, json=asked)


def test_ask_gives_the_record_of_the_answer(url, answerers):
    answer = post(url, "/ask", question="Who is Ann?", topic="ann", precision=0.5)
    assert Answer.from_record(answer.json()) == results.answer("Who is Ann?")
    ((_, settings),) = answerers.asked
    assert (settings.student, settings.topic, settings.precision) == (STUDENT, "ann", 0.5)
    assert post(url, "/ask", question="Who?", student="another").status_code == 400
    assert post(url, "/ask", question="Who?", embedder="a/b").status_code == 400


def test_explain_asks_the_students_teacher(url, answerers):
    answer = post(url, "/explain", question="Who is Ann?")
    assert Trace.from_record(answer.json()) == results.trace("Who is Ann?")
    ((recipe, settings),) = answerers.asked
    assert (recipe, settings.teacher) == ("explain_question", "t")


def verify(url, *path, topic="ann", **more):
    return JudgedClaim.from_record(post(url, "/verify", topic=topic, path=path, **more).json())


def test_a_claim_is_judged_hop_by_hop_on_the_graph(url):
    claim = verify(url, "child", "nationality", answer="norway")
    assert claim.supported and claim.share == 1 and claim.answer_reached == "reached"
    assert [(h.head.id, h.relation.id, h.tail.id, h.verdict) for h in claim.hops] == [
        ("ann", "child", "carl", "in_graph"),
        ("carl", "nationality", "norway", "in_graph"),
    ]
    assert {end.id for end in claim.ends} == {"norway", "peru"} and claim.reached == 2


@pytest.mark.parametrize(
    ("path", "more", "verdicts", "supported", "reached"),
    [
        (("child",), {"answer": "emma"}, ["in_graph"], False, "not_reached"),
        (("child",), {"answer": "Napoleon"}, ["in_graph"], False, "not_in_graph"),
        (("~child",), {}, ["only_inverse"], False, None),
        (("boss", "child"), {}, ["wrong_relation", "dead_end"], False, None),
        (("friend", "child"), {"topic": "emma"}, ["in_graph", "only_inverse"], False, None),
        (("nationality", "child"), {}, ["in_graph", "wrong_relation"], False, None),
        (("child",), {"topic": "Napoleon"}, ["entity_missing"], False, None),
        (("∄friend",), {}, ["verified_absent"], True, None),
        (("∄child",), {}, ["wrong_relation"], False, None),
        (("子女",), {"topic": "鲍勃·伯格"}, ["in_graph"], True, None),
        (("Child",), {"topic": "The Captain", "answer": "Dora Berg-Lund"}, ["in_graph"], True,
         "reached"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_claim_is_its_verdict(url, path, more, verdicts, supported, reached):
    claim = verify(url, *path, **more)
    assert [hop.verdict for hop in claim.hops] == verdicts
    assert (claim.supported, claim.answer_reached) == (supported, reached)


def test_a_claim_is_bounded(url):
    assert post(url, "/verify", topic="ann", path=["child"] * 9).status_code == 400
    assert post(url, "/verify", topic="ann", path=[]).status_code == 400
    assert post(url, "/verify", topic="ann", path=["child"], graph="x").status_code == 400


def test_health_says_whether_questions_can_be_answered(url, answerers):
    assert WEB.get(f"{url}/health").json() == {"status": "ok", "ready": 1}
    answerers.ready = 0
    assert WEB.get(f"{url}/health").status_code == 503


def test_figures_count_requests_and_hold_no_word_of_them(url):
    post(url, "/ask", question="Who is Ann?")
    WEB.get(f"{url}/secret-path")
    await_(lambda: 'path="other"' in WEB.get(f"{url}/metrics").text, "nothing was counted")
    text = WEB.get(f"{url}/metrics").text
    assert re.search(r'^pathdistill_requests_total{path="/ask",status="200"} \d', text, re.M)
    assert re.search(r'^pathdistill_answers_total{decision="answered"} \d', text, re.M)
    assert "pathdistill_waiting 0.0" in text
    assert "Ann" not in text and "secret" not in text


def test_every_route_is_described_for_programs_and_for_people(url):
    described = WEB.get(f"{url}/openapi.json").json()
    assert set(described["paths"]) >= {
        "/v1/chat/completions", "/v1/models", "/ask", "/explain", "/verify", "/health", "/metrics"
    }  # fmt: skip
    page = WEB.get(f"{url}/docs")
    for path in described["paths"]:
        assert path in page.text
    assert "script" not in re.sub(r"descriptions?", "", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert json.dumps(described).count("description") > 30
