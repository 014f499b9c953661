import pytest

from core.records import Question, inverse


def test_an_inverse_undoes_itself():
    assert (inverse("r"), inverse("~r"), inverse(inverse("r"))) == ("~r", "r", "r")


@pytest.mark.parametrize(
    ("topics", "paths", "alternatives"),
    [
        (("a",), (), ()),
        (("a",), (("r",), ("s", "t")), ((("r",),), (("s", "t"),))),
        (("a", "b"), (("r",), ("s",)), ((("r",), ("s",)),)),
        (("a", "b"), (("r",), ("s",), ("t",), ("u",)), ((("r",), ("s",)), (("t",), ("u",)))),
        (("a", "b"), (("r",),), ()),
        ((), (("r",),), ()),
    ],
)
def test_an_alternative_is_one_path_per_topic(topics, paths, alternatives):
    assert Question("1", "?", "en", topics, ("x",), paths).alternatives() == alternatives
