"""Settings of a distillation, and which of them may change while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from core.errors import SettingsError
from core.messages import Message
from core.pretrained.names import ModelName
from core.pretrained.presets import BILINGUAL, BUILT, TINY
from core.settings.base import MODEL, MattersIf, Settings, checked, only_with
from core.settings.shared import OnDevice, Replacing, Seeded


class StudentModel(Settings):
    """Which student learns."""

    group: ClassVar[str] = "model"

    student: Annotated[ModelName, MODEL] = Field(
        TINY,
        description="tiny: a small model built on the spot; tiny-bilingual: one as small that "
        "knows what English and Chinese words mean, with vectors from the package index (32 MB); "
        "SmolLM2-135M: a pretrained one from the package index; else a Hugging Face id, in the "
        "terminal also a folder or a GGUF file, of a causal language model.",
    )
    lora_rank: Annotated[int, MattersIf(lambda given: given["student"] not in BUILT)] = Field(
        0,
        ge=0,
        le=512,
        description="0: all weights of a pretrained student learn; above: small matrices of this "
        "rank beside its frozen weights (LoRA), for much less memory.",
    )
    rounding: Literal["none", "q8_0"] = Field(
        "none",
        description="q8_0: the student learns with its matrices rounded to 8 bits in blocks, so "
        "that an export in that format has the very weights that it learned with; not with LoRA. "
        "none: it learns with all digits.",
    )


class DistillData(Settings):
    """What the student learns from."""

    group: ClassVar[str] = "data"

    more: str | None = Field(
        None,
        description="Another question set about the same graph to learn from as well, such as a "
        "generated one; the teacher labels it, and what the first set holds out is passed over.",
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
    top_k: Annotated[int, only_with("targets", "top")] = Field(
        3, ge=1, le=4096, description="How many paths targets=top keeps."
    )
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
    rewording: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the questions that the student meets in other words, new ones in "
        "each epoch: another of the question's own wordings where it has any, and as it might have "
        "been typed: case, marks, typos, courtesy, key words alone, the topic first; 0: all as "
        "they were written.",
    )
    paths: Literal["drawn", "all"] = Field(
        "drawn",
        description="What a question brings to a step. drawn: one gold path, and one path drawn "
        "from the teacher; all: every path of its label and every gold path, packed into one row, "
        "so nothing is left to chance. A student that takes no tree mask is refused all.",
    )
    on_policy: Annotated[float, only_with("paths", "drawn")] = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of questions at which it learns along a path that the student itself "
        "speaks, not the teacher; the teacher judges every step of it. Slower.",
    )


class Knobs(Settings):
    """What is turned first: how far gold paths are trusted, and how soft the labels are."""

    group: ClassVar[str] = "objective"

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


class Objective(Knobs):
    """The loss, and what its terms weigh."""

    group: ClassVar[str] = "objective"

    objective: Literal["split", "token"] = Field(
        "split",
        description="split: T softens the choice among paths that exist, validity is learned "
        "apart; token: the textbook's T over the whole vocabulary.",
    )
    validity: Annotated[float, only_with("objective", "split")] = Field(
        1.0,
        ge=0,
        le=10,
        description="Weight (lambda) of staying inside the graph; keep 1 if the student will "
        "answer without constraint.",
    )
    divergence: Literal["forward-kl", "reverse-kl", "jsd", "skew-kl", "skew-reverse-kl"] = Field(
        "forward-kl",
        description="How far teacher and student are apart. forward-kl covers all that the teacher "
        "may say, reverse-kl says only what it may say, jsd lies between (beta), the skew forms "
        "mix a little of one into the other (skew).",
    )
    beta: Annotated[float, only_with("divergence", "jsd")] = Field(
        0.5, ge=0, le=1, description="Where jsd lies: 0 is the forward KL, 1 the reverse KL."
    )
    skew: Annotated[float, only_with("divergence", "skew-kl", "skew-reverse-kl")] = Field(
        0.1,
        ge=0,
        le=0.99,
        description="Share of the other distribution that the skew divergences mix in.",
    )
    reward: float = Field(
        0.0,
        ge=0,
        le=10,
        description="Weight of the known answers: every path pays by how well the entities at its "
        "end match them (F1), and the student learns to be paid; needs paths=all. With alpha 1 and "
        "gold_share 0 it learns from the answers alone.",
    )


def _something_moves(given: Mapping[str, Any]) -> bool:
    return any(given[f"{name}_end"] is not None for name in ("alpha", "temperature", "beta"))


class Schedule(Settings):
    """How the weights of the loss move, or the record that they follow."""

    group: ClassVar[str] = "schedule"

    alpha_end: float | None = Field(
        None, ge=0, le=1, description="Alpha at the last step; empty: it stays as it begins."
    )
    temperature_end: float | None = Field(
        None, gt=0, le=20, description="Temperature at the last step; empty: it stays."
    )
    beta_end: Annotated[float | None, only_with("divergence", "jsd")] = Field(
        None, ge=0, le=1, description="Beta at the last step; empty: it stays."
    )
    schedule: Annotated[Literal["linear", "cosine"], MattersIf(_something_moves)] = Field(
        "linear", description="How alpha, temperature and beta move to their ends."
    )
    replay: str | None = Field(
        None,
        description="A run or student whose recorded course of alpha, temperature, validity, beta, "
        "reward and learning rate is taken again, with every change made by hand; it then counts "
        "instead of these settings.",
    )


class Optimisation(Settings):
    """How long and how fast the student learns, and from where on."""

    group: ClassVar[str] = "training"

    epochs: int = Field(20, ge=1, le=1000, description="Passes over the training questions.")
    batch_size: int = Field(32, ge=1, le=4096, description="Questions per step.")
    learning_rate: float = Field(
        3e-3,
        gt=0,
        le=1,
        description="Peak step size of AdamW; where none is given, a bilingual student learns with "
        "2e-3, a pretrained one with 1e-3 through LoRA and with 1e-4 by all its weights.",
    )
    learning_rate_schedule: Literal["cosine", "linear", "constant"] = Field(
        "cosine", description="How the learning rate falls after warming up."
    )
    branch: str | None = Field(
        None,
        description="Begin from a checkpoint of another run, with these settings: its id, or "
        "id:step; empty: from the beginning.",
    )


class Compute(Seeded, OnDevice):
    """What is computed with."""

    group: ClassVar[str] = "compute"

    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Numbers to compute in; auto takes bfloat16 where a GPU has it."
    )
    gradient_checkpointing: bool = Field(
        False, description="Compute hidden states twice to hold fewer: less memory, a third slower."
    )
    processes: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that share every step, each on a GPU of its own where there are "
        "GPUs. The student learns the same, in less time.",
    )
    checkpoint_seconds: float = Field(
        60,
        ge=0,
        le=86_400,
        description="Least time between two checkpoints; writing them takes at most a tenth of the "
        "time, whatever it is.",
    )


class DistillSettings(
    StudentModel,
    DistillData,
    Objective,
    Schedule,
    Optimisation,
    Compute,
    Replacing,
):
    """Distil a teacher's labels into a student: L = alpha L_hard + (1 - alpha) L_soft."""

    name: str = Field(description="What the student will be called.")
    teacher: str = Field(description="The teacher to learn from.")
    questions: str | None = Field(None, description="Question set; empty: the teacher's own.")

    @model_validator(mode="before")
    @classmethod
    def _learning_rate_of_student(cls, values: dict[str, Any]) -> dict[str, Any]:
        """What suits a tiny student would shake a pretrained one to pieces."""
        student = values.get("student", TINY)
        if "learning_rate" in values or student == TINY:
            return values
        if student == BILINGUAL:
            return {**values, "learning_rate": 2e-3}
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
    def _rewards_are_summed_over(self) -> DistillSettings:
        if self.paths == "drawn" and self.reward > 0:
            raise ValueError(
                Message(
                    "What a question's paths pay is summed over all of them: take paths=all with a "
                    "reward, or reward 0 with paths=drawn."
                )
            )
        return self

    @model_validator(mode="after")
    def _all_weights_are_rounded(self) -> DistillSettings:
        if self.rounding != "none" and self.lora_rank > 0:
            raise ValueError(
                Message(
                    "A student that learns through LoRA keeps weights that are not rounded: take "
                    "lora_rank 0 with rounding=q8_0, or rounding=none with LoRA."
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


CONTROLLABLE = ("alpha", "temperature", "validity", "beta", "reward", "learning_rate")
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
    # Bounds alone are asked for; with all paths none of these settings is refused for another.
    given = {"name": "x", "teacher": "x", "paths": "all", key: value}
    return float(getattr(checked(DistillSettings, given), key))
