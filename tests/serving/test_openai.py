"""The student asked by OpenAI's own client, as its documentation says."""

import json

import pytest
from openai import AuthenticationError, BadRequestError, NotFoundError, OpenAI, RateLimitError
from stand_ins import results

from core.results.answer import Answer
from core.results.answer_lines import answer_text
from core.serving.keys import read_keys
from tests.serving.served import STUDENT, WEB, student_served, written

QUESTION = "What is Joe Biden's nationality?"
KEY = "k" * 24


@pytest.fixture
def client(url):
    return openai(url, "none")


def openai(url, key):
    return OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=WEB)


def complete(client, question=QUESTION, **more):
    messages = more.pop("messages", [{"role": "user", "content": question}])
    return client.chat.completions.create(**{"model": STUDENT, "messages": messages, **more})


def test_an_answer_is_a_text_with_its_path_and_a_record_beside_it(client, answerers):
    made = complete(client)
    (choice,) = made.choices
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    said = results.answer(QUESTION)
    assert choice.message.content == answer_text(said)
    assert " -city_of-> " in choice.message.content
    assert Answer.from_record(made.pathdistill) == said
    assert (made.model, made.object) == (STUDENT, "chat.completion")
    ((recipe, settings),) = answerers.asked
    assert (recipe, settings.student, settings.question) == ("answer_question", STUDENT, QUESTION)


def test_streamed_it_is_the_same_line_by_line_with_the_record_at_the_end(client):
    pieces = list(complete(client, stream=True))
    text = "".join(p.choices[0].delta.content or "" for p in pieces)
    assert text == answer_text(results.answer(QUESTION))
    assert len(pieces) > 3 and len({p.id for p in pieces}) == 1
    assert [p.choices[0].finish_reason for p in pieces][-1] == "stop"
    assert Answer.from_record(pieces[-1].pathdistill).question == QUESTION
    assert not any(hasattr(p, "pathdistill") for p in pieces[:-1])


def test_the_record_can_be_the_content(client):
    made = complete(client, response_format={"type": "json_object"})
    assert json.loads(made.choices[0].message.content) == made.pathdistill


def taking(*names, required=()):
    """A tool that takes some fields of an answer."""
    schema = {"type": "object", "properties": dict.fromkeys(names, {}), "required": [*required]}
    return {"type": "function", "function": {"name": "take", "parameters": schema}}


TAKE = {"type": "function", "function": {"name": "take"}}


@pytest.mark.parametrize("choice", [TAKE, "required"])
def test_a_function_of_the_client_takes_what_it_names_of_the_answer(client, choice):
    tool = taking("decision", "answers", "text", "mood", required=["decision"])
    made = complete(client, tools=[tool], tool_choice=choice)
    (one,) = made.choices
    assert (one.finish_reason, one.message.content) == ("tool_calls", None)
    (call,) = one.message.tool_calls
    assert (call.type, call.function.name) == ("function", "take") and call.id
    record = made.pathdistill
    assert json.loads(call.function.arguments) == {
        "text": answer_text(results.answer(QUESTION)),
        "decision": record["decision"],
        "answers": record["answers"],
    }


def test_a_function_that_names_nothing_takes_the_whole_record(client):
    made = complete(client, tools=[taking()], tool_choice=TAKE)
    taken = json.loads(made.choices[0].message.tool_calls[0].function.arguments)
    assert {**made.pathdistill, "text": answer_text(results.answer(QUESTION))} == taken


def test_streamed_a_call_comes_whole_and_the_record_behind_it(client):
    pieces = list(complete(client, tools=[taking("decision")], tool_choice=TAKE, stream=True))
    (call,) = pieces[0].choices[0].delta.tool_calls
    assert (call.index, call.function.name) == (0, "take")
    assert json.loads(call.function.arguments) == {"decision": pieces[-1].pathdistill["decision"]}
    assert pieces[-1].choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("more", [{}, {"tool_choice": "auto"}, {"tool_choice": "none"}])
def test_offered_and_not_asked_for_no_function_is_called(client, more):
    message = complete(client, tools=[taking()], **more).choices[0].message
    assert message.tool_calls is None and message.content == answer_text(results.answer(QUESTION))


def test_what_a_function_must_be_given_and_no_answer_has_is_refused(client, answerers):
    with pytest.raises(BadRequestError) as error:
        complete(client, tools=[taking("mood", required=["mood"])], tool_choice=TAKE)
    assert "An answer has no 'mood': it has text, question, " in error.value.body["message"]
    with pytest.raises(BadRequestError):
        complete(client, tools=[{"type": "function", "function": {"name": "a b"}}])
    assert not answerers.asked


