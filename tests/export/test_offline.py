"""A student as a page: what goes into it, what is refused, and that foreign text stays text."""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from tokenizers import pre_tokenizers

from core.errors import FormatError
from core.export.offline import data, page
from core.export.offline.page import Background, write_page
from core.export.offline.tokens import tokenizer_data
from core.export.offline.weights import Quantised, language_model
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.student.language_model import Student
from core.student.prompts import Speller
from tests.tiny_student import SpellerOfBefore, tiny_student

HOSTILE = '</script><script>alert(1)</script><!--<img src=x onerror="alert(2)">'


def student_of(graph, speller_of=Speller):
    model, speller = tiny_student(graph.relation_ids)
    card = {"teacher": "t", "parameters": 7, "settings": {"student": "tiny"}}
    return Student("s", graph, TreeShape(2), model, speller_of(speller.tokenizer), card)


def background(**changes):
    return Background(**{"base": "tiny", "changes": 0, "scores": [], "examples": {}, **changes})


@pytest.fixture(scope="module")
def student(graph):
    return student_of(graph)


class Page(HTMLParser):
    """The elements of a page, and what stands in scripts and style."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.inside, self.policy = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        known = dict(attrs)
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"]

    def handle_data(self, data):
        if self.tags and self.tags[-1] in ("script", "style") and data.strip():
            self.inside.append((self.tags[-1], data))


def written(student, folder, **changes):
    write_page(folder / "s.html", student, background(**changes))
    return (folder / "s.html").read_text(encoding="utf-8")


def test_no_weight_is_off_by_more_than_half_a_step():
    matrix = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float32)
    matrix[3], matrix[4, 5] = 0, 50
    made = Quantised.of(matrix)
    assert made.rows.dtype == np.int8 and np.abs(made.rows).max() == 127
    assert (np.abs(made.matrix() - matrix) <= made.scales[:, None] / 2 + 1e-6).all()
    assert (made.matrix()[3] == 0).all()


def test_the_matrices_are_stored_row_by_row(student):
    stored = language_model("s", student.model)["matrices"]["model.layers.1.mlp.down_proj"]
    matrix = student.model.model.layers[1].mlp.down_proj.weight.detach().float().numpy()
    rows = np.frombuffer(b64decode(stored["rows"]), np.int8).reshape(matrix.shape)
    scales = np.frombuffer(b64decode(stored["scales"]), "<f4")
    assert (np.abs(rows * scales[:, None] - matrix) <= scales[:, None] / 2 + 1e-6).all()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"model_type": "qwen2"}, "model_type qwen2"),
        ({"hidden_act": "gelu"}, "hidden_act gelu"),
        ({"attention_bias": True}, "attention_bias True"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "rope_type yarn"),
    ],
)
def test_a_model_that_computes_otherwise_is_refused(graph, changes, what):
    model = student_of(graph).model
    for name, value in changes.items():
        setattr(model.config, name, value)
    with pytest.raises(FormatError, match=rf"'s' is no Llama as .* are \({what}\)"):
        language_model("s", model)


def test_a_tokenizer_of_another_kind_is_refused(graph):
    tokenizer = student_of(graph).speller.tokenizer
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(FormatError, match="tokenizer of the student 's' is not as those of"):
        tokenizer_data("s", tokenizer)


def test_a_student_of_before_is_refused(graph, tmp_path):
    with pytest.raises(FormatError, match="knew no <missing>: distil it again"):
        written(student_of(graph, SpellerOfBefore), tmp_path)


def test_what_is_too_large_is_refused_and_nothing_is_written(student, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(data, "MOST_FACTS", 18)
        with pytest.raises(FormatError, match="'family' has 19 facts, and an HTML file holds 18"):
            written(student, tmp_path)
    monkeypatch.setattr(page, "MOST_BYTES", 50_000)
    with pytest.raises(FormatError, match="would be an HTML file of 0.1 MB, and 0 MB fit"):
        written(student, tmp_path)
    assert not list(tmp_path.iterdir())


def test_foreign_text_stands_in_a_block_of_data_and_nowhere_else(tmp_path):
    facts = [("a", HOSTILE, "b"), (HOSTILE, "r", "a")]
    found = Page(written(student_of(KnowledgeGraph.build(HOSTILE, facts)), tmp_path,
                         base=HOSTILE, examples={"en": [HOSTILE], "zh": []}))  # fmt: skip
    assert found.tags.count("script") == 2 and not {"img", "iframe", "link"} & {*found.tags}
    (_, _), (_, stored), (_, script) = found.inside
    assert "<" not in stored and HOSTILE in json.loads(stored)["graph"]["entities"]["ids"]
    assert "alert" not in script and "innerHTML" not in script


def test_its_policy_allows_its_own_scripts_and_no_connection(student, tmp_path):
    text = written(student, tmp_path)
    found = Page(text)
    (_, style), _, (_, script) = found.inside
    named = [b64encode(sha256(one.encode()).digest()).decode() for one in (script, style)]
    assert found.policy == (
        f"default-src 'none'; script-src 'sha256-{named[0]}'; style-src 'sha256-{named[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert "</script" not in script and "<!--" not in script
    assert {*re.findall(r"https?://[^\"' ]+", text)} == {"http://www.w3.org/2000/svg"}
