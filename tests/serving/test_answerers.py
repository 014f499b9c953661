"""The queue before the processes that answer: bounded, in time, and each answer to its asker."""

import asyncio
import sys
import textwrap

import pytest

from core.serving import answerers
from core.serving.answerers import Answerers
from core.serving.refusals import Refused

PROCESS = textwrap.dedent(
    """
    import json, os, sys, time
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        word = asked["settings"]["question"]
        if word == "die":
            os._exit(1)
        if word == "hang":
            time.sleep(600)
        if word == "babble":
            print("no JSON", flush=True)
            continue
        if word == "refuse":
            print(json.dumps({"error": "No such thing.", "kind": "NotFound"}), flush=True)
            continue
        time.sleep(0.002)
        said = {"said": word, "by": os.getpid(), "recipe": asked["recipe"]}
        print(json.dumps({"result": said}), flush=True)
    """
)


@pytest.fixture
def process(tmp_path, monkeypatch):
    script = tmp_path / "process.py"
    script.write_text(PROCESS, encoding="utf-8")
    monkeypatch.setattr(answerers, "COMMAND", (sys.executable, str(script)))


def living(test, count=1, waiting=10, seconds=10.0):
    """Run a test with some processes; how often one was started is its second argument."""

    async def run():
        started = []
        made = Answerers(None, ".", count, waiting, seconds, lambda: started.append(1))
        made.start()
        try:
            while made.ready < count:
                await asyncio.sleep(0.01)
            return await asyncio.wait_for(test(made, started), 60)
        finally:
            await made.end()
            assert made.ready == 0 and made.busy == 0

    return asyncio.run(run())


def asked(made, question):
    return made.ask("answer_question", {"question": question})


def test_200_at_once_are_all_answered_and_none_gets_the_answer_of_another(process):
    async def test(made, started):
        said = await asyncio.gather(*(asked(made, f"q{n}") for n in range(200)))
        assert [one["said"] for one in said] == [f"q{n}" for n in range(200)]
        assert len({one["by"] for one in said}) == 2 == len(started)
        assert said[0]["recipe"] == "answer_question"

    living(test, count=2, waiting=200)


def test_what_does_not_fit_into_the_queue_is_refused_at_once(process):
    async def test(made, started):
        some = [asyncio.create_task(asked(made, f"q{n}")) for n in range(20)]
        done = await asyncio.gather(*some, return_exceptions=True)
        refused = [one for one in done if isinstance(one, Refused)]
        assert len(refused) in (16, 17)  # three wait, and one may be worked on
        assert {one.status for one in refused} == {503}
        assert all(one.retry_after >= 1 for one in refused)

    living(test, waiting=3)


def test_a_request_over_its_time_is_refused_and_holds_up_no_other(process):
    async def test(made, started):
        with pytest.raises(Refused, match=r"within 0\.5 seconds") as refused:
            await asked(made, "hang")
        assert (refused.value.status, refused.value.code) == (503, "timeout")
        for _ in range(100):  # the fresh process needs its time
            try:
                return await asked(made, "after"), started
            except Refused:
                continue

    said, started = living(test, seconds=0.5)
    assert said["said"] == "after" and len(started) == 2


@pytest.mark.parametrize("word", ["die", "babble"])
def test_a_process_that_fails_is_replaced_and_its_request_tried_once_more(process, word):
    async def test(made, started):
        with pytest.raises(Refused, match="died") as refused:
            await asked(made, word)
        assert refused.value.status == 500
        assert (await asked(made, "after"))["said"] == "after"
        assert len(started) == 3

    living(test)


def test_what_a_recipe_refuses_is_told_by_its_kind(process):
    async def test(made, started):
        with pytest.raises(Refused, match="No such thing") as refused:
            await asked(made, "refuse")
        assert (refused.value.status, refused.value.code) == (404, "not_found")

    living(test)


def test_nobody_works_for_one_who_has_gone(process):
    async def test(made, started):
        hanging = asyncio.create_task(asked(made, "hang"))
        gone = asyncio.create_task(asked(made, "die"))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(Refused):
            await hanging
        for _ in range(100):
            try:
                await asked(made, "after")
                break
            except Refused:
                continue
        assert len(started) == 2  # one more for the one that hung, none for the one that would die

    living(test, seconds=0.5)
