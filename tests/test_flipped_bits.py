"""A flipped bit in anything that was made is said when it is opened; see `tests.flips`."""

from tests.flips import KINDS, make, try_all

FLIPS = 8 * len(KINDS)


def test_every_flipped_bit_is_said_with_its_file(tmp_path):
    found = try_all(make(tmp_path), FLIPS, seed=1)
    assert {kind: dict(count) for kind, count in found.items()} == {
        kind: {"said": FLIPS // len(KINDS)} for kind in KINDS
    }
