"""A result is read back as it was, from JSON that anybody may have written."""

import json
import subprocess
import sys
import time
from typing import get_type_hints

import pytest
from stand_ins.results import EXAMPLES, answer, evaluation

from core.catalogue import CATALOGUE
from core.errors import FormatError
from core.results.answer import Answer
from core.results.evaluation import Evaluation
from core.results.record import VERSION
from core.runs.worker.recipe_loading import load_recipe


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.recipe)
def test_every_result_is_read_back_as_it_was(entry):
    result = EXAMPLES[entry.recipe]
    record = result.as_record()
    assert type(result) is entry.result
    assert record["version"] == VERSION
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert entry.result.from_record(record) == result


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.recipe)
def test_a_recipe_returns_what_its_entry_says(entry):
    assert get_type_hints(load_recipe(entry.recipe).run)["return"] is entry.result


def changed(**changes):
    return {**answer().as_record(), **changes}


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"version": 1}, r"\(Answer, 'question': Missing required argument\)|Field required"),
        (changed(colour="red"), "Answer, 'colour': Unexpected keyword argument"),
        (changed(seconds="0.2"), "Answer, 'seconds': Input should be a valid number"),
        (changed(topics=[{"id": "a"}]), r"Answer, 'topics\.0\.label': "),
        (changed(supported=1), "Answer, 'supported': Input should be a valid boolean"),
        (changed(version=VERSION + 1), "form 2 was written by a newer version"),
        (changed(version="1"), "form '1' was written by a newer version"),
        (changed(paths=None), "Answer, 'paths': "),
    ],
)
def test_what_is_no_such_result_is_refused_in_one_sentence(record, sentence):
    with pytest.raises(FormatError, match=sentence) as refused:
        Answer.from_record(record)
    assert "\n" not in str(refused.value)


def test_a_record_from_before_there_were_versions_is_read():
    record = evaluation().as_record()
    del record["version"], record["search"]  # it came later than some evaluations
    assert Evaluation.from_record(record) == evaluation()


def test_a_value_of_another_kind_is_not_written():
    with pytest.raises(Exception, match="seconds"):
        Answer(**{**vars(answer()), "seconds": "soon"}).as_record()


def test_a_record_costs_nothing_beside_an_answer():
    whole = Answer(**{**vars(answer()), "paths": answer().paths * 8})
    Answer.from_record(whole.as_record())
    began = time.process_time()  # a machine that is busy with other things costs nothing
    for _ in range(100):
        Answer.from_record(whole.as_record())
    assert (time.process_time() - began) / 100 < 0.005  # seconds


def test_results_are_read_without_numbers_and_models():
    script = "import core.catalogue, sys; print(*{'numpy', 'torch', 'pyarrow'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "", done.stderr