def test_the_last_message_of_the_user_is_the_question_whole_or_in_parts(client, answerers):
    parts = [{"type": "text", "text": "Who is"}, {"type": "text", "text": "Ann?"}]
    complete(
        client,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Who is Bob?"},
            {"role": "assistant", "content": "Bob."},
            {"role": "user", "content": parts},
        ],
        temperature=0.2,
        max_tokens=5,
    )
    assert answerers.asked[0][1].question == "Who is\nAnn?"


def test_how_to_answer_is_said_beside_the_question(client, answerers):
    how = {"topic": "ann", "also": ["bob"], "precision": 0.5, "decoding": "free"}
    complete(client, extra_body={"pathdistill": how})
    settings = answerers.asked[0][1]
    assert (settings.topic, settings.also) == ("ann", ("bob",))
    assert (settings.precision, settings.decoding) == (0.5, "free")


def test_there_is_one_model(client):
    (model,) = client.models.list().data
    assert (model.id, model.owned_by) == (STUDENT, "pathdistill")
    assert client.models.retrieve(STUDENT) == model
    with pytest.raises(NotFoundError):
        client.models.retrieve("gpt-4")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"n": 2}, "There is one answer to a question: leave `n` at 1."),
        ({"tool_choice": "required"}, "Name the function that takes the answer"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "offers no function"),
        ({"logprobs": True}, "There are no log-probabilities of tokens"),
        ({"response_format": {"type": "json_schema"}}, "Answers are `text` or `json_object`"),
        ({"messages": [{"role": "system", "content": "Hm."}]}, "Nothing is asked"),
        ({"messages": [{"role": "user", "content": "  "}]}, "Nothing is asked"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "no other parts"),
        ({"messages": []}, "messages: "),
        ({"question": "?" * 2001}, "messages: String should have at most 2000 characters."),
        ({"question": "a\0b"}, "messages: A text cannot hold NUL"),
        ({"extra_body": {"pathdistill": {"student": "x"}}}, "pathdistill.student: "),
        ({"extra_body": {"pathdistill": {"precision": 2}}}, "pathdistill.precision: "),
    ],
)
def test_what_cannot_be_answered_as_asked_is_one_sentence(client, answerers, wrong, sentence):
    with pytest.raises(BadRequestError) as error:
        complete(client, **wrong)
    assert sentence in error.value.body["message"]
    assert error.value.body["type"] == "invalid_request_error"
    assert not answerers.asked


def test_the_name_of_another_model_is_no_model_here(client):
    with pytest.raises(NotFoundError) as error:
        complete(client, model="gpt-4")
    assert error.value.code == "model_not_found"
    assert error.value.body["message"] == (
        "There is no model 'gpt-4' here: ask for 'demo-student'."
    )


def test_what_the_recipe_refuses_is_told(client):
    with pytest.raises(BadRequestError):
        complete(client, extra_body={"pathdistill": {"also": ["a", "b", "c", "d"]}})


def test_only_a_key_of_the_file_lets_in(monkeypatch, student, answerers, tmp_path, capfd):
    keys = read_keys(written(tmp_path, "o" * 30, KEY))
    with student_served(monkeypatch, student, answerers, keys=keys) as url:
        assert complete(openai(url, KEY)).choices
        for wrong in (KEY + "k", KEY[:-1], "none"):
            with pytest.raises(AuthenticationError) as error:
                complete(openai(url, wrong))
            assert error.value.code == "invalid_api_key"
        for sent in ({}, {"authorization": b"Bearer \xff\xfe"}, {"authorization": KEY}):
            assert WEB.get(f"{url}/v1/models", headers=sent).status_code == 401
        assert WEB.get(f"{url}/health").status_code == 200
    assert len(answerers.asked) == 1
    out, err = capfd.readouterr()
    assert KEY not in out + err


def test_who_asks_too_often_is_told_when_to_come_again(monkeypatch, student, answerers):
    with student_served(monkeypatch, student, answerers, per_minute=2) as url:
        complete(openai(url, "none"))
        complete(openai(url, "none"))
        with pytest.raises(RateLimitError) as error:
            complete(openai(url, "none"))
    assert 25 <= int(error.value.response.headers["retry-after"]) <= 30
    assert len(answerers.asked) == 2
