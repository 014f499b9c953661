"""Masses on the token trie, and the exactness of the trie's KL for whole paths."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.distill import losses
from core.distill.examples import Collator, Row, make_example
from core.distill.soft_targets import node_targets, trie_targets
from core.records import looked_for
from tests.labels_at_random import outcomes, random_label, rows_at_random
from tests.objectives import OBJECTIVES
from tests.terms import batch_terms
from tests.tiny_student import log_probability, tiny_student

CASES = [(seed, keep, zeros) for seed in range(3) for keep in (2, 99) for zeros in (False, True)]


@pytest.fixture(scope="module")
def student():
    return tiny_student()


def node_prefixes(targets):
    """Tokens from the root to each trie node."""
    prefixes = [[] for _ in targets.masses]
    for node in range(1, len(prefixes)):
        prefixes[node] = [*prefixes[targets.parents[node]], int(targets.tokens[node])]
    return prefixes


def inner_nodes(targets):
    """Trie nodes that the teacher may reach and go on from."""
    return [n for n, below in enumerate(children(targets)) if below and targets.masses[n] > 0]


def children(targets):
    """Children of each node by their token, found through the parents alone."""
    below = [{} for _ in targets.masses]
    for node in range(1, len(below)):
        below[targets.parents[node]][int(targets.tokens[node])] = node
    return below


@pytest.mark.parametrize("case", CASES)
def test_masses_are_sums_over_the_paths_through_a_node(student, case):
    label = random_label(*case)
    targets, wanted = trie_targets(label, student[1]), outcomes(label, student[1])
    for prefix, mass in zip(node_prefixes(targets), targets.masses, strict=True):
        through = sum(p for tokens, p in wanted if tokens[: len(prefix)] == prefix)
        assert mass == pytest.approx(through, rel=1e-12, abs=1e-15)
    assert targets.masses[0] == pytest.approx(1.0, rel=1e-12)
    ends = {tuple(targets.row(end)[0]): targets.masses[end] for end in targets.ends}
    assert ends == pytest.approx({tuple(tokens): p for tokens, p in wanted}, rel=1e-12)
    inner = inner_nodes(targets)
    for node, (tokens, log) in zip(inner, targets.choices(inner), strict=True):
        below = children(targets)[node]
        assert tokens.tolist() == list(below)
        wanted = targets.masses[list(below.values())] / targets.masses[node]
        assert np.exp(log) == pytest.approx(wanted, rel=1e-12)


def test_the_cases_hold_what_makes_tries_hard(student):
    labels = [random_label(*case) for case in CASES]
    tries = [trie_targets(label, student[1]) for label in labels]
    assert any(label.rest > 0 for label in labels)
    assert any(label.expanded.all() for label in labels)
    assert any((targets.masses == 0).any() for targets in tries)
    # What is looked for and not there, at the topic and behind a hop, and none of the relations.
    lacking = {(label.path(n)[:-1] != (), looked_for(label.path(n)) == "")
               for label in labels for n in np.flatnonzero(label.stops)
               if looked_for(label.path(n)) is not None}  # fmt: skip
    assert lacking == {(False, False), (False, True), (True, False), (True, True)}
    # A path that is the beginning of another, and relations that share a token and part later.
    assert any(
        label.stops[parent] > 0 for label in labels for parent in label.parents[1:] if parent > 0
    )
    hop = student[1].hop
    assert any(
        len(below) > 1 and targets.tokens[node] != hop and node
        for targets in tries
        for node, below in enumerate(children(targets))
    )


@pytest.mark.parametrize("case", CASES)
def test_every_path_of_a_label_is_read_back_as_it_is_trained_on(student, case):
    """What the graph lacks no less than what is there: by row, and by gold path."""
    label, speller = random_label(*case), student[1]
    targets = trie_targets(label, speller)
    read = {}
    for end in targets.ends:
        tokens, _ = targets.row(int(end))
        read[speller.read(tokens)] = targets.masses[end]
    stopped = {label.path(n): label.stops[n] for n in np.flatnonzero(label.stops)}
    assert {path: read.get(path) for path in stopped} == pytest.approx(stopped)
    gold = make_example("Who?", tuple(stopped), None, speller).gold
    assert [speller.read(tokens) for tokens in gold] == [*stopped]
    missing, none = speller.absent
    for path, tokens in zip(stopped, gold, strict=True):
        said = [token for token in tokens if token in (missing, none)]
        wanted = {None: [], "": [none]}.get(looked_for(path), [missing])
        assert said == wanted


def gradients(value, model):
    return torch.cat([g.flatten() for g in torch.autograd.grad(value, list(model.parameters()))])


def soft_loss(logits, *more):
    """The loss where each node has a row of logits of its own."""
    return losses.soft_loss(losses.student_log_probs(logits), torch.arange(len(logits)), *more)


def row_by_row(model, prompt, targets, temperature=1.0, objective=None):
    """All rows, each weighted by its probability: what a sampled row is in expectation."""
    total = 0.0
    for end in targets.ends:
        tokens, nodes = targets.row(int(end))
        batch = Collator(0)([[Row(prompt, tokens, False, targets.choices(nodes))]])
        output = model(batch["input_ids"], attention_mask=batch["attention_mask"])
        parts = batch_terms(output.logits, batch, temperature, objective)
        total = total + targets.masses[end] * (parts.choice + parts.validity)
    return total


def node_by_node(model, prompt, targets, temperature=1.0, objective=None):
    """Each node once, weighted by its mass."""
    inner = inner_nodes(targets)
    prefixes = node_prefixes(targets)
    logits = torch.stack([model(torch.tensor([prompt + prefixes[n]])).logits[0, -1] for n in inner])
    wanted = node_targets(targets.choices(inner), targets.masses[inner])
    loss = soft_loss(logits, wanted, temperature, objective)
    return loss.choice + loss.validity


@pytest.mark.parametrize("case", CASES)
def test_three_ways_to_the_kl_between_whole_path_distributions(student, case):
    model, speller = student
    label = random_label(*case)
    targets, prompt = trie_targets(label, speller), speller.prompt("Where was X born?")
    enumerated = sum(
        p * (np.log(p) - log_probability(model, prompt, tokens).sum())
        for tokens, p in outcomes(label, speller)
    )
    assert enumerated.item() > 0.1
    gradient = gradients(enumerated, model)
    assert gradient.abs().max() > 1e-2
    for way in (row_by_row, node_by_node):
        other = way(model, prompt, targets)
        assert other.item() == pytest.approx(enumerated.item(), rel=1e-9)
        torch.testing.assert_close(gradients(other, model), gradient, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_rows_weigh_nodes_as_the_teacher_does_under_every_objective(student, name):
    model, speller = student
    targets, prompt = trie_targets(random_label(1, 3, True), speller), speller.prompt("谁?")
    rows, nodes = (
        way(model, prompt, targets, 2.0, OBJECTIVES[name]) for way in (row_by_row, node_by_node)
    )
    assert rows.item() == pytest.approx(nodes.item(), rel=1e-9) and rows.item() > 0.1
    mine, theirs = gradients(rows, model), gradients(nodes, model)
    torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-9)


def test_masked_decoding_loses_exactly_the_choice(student):
    """KL(teacher || student confined to the trie) = sum over nodes of M(u) * choice(u)."""
    model, speller = student
    label = random_label(1, 3)
    targets, prompt = trie_targets(label, speller), speller.prompt("谁?")
    kl = 0.0
    for tokens, p in outcomes(label, speller):
        with torch.no_grad():
            logits = model(torch.tensor([prompt + tokens])).logits[0, len(prompt) - 1 : -1]
        for place, (token, row) in enumerate(zip(tokens, logits, strict=True)):
            kl -= (
                p
                * (
                    row[token] - row[targets.path_trie().allowed(tokens[:place])].logsumexp(0)
                ).item()
            )
        kl += p * np.log(p)
    inner = inner_nodes(targets)
    prefixes = node_prefixes(targets)
    with torch.no_grad():
        logits = torch.stack(
            [model(torch.tensor([prompt + prefixes[n]])).logits[0, -1] for n in inner]
        )
    loss = soft_loss(logits, node_targets(targets.choices(inner), targets.masses[inner]), 1.0)
    assert loss.choice.item() == pytest.approx(kl, rel=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_alpha_mixes_gold_into_the_teacher(student, alpha):
    """alpha CE_gold + (1 - alpha) KL = CE against the mixture, but for the teacher's entropy."""
    model, speller = student
    label = random_label(2, 99)
    targets, prompt = trie_targets(label, speller), speller.prompt("谁?")
    wanted = {tuple(tokens): p for tokens, p in outcomes(label, speller)}
    gold = label.best(2)[1][0]

    loss = 0.0
    for end in targets.ends:
        tokens, nodes = targets.row(int(end))
        questions = [
            [
                Row(prompt, speller.spell(gold), True, []),
                Row(prompt, tokens, False, targets.choices(nodes)),
            ]
        ]
        batch = Collator(0)(questions)
        with torch.no_grad():
            logits = model(batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        parts = batch_terms(logits, batch, 1.0)
        mixed = alpha * parts.hard + (1 - alpha) * (parts.choice + parts.validity)
        loss += targets.masses[end] * mixed.item()

    mixture = {tokens: (1 - alpha) * p for tokens, p in wanted.items()}
    mixture[tuple(speller.spell(gold))] += alpha
    with torch.no_grad():
        cross = -sum(
            p * log_probability(model, prompt, list(tokens)).sum().item()
            for tokens, p in mixture.items()
        )
    entropy = -sum(p * np.log(p) for p in wanted.values())
    assert loss == pytest.approx(cross - (1 - alpha) * entropy, rel=1e-9)


def test_rows_are_drawn_with_the_teachers_probability(student):
    targets = trie_targets(random_label(0, 3), student[1])
    asked = []

    def choose(count, p):
        asked.append((count, p))
        return 1

    assert targets.sample(SimpleNamespace(choice=choose)) == targets.ends[1]
    assert asked[0][0] == len(targets.ends)
    assert asked[0][1] == pytest.approx(targets.masses[targets.ends], rel=1e-12)
    draw = np.random.default_rng(0)
    drawn = [targets.sample(draw) for _ in range(4000)]
    for end in targets.ends:
        p = targets.masses[end]
        assert abs(drawn.count(end) / 4000 - p) < 5 * np.sqrt(p * (1 - p) / 4000)


def test_a_drawn_row_carries_the_choices_before_each_token(student):
    speller = student[1]
    targets = trie_targets(random_label(0, 3), speller)
    example = make_example("谁?", (), targets, speller)
    (row,) = rows_at_random(example, np.random.default_rng(3))
    assert len(row.choices) == len(row.path)
    for place, (token, (tokens, log)) in enumerate(zip(row.path, row.choices, strict=True)):
        assert token in tokens and set(tokens) == set(targets.path_trie().allowed(row.path[:place]))
        assert np.exp(log).sum() == pytest.approx(1.0)
