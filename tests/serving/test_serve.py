"""The command itself: a real server with a real student, from its start to its end."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from openai import OpenAI

from core.command_line.main import main
from core.recipes import answer_question, distill_student, train_teacher
from core.report import Silent
from core.results.answer import Answer
from core.settings import AskSettings
from tests import family_loop
from tests.serving.served import PATIENCE, WEB, await_, written

KEY = "k" * 24
QUESTION = "Who are the children of Bob Berg?"


@pytest.fixture
def small_student(tmp_path):
    """A workspace with a student `s` that has learned next to nothing."""
    made = family_loop.world(tmp_path)
    train_teacher.run(family_loop.teaching(epochs=1), Silent(), made)
    with family_loop.small_students():
        distill_student.run(family_loop.distilling(epochs=1), Silent(), made)
    return made


def start(workspace, *flags):
    """The command, and where it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "serve", "s", "--port", "0", "--json", *flags],
        env={**os.environ, "PATHDISTILL_HOME": str(workspace.root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = ""
    while not told.endswith("}\n"):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        told += line
    return process, json.loads(told)["url"].removesuffix("/v1")


@pytest.mark.slow
def test_a_student_is_served_and_answers_what_it_was_asked_before_its_end(small_student, tmp_path):
    flags = ("--workers", "1", "--key-file", str(written(tmp_path, KEY)))
    process, url = start(small_student, *flags)
    try:
        with OpenAI(base_url=f"{url}/v1", api_key=KEY, timeout=PATIENCE * 6) as client:
            asked = [{"role": "user", "content": QUESTION}]
            made = client.chat.completions.create(model="s", messages=asked)
            said = Answer.from_record(made.pathdistill)
            settings = AskSettings(student="s", question=QUESTION)
            here = answer_question.run(settings, Silent(), small_student)
            assert replace(said, seconds=0) == replace(here, seconds=0)

            late = []
            thread = threading.Thread(
                target=lambda: late.extend(
                    client.chat.completions.create(model="s", messages=asked) for _ in range(1)
                )
            )
            thread.start()
            head = {"authorization": f"Bearer {KEY}"}

            def is_asked():
                figures = WEB.get(f"{url}/metrics", headers=head).text
                return bool(late) or "pathdistill_busy 1.0" in figures

            await_(is_asked, "the second question never came")
            process.send_signal(signal.SIGTERM)
            thread.join(PATIENCE * 3)
        assert process.wait(PATIENCE * 3) == 0
        out, err = process.communicate()
        assert (out, KEY in err, "Traceback" in err) == ("", False, False)
        assert late and late[0].choices
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ((), "Error: There is nothing named 's' among the students"),
        (("--host", "0.0.0.0"), "Error: Whoever reaches '0.0.0.0' could ask: give --key-file"),
        (("--key-file", "/nowhere/keys"), "Error: The keys in /nowhere/keys cannot be read"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(capfd, flags, sentence):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "s", *flags])
    out, err = capfd.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert err.startswith(sentence) and err.count("\n") == 1


def test_a_port_that_is_taken_is_one_sentence():
    from core.errors import SettingsError
    from core.serving.server import listen

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Nothing can listen at 127.0.0.1:{port}"):
            listen("127.0.0.1", port)
    with pytest.raises(SettingsError, match="Nothing can listen at nowhere.invalid"):
        listen("nowhere.invalid", 0)
