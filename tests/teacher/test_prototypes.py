import numpy as np
import pytest

from core.errors import FormatError
from core.teacher.prototypes import PROTOTYPES, AskedQuestion, Prototypes

PATHS = [((0,),), ((0,), (3, 1)), ((3, 1),), ((5, 2, 2),)]


@pytest.fixture
def questions():
    dice = np.random.default_rng(0)
    return [
        AskedQuestion(f"q{number}", paths, dice.normal(size=(2, 1 + number, 8)))
        for number, paths in enumerate(PATHS)
    ]


@pytest.fixture
def asked():
    return np.random.default_rng(1).normal(size=(2, 8))


def slowly(questions, path, asked):
    """Mean over the languages of the mean over all texts of the dot products."""
    texts = [one.vectors for one in questions if path in one.paths]
    if not texts:
        return -np.inf
    every = np.concatenate(texts, axis=1)
    return np.mean([np.mean([text @ asked[n] for text in every[n]]) for n in range(2)])


def test_a_path_is_as_near_as_its_questions_are_in_the_mean(questions, asked):
    found = Prototypes.of(questions)
    paths = [(3, 1), (0,), (9,), (5, 2, 2)]
    near = found.similarities(asked, paths)
    assert near.dtype == np.float32
    assert near == pytest.approx([slowly(questions, path, asked) for path in paths], abs=1e-6)


def test_a_question_does_not_hear_itself(questions, asked):
    found = Prototypes.of(questions)
    paths = [(0,), (3, 1), (5, 2, 2)]
    for number, one in enumerate(questions):
        others = questions[:number] + questions[number + 1 :]
        near = found.similarities(asked, paths, one.id)
        assert near == pytest.approx([slowly(others, path, asked) for path in paths], abs=1e-5)


def test_they_are_kept_and_whose_part_is_whose_is_not(questions, asked, tmp_path):
    Prototypes.of(questions).save(tmp_path)
    kept = Prototypes.open(tmp_path)
    whole = Prototypes.of(questions).similarities(asked, [(0,), (5, 2, 2), (7,)])
    assert kept.similarities(asked, [(0,), (5, 2, 2), (7,)], "q0").tolist() == whole.tolist()


def test_no_questions_make_none(tmp_path):
    assert Prototypes.of([]) is None
    assert Prototypes.open(tmp_path) is None


def test_damaged_ones_are_refused_in_a_sentence(tmp_path):
    (tmp_path / PROTOTYPES).write_bytes(b"no tensors")
    with pytest.raises(FormatError, match="train the teacher again"):
        Prototypes.open(tmp_path)
