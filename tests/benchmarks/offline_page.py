"""A student's page beside the student alone in the studio: its test questions asked of both.

    PATHDISTILL_HOME=... python -m tests.benchmarks.offline_page demo-student

Counts how often both say the same, and how long the page takes to open and to answer in Chromium.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from core.recipes import answer_question, export_student
from core.report import Silent
from core.settings import AskSettings, ExportSettings
from core.workspace import Workspace
from tests.benchmarks.serving_load import questions
from tests.e2e.real_app import SWITCHES, chromium

ASK = """questions => questions.map((question) => {
  const began = performance.now();
  const {topic, decision, missing, answers, paths} = pathdistill.answer(question);
  const id = (entity) => pathdistill.graph.entities.ids[entity];
  return {
    milliseconds: performance.now() - began,
    topic: topic && id(topic.entity),
    decision,
    missing,
    answers: answers.map(({entity, probability}) => [id(entity), probability]),
    supported: paths.every((path) => path.supported),
  };
})"""


def by_the_page(file, asked):
    """What the page says to each question, and the seconds until it could be asked."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        page = browser.new_context(offline=True).new_page()
        began = time.perf_counter()
        page.goto(file.as_uri())
        page.locator("#ask").wait_for()
        opened = time.perf_counter() - began
        said = page.evaluate(ASK, asked)
        browser.close()
    return said, opened


def differences(wanted, found):
    """How far the probabilities of the answers, and of a no, are apart at most."""
    chances = dict(found["answers"])
    apart = [abs(chances.get(one.id, 0.0) - one.probability) for one in wanted.answers]
    return max([*apart, abs(wanted.missing - found["missing"])])


def first(answers):
    return next(iter(answers), None)


def main(student):
    asked, space = questions(student), Workspace()
    with tempfile.TemporaryDirectory() as place:
        settings = ExportSettings(student=student, format="html", to=f"{place}/out")
        export_student.run(settings, Silent(), space)
        file = Path(place) / "out" / f"{student}.html"
        size = file.stat().st_size
        said, opened = by_the_page(file, asked)
    alone = [
        answer_question.run(AskSettings(student=student, question=q, listen=False), Silent(), space)
        for q in asked
    ]
    pairs = list(zip(alone, said, strict=True))
    same = {
        "topic": sum(first(a.id for a in one.topics) == f["topic"] for one, f in pairs),
        "what is said": sum(one.decision == f["decision"] for one, f in pairs),
        "first answer": sum(
            first(a.id for a in one.answers) == first(id for id, _ in f["answers"])
            for one, f in pairs
        ),
        "paths in the graph": sum(f["supported"] for _, f in pairs),
    }
    print(f"{size / 1e6:.1f} MB, opened in {opened:.2f} s; of {len(asked)} the same:", same)
    print(f"probabilities differ by {max(differences(*pair) for pair in pairs):.3f} at most")
    times = np.array([f["milliseconds"] for f in said])
    middle, slow = np.quantile(times, [0.5, 0.9])
    print(f"first {times[0]:.0f} ms, p50 {middle:.0f} ms, p90 {slow:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1])
