import numpy as np
import pytest

from core.labels.masses import node_masses


def test_masses_are_sums_from_below():
    parents = np.array([-1, 0, 0, 1, 1, 3])
    masses = node_masses(parents, np.array([0, 0.1, 0.2, 0.15, 0.25, 0.3]))
    assert masses == pytest.approx([1.0, 0.8, 0.2, 0.45, 0.25, 0.3])
