"""How every student is published: a Hugging Face folder with a card.

A student of any form is saved as the plain model that it has become, so that it opens like any
other and needs no base model. What its form leaves beside (an adapter, say) lies in the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from core.graph.path_tree import TreeShape
from core.student.forms import Form, Whole
from core.workspace import write_json

CARD = "card.json"


@dataclass(frozen=True, eq=False)
class StudentCard:
    """What is known of a student, as its `card.json` has it.

    Attributes:
        name: What a person calls it.
        teacher, questions, labels: Names of what it learned from.
        graph, graph_hash: Name and content hash of the graph.
        shape: The trees whose paths it may speak.
        parameters: Its weights, an adapter's among them.
        settings: Of the distillation.
        schedule: The course that the hyperparameters took.
        result: What the distillation reports.
        certainty: How far its probabilities can be believed, as `core.results.certainty` has it;
            None where no question was held out.
        certainty_heard: The same where it listens, see `core.answers.ear`.
        absence_weight: Without an ear, what it finds missing is weighed by it; see
            `core.evaluation.absence`.
    """

    name: str
    teacher: str
    graph: str
    graph_hash: str
    questions: str
    labels: str
    shape: TreeShape
    parameters: int
    settings: Mapping[str, Any]
    schedule: Mapping[str, Any]
    result: Mapping[str, Any]
    certainty: Mapping[str, Any] | None = None
    certainty_heard: Mapping[str, Any] | None = None
    absence_weight: float = 1.0


def save_student(
    folder: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    form: Form,
    card: StudentCard,
) -> None:
    """Write a student into a folder that exists: model, tokenizer and card."""
    save_model(folder, model, tokenizer, form)
    write_json(folder / CARD, asdict(card))


def save_model(
    folder: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    form: Form | None = None,
) -> None:
    """Write model and tokenizer as a Hugging Face folder.

    Args:
        folder: Where to.
        model: The student as it has learned; a form may take it apart.
        tokenizer: Its tokenizer.
        form: What it learned in; whole where it is not given.
    """
    plain = (form or Whole()).finish(model, folder)
    plain.generation_config.pad_token_id = tokenizer.pad_token_id
    plain.generation_config.eos_token_id = tokenizer.eos_token_id
    plain.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
