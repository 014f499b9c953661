"""A language model as a teacher, a tiny random one: exact likelihoods, and gains by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.graph.path_tree import TreeShape
from core.pretrained.models.language_models import load_language_model
from core.teacher import language_model_teacher
from core.teacher.language_model_teacher import ASKED, UNASKED, LanguageModelScorer
from tests.plain_llama import save_plain_llama
from tests.question_trees import grown, question

PROMPT = "Question: who?\nWhat to look up:"
CANDIDATES = (" child.", " nationality -> child (backwards).", " s.", " 配偶 -> spouse.", " child")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Model and tokenizer; the weights are far from uniform."""
    folder = tmp_path_factory.mktemp("model")
    save_plain_llama(folder)
    loaded, tokenizer = load_language_model(str(folder), folder)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in loaded.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)
    return loaded.eval(), tokenizer


@pytest.fixture
def scorer(graph, model):
    return LanguageModelScorer(graph, *model, temperature=2.0)


@torch.no_grad()
def said_one_by_one(model, tokens, first):
    """Log-probability of some tokens from place `first` on, each from a forward pass of its own."""
    total = 0.0
    for place in range(first, len(tokens)):
        logits = model(input_ids=torch.tensor([tokens[:place]])).logits[0, -1].double()
        total += float(torch.log_softmax(logits, -1)[tokens[place]])
    return total


def test_likelihoods_are_those_of_saying_every_token(scorer, model):
    loaded, tokenizer = model
    begin = len(tokenizer(PROMPT)["input_ids"])
    found = scorer.log_likelihoods(PROMPT, CANDIDATES)
    for candidate, value in zip(CANDIDATES, found, strict=True):
        tokens = tokenizer(PROMPT + candidate)["input_ids"]
        assert len(tokens) > begin
        assert value == pytest.approx(said_one_by_one(loaded, tokens, begin), abs=1e-4)


def test_batches_and_company_change_nothing(scorer, monkeypatch):
    together = scorer.log_likelihoods(PROMPT, CANDIDATES)
    alone = [scorer.log_likelihoods(PROMPT, [one])[0] for one in CANDIDATES]
    assert alone == pytest.approx(together, abs=1e-4)
    monkeypatch.setattr(language_model_teacher, "TOGETHER", 2)
    assert scorer.log_likelihoods(PROMPT, CANDIDATES) == pytest.approx(together, abs=1e-4)
    assert scorer.log_likelihoods(PROMPT, CANDIDATES[::-1])[::-1] == pytest.approx(
        together, abs=1e-4
    )


def test_a_token_across_the_seam_counts_for_every_candidate(scorer, model):
    """`nationa` + `lity` is one token of the whole: the prompt's own last tokens never occur."""
    loaded, tokenizer = model
    prompt, ends = "the nationa", ("lity", "l child")
    said = tokenizer(prompt)["input_ids"]
    wholes = [tokenizer(prompt + end)["input_ids"] for end in ends]
    shared = [
        next(n for n in range(len(said) + 1) if n == len(said) or said[n] != whole[n])
        for whole in wholes
    ]
    assert min(shared) < len(said)
    wanted = [said_one_by_one(loaded, whole, min(shared)) for whole in wholes]
    assert scorer.log_likelihoods(prompt, ends) == pytest.approx(wanted, abs=1e-4)


def test_a_model_without_a_cache_says_the_same(scorer, model, monkeypatch):
    together = scorer.log_likelihoods(PROMPT, CANDIDATES)
    forward = type(model[0]).forward

    def forgetful(self, *given, past_key_values=None, use_cache=None, **named):
        assert past_key_values is None
        output = forward(self, *given, use_cache=False, **named)
        assert output.past_key_values is None
        return output

    monkeypatch.setattr(type(model[0]), "forward", forgetful)
    assert scorer.log_likelihoods(PROMPT, CANDIDATES) == pytest.approx(together, abs=1e-4)


def test_paths_are_spelled_in_the_words_of_the_questions_language(graph, scorer):
    shape = TreeShape(2)
    (english,) = grown(graph, shape, [question(0, "Who?", "dora", [])])
    codes = (graph.relation("~child"), graph.relation("nationality"))
    assert scorer.spelled(english, english.tree.find(codes)) == " child (backwards) -> nationality."
    asked = replace(question(0, "谁？", "dora", []), language="zh")
    (chinese,) = grown(graph, shape, [asked])
    assert scorer.spelled(chinese, chinese.tree.find(codes)) == " 子女 (backwards) -> 国籍."


def test_the_gain_by_hand_and_the_distribution_of_it(graph, scorer):
    (asked,) = grown(
        graph, TreeShape(1), [question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"])]
    )
    spelled = [scorer.spelled(asked, node) for node in range(1, len(asked.tree))]
    given = ASKED.format(question="who is the spouse of Carl Berg", topic="Carl Berg")
    gain = scorer.log_likelihoods(given, spelled) - scorer.log_likelihoods(
        UNASKED.format(topic="Carl Berg"), spelled
    )
    assert scorer.gains(asked) == pytest.approx([0.0, *gain], abs=1e-5)
    assert gain.std() > 0.1
    (scored,) = scorer.score([asked])
    weights = np.exp(gain / 2.0)
    assert scored.path == pytest.approx([0.0, *(weights / weights.sum())], abs=1e-5)
    assert scored.tree is asked.tree and not scored.attention.any()


def test_another_question_is_another_gain(graph, scorer):
    first, second = grown(
        graph,
        TreeShape(1),
        [question(n, f"Who is the {word} of Carl Berg?", "carl", []) for n, word in
         enumerate(("spouse", "child"))],
    )  # fmt: skip
    one, other = (scored.path for scored in scorer.score([first, second]))
    assert not np.allclose(one, other, atol=1e-3)
