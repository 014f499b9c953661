import numpy as np
import pytest

from core.errors import FormatError
from core.teacher.log_linear import LENGTH, LOG_LINEAR, LogLinearPaths, features, learn

CHILD, BORN, CITY = 3, 0, 1
PATHS = [(CHILD,), (CHILD, CHILD), (BORN,), (BORN, CITY)]


@pytest.fixture(scope="module")
def asked():
    """Twelve questions for each path, in two languages, each near the others of its path."""
    dice = np.random.default_rng(0)
    centres = dice.normal(size=(len(PATHS), 16))
    near = np.repeat(centres, 12, axis=0) + 0.3 * dice.normal(size=(12 * len(PATHS), 16))
    vectors = near.reshape(-1, 2, 8)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    right = [path for path in PATHS for _ in range(12)]
    return vectors.reshape(-1, 16).astype(np.float32), right


@pytest.fixture(scope="module")
def model(asked):
    return learn(*asked, others=[(CITY,), (BORN, BORN)])


def slowly(model, vector, path):
    """The path's score, feature by feature."""
    found = dict(zip(model.features, model.weights, strict=True))
    return sum(float(found[one] @ vector) * LENGTH for one in features(path) if one in found)


def test_a_path_is_recognised_by_its_ends_its_relations_its_pairs_and_its_length():
    assert sorted(features((CHILD, CHILD))) == sorted(
        [(0, 3, -1), (1, 3, -1), (2, 3, -1), (2, 3, -1), (3, 3, 3), (4, 2, -1)]
    )


def test_odds_are_the_differences_of_the_scores(model, asked):
    vector = asked[0][17]
    paths = [*PATHS, (CITY, 9), (9,)]
    scores = np.array([slowly(model, vector, path) for path in paths])
    odds = model.log_odds(vector.reshape(2, 8), paths)
    assert odds == pytest.approx(scores - scores.max(), abs=1e-4)
    assert odds.dtype == np.float32


def test_questions_that_were_not_learned_from_find_their_path(asked):
    vectors, right = asked
    kept = np.arange(len(right)) % 3 > 0
    model = learn(vectors[kept], [path for path, one in zip(right, kept, strict=True) if one], [])
    for number in np.flatnonzero(~kept):
        odds = model.log_odds(vectors[number].reshape(2, 8), PATHS)
        assert PATHS[int(np.argmax(odds))] == right[number]


def test_what_no_question_asks_for_is_less_likely_once_it_was_seen(model, asked):
    odds = model.log_odds(asked[0][-1].reshape(2, 8), [(BORN, CITY), (BORN, BORN)])
    assert odds[0] == 0 > odds[1]


def test_the_same_seed_learns_the_same(model, asked):
    again = learn(*asked, others=[(CITY,), (BORN, BORN)])
    assert np.array_equal(again.weights, model.weights)


def test_it_is_kept(model, asked, tmp_path):
    assert LogLinearPaths.open(tmp_path) is None
    model.save(tmp_path)
    kept = LogLinearPaths.open(tmp_path)
    vector = asked[0][0].reshape(2, 8)
    assert kept.log_odds(vector, PATHS).tolist() == model.log_odds(vector, PATHS).tolist()


def test_a_damaged_file_is_one_sentence(model, tmp_path):
    model.save(tmp_path)
    (tmp_path / LOG_LINEAR).write_bytes(b"no tensors")
    with pytest.raises(FormatError, match="missing or damaged; train the teacher again"):
        LogLinearPaths.open(tmp_path)
