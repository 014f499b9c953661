"""Students: the tiny one, built on the spot, and how every student is opened.

The tiny student is a Llama of half a million parameters with a byte-level BPE tokenizer trained on
the questions and relation names at hand: no download, minutes to train on a CPU, any language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

from core.errors import FormatError, Stale
from core.graph.history import since
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.pretrained.models.language_models import moved
from core.records import TOPIC_MARK
from core.results.graph import GraphVersion
from core.student.normal_form import NORMAL_FORM
from core.student.prompts import ABSENT, HOP, NONE, PATH, STOP, TOPIC, Speller
from core.workspace import Workspace, read_json

logging.disable_progress_bar()  # a worker reports progress itself

VOCABULARY = 800
"""Few and short tokens: words that share a stem share tokens, which helps a student that starts
from nothing."""

WIDTH, LAYERS, HEADS = 128, 2, 4
PAD = "<pad>"


def build_tiny(
    questions: Iterable[str], relations: Iterable[str]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A fresh tiny student; seed torch before for repeatable weights.

    Args:
        questions: Texts to train the tokenizer on.
        relations: Relation names, which the tokenizer sees often enough to spell in few tokens.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2,  # ABSENT and NONE come last: all others are as they were
        special_tokens=[PAD, TOPIC, PATH, HOP, STOP],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pieces = (piece for question in questions for piece in question.split(TOPIC_MARK))
    tokenizer.train_from_iterator(
        [
            *map(NORMAL_FORM.normalize_str, pieces),
            *(name for name in relations for _ in range(20)),
        ],
        trainer,
    )
    tokenizer.normalizer = NORMAL_FORM
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=STOP,
        additional_special_tokens=[TOPIC, PATH, HOP, ABSENT, NONE],
        padding_side="left",
    )
    config = LlamaConfig(
        vocab_size=len(wrapped),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=512,
        attention_dropout=0.1,
        tie_word_embeddings=True,
        pad_token_id=wrapped.pad_token_id,
        bos_token_id=None,
        eos_token_id=wrapped.eos_token_id,
    )
    return LlamaForCausalLM(config), wrapped


@dataclass(frozen=True, eq=False)
class Student:
    """A trained student with the graph it speaks about.

    Attributes:
        name: What a person calls it.
        graph: Its graph.
        shape: The trees whose paths it may speak.
        model, speller: The language model and how it spells.
        card: What card.json holds.
        since: What was changed in its graph since it was distilled; facts are read from the graph
            as it is now.
    """

    name: str
    graph: KnowledgeGraph
    shape: TreeShape
    model: PreTrainedModel
    speller: Speller
    card: dict[str, Any]
    since: tuple[GraphVersion, ...] = ()


class StudentModel(NamedTuple):
    """A trained student without a graph; its attributes are those of `Student`."""

    name: str
    shape: TreeShape
    model: PreTrainedModel
    speller: Speller
    card: dict[str, Any]


def open_student(
    workspace: Workspace, name: str, graph: str | None = None, device: torch.device | str = "cpu"
) -> Student:
    """Open a student with its graph, or with another one, on a device.

    Raises:
        NotFound: If there is no such student, or its graph is gone.
        Stale: If its graph is another one since it was distilled, and no later version of it.
        FormatError: If a file is missing or damaged.
    """
    return on_graph(workspace, open_model(workspace, name, device), graph)


def open_model(workspace: Workspace, name: str, device: torch.device | str) -> StudentModel:
    """Open what a student has learned.

    Raises:
        NotFound: If there is no such student.
        FormatError: If a file is missing or damaged.
    """
    folder = workspace.open("students", name)
    card = read_json(folder / "card.json")
    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
        model = AutoModelForCausalLM.from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False, local_files_only=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise FormatError(
            "The model in {folder} is missing or damaged; distil it again.", folder=folder
        ) from error
    moved(model.eval(), device)
    return StudentModel(name, TreeShape(**card["shape"]), model, Speller(tokenizer), card)


def on_graph(workspace: Workspace, model: StudentModel, graph: str | None) -> Student:
    """A student with its graph as it is now, or with another one.

    Raises:
        NotFound, Stale, FormatError: As `open_student`, for the graph.
    """
    place = workspace.open("graphs", graph or model.card["graph"])
    opened, changes = KnowledgeGraph.open(place), since(place, model.card["graph_hash"])
    if graph is None and changes is None:
        raise Stale(
            "Student {student!r} was distilled for another version of graph {graph!r}; distil "
            "it again, or name the graph to ask.",
            student=model.name,
            graph=opened.name,
        )
    return Student(
        model.name, opened, model.shape, model.model, model.speller, model.card, changes or ()
    )
