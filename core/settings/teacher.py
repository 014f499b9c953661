"""Settings of the ways to a teacher, and of what it labels."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.pretrained.names import ModelName
from core.settings.base import MODEL, Settings
from core.settings.shared import Confidence, OnDevice, Replacing, Seeded, Trees


class TeacherName(Replacing):
    """What a new teacher is called."""

    name: str = Field(description="What the teacher will be called.")


class TeacherModel(Settings):
    """What a trained teacher is built of."""

    group: ClassVar[str] = "model"

    width: int = Field(128, ge=16, le=1024, description="Size of the teacher's hidden states.")
    message_passing: int = Field(
        2,
        ge=0,
        le=4,
        description="Rounds of message passing: how many hops ahead of a path the teacher looks; 0 "
        "for none.",
    )
    encoder: Annotated[ModelName, MODEL] = Field(
        "auto",
        description="Pretrained text encoder that compares the question with each path in words, "
        "so that synonyms are understood. auto: universal-sentence-encoder where it is here "
        "already, else none; empty: none. universal-sentence-encoder (16 languages, 32 MB) and "
        "all-MiniLM-L6-v2 (English, 84 MB) come from the package index; else the Hugging Face id, "
        "in the terminal also the folder, of a sentence-transformers model. Its vectors are kept "
        "on disk.",
    )
    encoder_epochs: int = Field(
        3,
        ge=0,
        le=100,
        description="Passes over the training questions in which the text encoder learns how this "
        "graph's paths are asked for; 0: it stays as it is.",
    )


class TeacherData(Settings):
    """What a trained teacher learns from."""

    group: ClassVar[str] = "data"

    supervision: Literal["answers", "paths", "both"] = Field(
        "both",
        description="answers: known answers only; paths: gold paths only; both: the gold path "
        "where there is one, the answers elsewhere.",
    )


class TeacherFitting(Settings):
    """How long and how fast a teacher learns."""

    group: ClassVar[str] = "training"

    epochs: int = Field(40, ge=1, le=1000, description="At most this many passes over the data.")
    patience: int = Field(
        4,
        ge=1,
        le=1000,
        description="Stop after this many looks at the dev questions without a better score; there "
        "is one every 60 steps.",
    )
    batch_size: int = Field(64, ge=1, le=4096, description="Questions per step.")
    learning_rate: float = Field(2e-3, gt=0, le=1, description="Peak step size of AdamW.")


class TeacherSettings(
    TeacherName,
    TeacherModel,
    Trees,
    TeacherData,
    TeacherFitting,
    Confidence,
    Seeded,
    OnDevice,
):
    """Train a teacher: a policy on the relation-prefix tree, fed by message passing."""

    graph: str = Field(description="The graph to reason over.")
    questions: str = Field(description="The question set to learn from.")


class TransferSettings(TeacherName, Trees, Confidence):
    """Take a trained teacher to another graph, where it reads the relations by their labels."""

    teacher: str = Field(description="The teacher to take along; it stays as it is.")
    graph: str = Field(description="The graph to reason over.")
    questions: str | None = Field(
        None,
        description="A question set of that graph, to choose hops and directions by where they are "
        "not given, and to calibrate on; empty: generated questions. Nothing is learned from it.",
    )


class UntrainedTeacher(TeacherName, Trees, Confidence):
    """What teachers that learn nothing are made from."""

    graph: str = Field(description="The graph to reason over.")
    questions: str = Field(
        description="A question set to choose hops by and to calibrate on its dev part; nothing is "
        "learned from it."
    )


class LexicalTeacherSettings(UntrainedTeacher):
    """Make a teacher that needs no training: paths by how well the question spells their labels."""


class SampledConfidence(Settings):
    """How many questions confidence is calibrated on."""

    group: ClassVar[str] = "confidence"

    calibration_questions: int = Field(
        50,
        ge=1,
        le=1_000_000,
        description="Dev questions that its confidence is calibrated on; each takes time.",
    )


class LanguageModelTeacherSettings(UntrainedTeacher, SampledConfidence, OnDevice):
    """Make a teacher of a causal language model that scores every candidate path."""

    model: Annotated[ModelName, MODEL] = Field(
        description="A causal language model, which is not trained: SmolLM2-135M from the package "
        "index, a Hugging Face id; in the terminal also a folder or a GGUF file."
    )


class MixtureSettings(TeacherName, Confidence):
    """Make one teacher of several: the weighted mean of their path distributions."""

    teachers: tuple[str, ...] = Field(
        min_length=2,
        max_length=16,
        description="The teachers to mix; all over the same graph and trees.",
    )
    weights: tuple[float, ...] = Field(
        (),
        max_length=16,
        description="A weight above 0 for each teacher, in their order; empty: all alike.",
    )


class LabelSettings(OnDevice, Replacing):
    """Let a teacher label questions with its path distribution."""

    name: str = Field(description="What the labels will be called.")
    teacher: str = Field(description="The teacher that labels.")
    questions: str | None = Field(None, description="Question set; empty: the one it learned from.")
    kind: Literal["prior", "posterior", "uniform"] = Field(
        "posterior",
        description="prior: P(path | question); posterior: P(path | question, known answers); "
        "uniform: every shortest path to an answer alike (a baseline).",
    )
    top_k: int = Field(
        32, ge=1, le=4096, description="Best paths kept; the rest stays as an explicit bucket."
    )
