"""What a person can set, one model per stage, for forms, command line, workers and live control."""

from core.settings.answers import (
    AskSettings,
    BaselineSettings,
    CompareSettings,
    EvaluateSettings,
    ExplainSettings,
    WhatIfSettings,
)
from core.settings.base import (
    GROUPS,
    LARGEST_SEED,
    LONGEST_TEXT,
    MODEL,
    MOST_TEXTS,
    PATH,
    Device,
    Language,
    Made,
    MattersIf,
    NamesPath,
    Settings,
    SplitKind,
    checked,
    field_names,
    groups,
    matters,
    path_fields,
)
from core.settings.demo import DemoSettings
from core.settings.distill import CONTROLLABLE, VERBS, DistillSettings, checked_control
from core.settings.export import ExportSettings
from core.settings.graph import (
    GraphCheckSettings,
    GraphEditSettings,
    GraphImportSettings,
    RuleSettings,
)
from core.settings.hard import HardSettings
from core.settings.questions import QuestionGenerationSettings, QuestionImportSettings
from core.settings.stored import renamed
from core.settings.sweep import SweepSettings
from core.settings.teacher import (
    LabelSettings,
    LanguageModelTeacherSettings,
    LexicalTeacherSettings,
    MixtureSettings,
    TeacherSettings,
    TransferSettings,
)

__all__ = [
    "AskSettings",
    "BaselineSettings",
    "CONTROLLABLE",
    "CompareSettings",
    "DemoSettings",
    "Device",
    "DistillSettings",
    "EvaluateSettings",
    "ExplainSettings",
    "ExportSettings",
    "GROUPS",
    "GraphCheckSettings",
    "GraphEditSettings",
    "GraphImportSettings",
    "HardSettings",
    "LARGEST_SEED",
    "LONGEST_TEXT",
    "LabelSettings",
    "Language",
    "LanguageModelTeacherSettings",
    "LexicalTeacherSettings",
    "MODEL",
    "Made",
    "MOST_TEXTS",
    "MattersIf",
    "MixtureSettings",
    "NamesPath",
    "PATH",
    "QuestionGenerationSettings",
    "QuestionImportSettings",
    "RuleSettings",
    "Settings",
    "SplitKind",
    "SweepSettings",
    "TeacherSettings",
    "TransferSettings",
    "VERBS",
    "WhatIfSettings",
    "checked",
    "checked_control",
    "field_names",
    "groups",
    "matters",
    "path_fields",
    "renamed",
]
