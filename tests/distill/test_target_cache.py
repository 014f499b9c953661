"""Spelled targets on disk: the same as in memory, mapped, whole or not there."""

import dataclasses

import numpy as np
import pytest

from core.distill.soft_targets import trie_targets
from core.distill.target_cache import COLUMNS, SpelledTargets, spelling_digest, write_targets
from core.errors import FormatError
from tests.labels_at_random import random_label
from tests.resealed import unseal
from tests.tiny_student import RELATIONS, tiny_student


@pytest.fixture(scope="module")
def speller():
    return tiny_student()[1]


@pytest.fixture
def written(tmp_path, speller):
    made = {f"问{seed}": trie_targets(random_label(seed, 3), speller) for seed in range(4)}
    write_targets(tmp_path / "spelled", made.items())
    return tmp_path / "spelled", made


def test_what_is_read_is_what_was_written(written):
    folder, made = written
    found = SpelledTargets(folder)
    assert list(found) == list(made) and len(found) == 4 and "other" not in found
    for name, wanted in made.items():
        for field in dataclasses.fields(wanted):
            mine, theirs = getattr(found[name], field.name), getattr(wanted, field.name)
            assert mine.dtype == theirs.dtype and np.array_equal(mine, theirs)
        tokens, nodes = wanted.row(int(wanted.ends[-1]))
        assert found[name].row(int(found[name].ends[-1])) == (tokens, nodes)
        pairs = zip(found[name].choices(nodes), wanted.choices(nodes), strict=True)
        for one, other in pairs:
            assert all(map(np.array_equal, one, other))


def test_it_is_mapped_not_read(written):
    found = SpelledTargets(written[0])
    column = found["问0"].masses
    while column.base is not None and not isinstance(column, np.memmap):
        column = column.base
    assert isinstance(column, np.memmap) and not column.flags.writeable


def test_written_twice_stays_the_first_and_leaves_nothing_else(written):
    folder, made = written
    write_targets(folder, list(made.items())[:1])
    assert len(SpelledTargets(folder)) == 4
    assert [entry.name for entry in folder.parent.iterdir()] == ["spelled"]


def test_no_labels_are_targets_too(tmp_path):
    write_targets(tmp_path / "none", [])
    assert len(SpelledTargets(tmp_path / "none")) == 0


@pytest.mark.parametrize("file", [f"{name}.npy" for name in COLUMNS] + ["questions.json"])
def test_damage_is_said(written, file):
    (written[0] / file).write_bytes(b"")
    with pytest.raises(FormatError, match=f"{file} is not what was written; delete"):
        SpelledTargets(written[0])
    unseal(written[0])
    with pytest.raises(FormatError, match=r"delete them|not readable JSON"):
        SpelledTargets(written[0])


def test_the_digest_follows_all_that_matters(speller):
    same = spelling_digest(RELATIONS, speller, "exact")
    assert same == spelling_digest(reversed(RELATIONS), speller, "exact")
    others = {
        spelling_digest(RELATIONS, speller, "top", 3),
        spelling_digest(RELATIONS[1:], speller, "exact"),
        spelling_digest(RELATIONS, tiny_student(vocabulary=265)[1], "exact"),
    }
    assert len(others) == 3 and same not in others
