"""Cut labels: what stays, and that it is renormalised."""

import numpy as np
import pytest

from core.distill.baselines import top_paths
from core.distill.soft_targets import trie_targets
from core.labels.path_labels import PathLabel
from tests.labels_at_random import outcomes, random_label
from tests.tiny_student import tiny_student


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [1, 3, 99])
def test_the_best_paths_stay_in_their_proportions(seed, count):
    label = random_label(seed, 5, zeros=True)
    cut, wanted = top_paths(label, count), label.best(count)
    total = sum(p for _, p in wanted)
    assert dict(cut.best(99)) == pytest.approx({path: p / total for path, p in wanted})
    assert cut.stops.sum() == pytest.approx(1) and cut.masses[0] == pytest.approx(1)
    assert cut.rest == 0 and cut.question == label.question
    assert (cut.parents[1:] < np.arange(1, len(cut.parents))).all() and cut.parents[0] == -1


def test_the_best_path_alone_is_a_gold_path():
    label, (model, speller) = random_label(0, 5), tiny_student()
    cut = top_paths(label, 1)
    targets = trie_targets(cut, speller)
    tokens, nodes = targets.row(int(targets.ends[0]))
    assert len(targets.ends) == 1 and tokens == speller.spell(label.best(1)[0][0])
    for token, (children, log) in zip(tokens, targets.choices(nodes), strict=True):
        assert np.exp(log[children == token]) == [1.0] and np.exp(log).sum() == 1.0
    assert outcomes(cut, speller) == [(tokens, 1.0)] and model is not None


def test_a_label_that_names_no_path_has_none():
    nothing = PathLabel(
        "q", np.array([-1, 0]), ("", "born"), np.zeros(2), np.ones(2), np.array([True, False])
    )
    assert top_paths(nothing, 3) is None
