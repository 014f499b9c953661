"""A student as a page in a real browser: it computes as torch, and answers as the studio."""

import json
import shutil

import numpy as np
import pytest
import torch

from core.export.offline.page import Background, write_page
from core.export.offline.weights import Quantised
from core.graph.path_tree import TreeShape, grow_tree
from core.pretrained.universal_encoder import TokenVectors
from core.recipes import answer_question, export_student
from core.records import TOPIC_MARK
from core.report import Silent
from core.settings import AskSettings, ExportSettings
from core.student import bilingual
from core.student.bilingual import build_bilingual
from core.student.language_model import Student, open_student
from core.student.prompts import Speller
from core.student.saving import save_model
from core.workspace import Workspace
from tests.e2e.real_app import SWITCHES, chromium

TEXTS = (
    f"Who is {TOPIC_MARK}'s WIFE?",
    f"{TOPIC_MARK}的妻子是谁？",
    "ﬁancé(e) ß Σς — “C++” 100 % naïve <topic> Ёлка हिन्दी 한국 カタカナ 🙂",
    "?!",
)

ASKED = (
    "Who are the children of Ann Berg?",  # two of that name
    "Who is married to Carl Berg?",
    "鲍勃·伯格的子女是谁？",
    "What is the nationality of bobby's children?",
    "Who is married to Fin?",  # as nobody is spelled
    "who is finn's friend?",  # a small word, which need not be a name
    "Where does Zed live?",  # of whom the graph says nothing
    "Emma",
    "Who wrote Hamlet?",
)

IN_PAGE = """({texts, asked}) => ({
  prompts: texts.map((text) => pathdistill.student.prompt(text)),
  logits: texts.map((text) => Array.from(pathdistill.student.begin(text).logits)),
  answers: asked.map((question) => pathdistill.answer(question)),
})"""


WALK = """() => pathdistill.graph.entities.ids.map((_, topic) => {
  const step = (codes, frontiers) => pathdistill.student.leading({codes, frontiers})
    .map(([code, reached]) => [[...codes, code], reached]);
  const first = step([], [[topic]]);
  return [...first, ...first.flatMap(([codes, reached]) => step(codes, [[topic], reached]))];
})"""
"""The paths of two hops from each entity, with what they reach."""


def rounded(model):
    """The same model with its weights as a page has them."""
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.copy_(torch.from_numpy(Quantised.of(weight.numpy()).matrix()))
    return model


