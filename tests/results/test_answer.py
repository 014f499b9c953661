"""What an answer tells of itself."""

from dataclasses import replace

import pytest
from stand_ins.results import answer

from core.results.answer import WORTH_SAYING, LookedFor
from core.results.named import Named


@pytest.mark.parametrize(
    ("probability", "missing", "told"),
    [
        (WORTH_SAYING, WORTH_SAYING, True),
        (WORTH_SAYING / 2, 0.05, False),  # others share what is missing, and an answer is there
        (WORTH_SAYING / 2, 0.99, True),  # one of many reasons for which there is no answer
    ],
)
def test_what_was_not_found_is_told_where_it_matters(probability, missing, told):
    biden = Named(id="joe_biden", label="Joe Biden")
    height = Named(id="height", label="height")
    lacking = LookedFor(
        topic=biden, hops=(), at=biden, relation=height, probability=probability, verified=True
    )
    said = replace(answer(), looked_for=lacking, missing=missing)
    assert said.not_found == (lacking if told else None)
    assert replace(said, looked_for=None).not_found is None
