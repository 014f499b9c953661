"""Measures on held-out questions, against whole paths enumerated one by one."""

import numpy as np
import pytest
import torch

from core.distill.examples import make_example
from core.distill.held_out import held_out_metrics
from core.distill.soft_targets import trie_targets
from tests.labels_at_random import outcomes, random_label
from tests.tiny_student import log_probability, tiny_student

GOLD = (("born",), ("spouse", "born_in"))


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def said(model, prompt, tokens):
    with torch.no_grad():
        return log_probability(model, prompt, tokens).sum().item()


def test_measures_are_sums_over_enumerated_paths(student):
    model, speller = student
    labels = [random_label(seed, 3, zeros=seed == 1) for seed in range(2)]
    texts = ("Where was X born?", "谁?", "Who?")
    examples = [
        make_example(texts[0], GOLD, trie_targets(labels[0], speller), speller),
        make_example(texts[1], (), trie_targets(labels[1], speller), speller),
        make_example(texts[2], GOLD[:1], None, speller),
    ]
    found = held_out_metrics(model, examples, 0)

    prompts = [speller.prompt(text) for text in texts]
    golds = [
        -np.mean([said(model, prompts[0], speller.spell(path)) for path in GOLD]),
        -said(model, prompts[2], speller.spell(GOLD[0])),
    ]
    assert found["dev_hard"] == pytest.approx(np.mean(golds), rel=1e-6)
    kls, masses = [], []
    for label, prompt in zip(labels, prompts, strict=False):
        whole = [(tokens, p, said(model, prompt, tokens)) for tokens, p in outcomes(label, speller)]
        kls.append(sum(p * (np.log(p) - log) for _, p, log in whole))
        every = [
            speller.spell(label.path(node))[: None if label.expanded[node] else -1]
            for node in range(1, len(label.parents))
        ]
        masses.append(sum(np.exp(said(model, prompt, tokens)) for tokens in every))
    assert found["dev_kl_path"] == pytest.approx(np.mean(kls), rel=1e-6)
    assert found["dev_on_graph"] == pytest.approx(np.mean(masses), rel=1e-6)
    assert 0 < found["dev_on_graph"] < 1


def test_what_no_question_allows_is_left_out(student):
    model, speller = student
    gold = make_example("Who?", GOLD, None, speller)
    soft = make_example("Who?", (), trie_targets(random_label(0), speller), speller)
    assert set(held_out_metrics(model, [gold], 0)) == {"dev_hard"}
    assert set(held_out_metrics(model, [soft], 0)) == {"dev_kl_path", "dev_on_graph"}
    assert held_out_metrics(model, [], 0) == {}


@pytest.mark.parametrize("training", [True, False])
def test_the_student_is_left_as_it_was(student, training):
    model, speller = student
    model.train(training)
    held_out_metrics(model, [make_example("Who?", GOLD, None, speller)], 0)
    assert model.training is training
    model.eval()
