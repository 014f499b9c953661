"""Requests that nobody means well, or that break off: one sentence, and the server goes on."""

import asyncio
import json
import socket

import httpx2
import pytest

from core.errors import FormatError, SettingsError
from core.serving import connection, guard
from core.serving.keys import read_keys
from core.serving.rates import Rates
from core.serving.refusals import Refused
from tests.serving.served import PATIENCE, STUDENT, WEB, await_, port_of, raw, written

CHAT = "/v1/chat/completions"
ASKED = {"model": STUDENT, "messages": [{"role": "user", "content": "Who is Ann?"}]}
JSON = {"content-type": "application/json"}


def post(url, path, content, headers=None):
    sent = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WEB.post(url + path, content=sent, headers={**JSON, **(headers or {})})


def said(answer):
    """The sentence of an error, whose form is OpenAI's."""
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert "Traceback" not in answer.text and "\n" not in error["message"]
    return error["message"]


DEEP = b"[" * 200_000


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"{", 400, "The request is no JSON."),
        (b"", 400, "it: Field required."),
        (b"\xff\xfe{}", 400, "The request is no text: send UTF-8."),
        (b'{"model": "\xe9"}', 400, "The request is no text: send UTF-8."),
        (DEEP, 400, "The request cannot be read."),
        (b"[1]", 400, "it: "),
        (b'{"model": NaN, "messages": 1}', 400, "model: "),
        (b'{"model": ' + b"9" * 5000 + b"}", 400, "The request cannot be read."),
        (b'{"model": "demo-student", "messages": [{"role": "user", "content": "\\ud800"}]}', 400,
         "messages: Input should be a valid string"),
        ({**ASKED, "messages": [{"role": "user", "content": "word " * 10**6}]}, 413,
         "The request is longer than 262,144 bytes: send less."),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_request_is_one_sentence(url, answerers, content, status, sentence):
    answer = post(url, CHAT, content)
    assert (answer.status_code, said(answer)[: len(sentence)]) == (status, sentence)
    assert not answerers.asked
    assert post(url, CHAT, ASKED).status_code == 200


def test_a_body_whose_length_was_not_told_is_cut_off_where_it_is_too_long(url, answerers):
    def pieces():
        for _ in range(100):
            yield b" " * 10_000

    try:
        answer = WEB.post(url + CHAT, content=pieces(), headers=JSON)
        assert answer.status_code == 413
    except httpx2.TransportError:
        pass  # it was closed while we still sent
    assert not answerers.asked


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (CHAT, {"content-type": "text/plain"}, 415),
        (CHAT, {"content-type": "application/x-www-form-urlencoded"}, 415),
        (CHAT, {"host": "evil.example"}, 421),
        ("/nothing", {}, 404),
        ("/v1/models", {}, 405),
    ],
)
def test_what_is_at_the_wrong_place_or_from_elsewhere(url, answerers, path, headers, status):
    answer = post(url, path, ASKED, headers)
    assert answer.status_code == status and said(answer)
    assert not answerers.asked


HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"


def test_half_a_request_is_not_waited_for_for_ever(url, answerers, monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    assert raw(url, HEAD) == b""
    body = b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"model":'
    answer = raw(url, HEAD + body)
    assert answer.startswith(b"HTTP/1.1 408 ") and b"did not come whole" in answer
    assert not answerers.asked


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02", b"GET\r\n\r\n", HEAD + b"A" * 10**5])
def test_what_is_no_http_is_closed(url, sent):
    assert raw(url, sent)[:12] in (b"HTTP/1.1 400", b"")
    assert post(url, CHAT, ASKED).status_code == 200


def test_a_question_is_dropped_when_its_asker_leaves(url, answerers):
    began = []

    async def say(recipe, settings):
        began.append(settings.question)
        await asyncio.sleep(PATIENCE)

    answerers.say = say
    body = json.dumps(ASKED).encode()
    more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port_of(url))) as leaving:
        leaving.sendall(HEAD + more + body)
        await_(lambda: began, "it was never asked")
    await_(lambda: answerers.dropped == ["Who is Ann?"], "it is still worked on")
    assert 'path="/v1/chat/completions",status="0"' in WEB.get(f"{url}/metrics").text


def test_what_is_refused_says_when_to_come_again(url, answerers):
    async def say(recipe, settings):
        raise Refused(503, "3 requests wait already: ask again later.", "overloaded", 7)

    answerers.say = say
    answer = post(url, CHAT, ASKED)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert said(answer) == "3 requests wait already: ask again later."


def test_a_failure_of_ours_shows_nothing_of_itself(url, answerers, capfd):
    async def say(recipe, settings):
        raise ZeroDivisionError("secret")

    answerers.say = say
    answer = post(url, CHAT, ASKED)
    assert answer.status_code == 500
    assert said(answer) == "The server failed; its log says why."


def test_keys_are_one_a_line_of_a_file_that_others_cannot_read(tmp_path):
    good = "g" * 24
    keys = read_keys(written(tmp_path, good, "h" * 24))
    assert [keys.holder(key) for key in (good, "h" * 24, "", good + "\n")] == [0, 1, None, None]
    for wrong in ((), ("short",), ("with a blank in the midst",), ("schlüssel" * 4,), ("x" * 300,)):
        with pytest.raises(FormatError, match="keys"):
            read_keys(written(tmp_path, *wrong))
    with pytest.raises(FormatError, match="cannot be used"):
        read_keys(written(tmp_path, *["k" * 250] * 300))
    with pytest.raises(SettingsError, match="chmod 600"):
        read_keys(written(tmp_path, good, mode=0o644))
    with pytest.raises(FormatError):
        read_keys(tmp_path / "none")


def test_a_bucket_fills_again_and_is_each_clients_own():
    now = [0.0]
    rates = Rates(60, lambda: now[0])
    assert [rates.wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert rates.wait("b") == 0
    now[0] = 2.5
    assert [rates.wait("a") for _ in range(3)] == [0, 0, 1]
    now[0] = 10_000.0
    assert [rates.wait("a") for _ in range(61)] == [0] * 60 + [1]