@pytest.fixture
def alone(world, tmp_path):
    """A workspace as `world`, whose student is rounded already: a page loses nothing of it."""
    shutil.copytree(world.root, tmp_path / "copied")
    copied = Workspace(tmp_path / "copied")
    student = open_student(copied, "s")
    card = copied.read("students", "s", "card.json")
    with copied.publish("students", "s", replace=True) as folder:
        save_model(folder, rounded(student.model), student.speller.tokenizer)
        (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return copied


@pytest.fixture
def bilingual_student(graph, monkeypatch):
    """One that has learned nothing, of the other tokenizer, which walks relations both ways."""
    monkeypatch.setattr(bilingual, "WIDTH", 32)
    pieces = ("▁wife", "▁who", "▁is", "妻子", "是谁", *"▁abcdefghijklmnopqrstuvwxyz_的")
    vectors = np.random.default_rng(0).normal(size=(len(pieces), 16)).astype(np.float32)
    known = TokenVectors(pieces, tuple(-8.0 - n / 9 for n in range(len(pieces))), vectors)
    torch.manual_seed(0)
    model, tokenizer = build_bilingual(known, TEXTS[:2], graph.relation_ids)
    card = {"teacher": "t", "parameters": 1, "settings": {}}
    shape = TreeShape(2)
    return Student("b", graph, shape, rounded(model.eval()), Speller(tokenizer), card)


@pytest.fixture
def browser_page():
    """A page that nothing reaches from, and what went wrong on it."""
    executable = chromium()
    if executable is None:
        pytest.skip("there is no chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        context = browser.new_context(locale="en-US", offline=True)
        page, wrong = context.new_page(), []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: wrong.append(request.url))
        yield page, wrong
        browser.close()


def opened(page, file, asked=()):
    """What a page computes."""
    page.goto(file.as_uri())
    page.locator("#ask").wait_for()
    return page.evaluate(IN_PAGE, {"texts": TEXTS, "asked": list(asked)})


def same_computation(student, found):
    prompts = [student.speller.prompt(text) for text in TEXTS]
    assert found["prompts"] == prompts
    with torch.no_grad():
        for prompt, logits in zip(prompts, found["logits"], strict=True):
            wanted = student.model(torch.tensor([prompt])).logits[0, -1].numpy()
            assert np.abs(wanted - np.array(logits)).max() < 1e-3


def same_answer(graph, wanted, found):
    ids = [graph.entity_id(entity) for entity in range(graph.entity_count)]
    topics = [found["topic"], *found["topic"]["candidates"]] if found["topic"] else []
    assert [(ids[one["entity"]], one["match"]) for one in topics] == [
        (one.id, one.match) for one in (*wanted.topics, *wanted.candidates)
    ]
    assert found["decision"] == wanted.decision
    assert bool(found.get("asksNothing")) == wanted.asks_nothing
    if not topics or wanted.asks_nothing:
        return
    chances = {ids[one["entity"]]: one["probability"] for one in found["answers"]}
    assert list(chances)[: len(wanted.answers)] == [one.id for one in wanted.answers]
    for one in wanted.answers:
        assert chances[one.id] == pytest.approx(one.probability, abs=2e-3)
    assert found["missing"] == pytest.approx(wanted.missing, abs=2e-3)
    assert found["confidence"] == pytest.approx(wanted.confidence, abs=2e-3)
    for path, other in zip(wanted.paths, found["paths"], strict=False):
        assert tuple(graph.relation_id(code) for code in other["codes"]) == path.relations
        assert other["supported"] == path.supported
        assert [ids[hop["tail"]] for hop in other["hops"]] == [hop.tail.id for hop in path.hops]
    lacking = found["lookedFor"]
    assert (lacking is None) == (wanted.looked_for is None)
    if wanted.looked_for is not None:
        assert (ids[lacking["at"]], lacking["verified"]) == (
            wanted.looked_for.at.id,
            wanted.looked_for.verified,
        )


@pytest.mark.e2e
def test_a_page_computes_as_torch_and_answers_as_the_student_alone(
    alone, bilingual_student, browser_page, tmp_path
):
    page, wrong = browser_page
    settings = ExportSettings(student="s", to=str(tmp_path / "out"), format="html")
    export_student.run(settings, Silent(), alone)
    found = opened(page, tmp_path / "out" / "s.html", ASKED)
    student = open_student(alone, "s")
    same_computation(student, found)
    for question, answer in zip(ASKED, found["answers"], strict=True):
        asking = AskSettings(student="s", question=question, listen=False)
        same_answer(student.graph, answer_question.run(asking, Silent(), alone), answer)

    page.locator("#question").fill(ASKED[1])
    page.locator("form button").click()
    said = page.locator("#answer")
    assert "Gina" in said.inner_text() and said.locator("svg .band").count()
    page.locator("#language").click()
    assert "怎么得到的" in said.inner_text()
    page.evaluate("question => { location.hash = encodeURIComponent(question) }", ASKED[0])
    page.get_by_role("button", name="(ann2)").click()  # which of the two is meant
    chosen = page.get_by_role("button", pressed=True)
    assert "(ann2)" in chosen.inner_text() and page.get_by_role("button", name="(ann)").count()

    file, nothing = tmp_path / "b.html", {"en": [], "zh": []}
    write_page(file, bilingual_student, Background(base="", changes=0, scores=[], examples=nothing))
    found = opened(page, file)
    same_computation(bilingual_student, found)
    for topic, walked in enumerate(page.evaluate(WALK)):
        tree = grow_tree(bilingual_student.graph, topic, bilingual_student.shape)
        wanted = {tree.prefix(node): tree.frontier(node).tolist() for node in range(1, len(tree))}
        assert {tuple(codes): reached for codes, reached in walked} == wanted
    assert [one for one in wrong if not one.startswith(tmp_path.as_uri())] == []
