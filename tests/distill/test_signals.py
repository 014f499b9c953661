"""What a signal is given, and that its weight is a hyperparameter by name."""

import pytest
import torch

from core.distill.schedules import Hyperparameters, Schedule, schedule_from_record
from core.distill.signals import Gold, Labels, signals_of
from core.settings import CONTROLLABLE
from core.student.output_layer import logits_only_at
from tests.small_runs import settings
from tests.tiny_student import tiny_student


@pytest.mark.parametrize("at", [[0, 3], [5]])
def test_states_are_those_that_the_logits_come_from(at):
    model, _ = tiny_student()
    ids, at = torch.arange(8).reshape(2, 4), torch.tensor(at)
    whole = model(input_ids=ids, output_hidden_states=True)
    with logits_only_at(model, at) as picked:
        logits = model(input_ids=ids).logits
    torch.testing.assert_close(picked.states, whole.hidden_states[-1].flatten(0, 1)[at])
    torch.testing.assert_close(model.get_output_embeddings()(picked.states), logits[0])


def test_a_student_is_held_to_gold_paths_and_labels():
    assert [type(signal) for signal in signals_of(settings())] == [Gold, Labels]


def test_hyperparameters_are_all_that_can_be_turned():
    given = Hyperparameters(alpha=0.25, temperature=2.0)
    assert tuple(given) == CONTROLLABLE and (given.alpha, given["temperature"]) == (0.25, 2.0)
    with pytest.raises(TypeError, match="width"):
        Hyperparameters(width=3.0)


def test_a_record_that_is_older_than_a_hyperparameter_gets_its_default():
    record = Schedule(4, Hyperparameters(alpha=0.25), {"alpha": 1.0}).as_record()
    del record["begin"]["beta"]
    read = schedule_from_record(record)
    assert read.begin == Hyperparameters(alpha=0.25) and read.at(4).alpha == 1.0
