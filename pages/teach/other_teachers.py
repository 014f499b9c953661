"""Ways to come by a teacher without training one: plain, a language model, a mixture, another's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.results.summaries import TeacherSummary
from core.settings import (
    LanguageModelTeacherSettings,
    LexicalTeacherSettings,
    MixtureSettings,
    Settings,
    TransferSettings,
)
from pages.parts.changes import start
from pages.parts.forms.settings_form import help_words, settings_form
from pages.parts.state import card, names, remember, workspace
from pages.parts.text import field_name, t

WAYS: Final = ("train", "lexical", "language_model", "mixture", "transfer")


def other_teachers(sets: Sequence[str]) -> bool:
    """Let the reader choose a way, and show its form if it is another than training.

    Args:
        sets: The question sets that there are; at least one.

    Returns:
        Whether it is another.
    """
    way = st.segmented_control(
        t("other.way"),
        WAYS,
        default="train",
        format_func=lambda name: t(f"other.way.{name}"),
        key="teach.way",
        required=True,
    )
    st.caption(t(f"other.when.{way}"))
    if way == "train":
        return False
    if way == "mixture":
        _mixture()
    elif way == "transfer":
        _transfer()
    else:
        _untrained(way, sets)
    return True


def _untrained(way: str, sets: Sequence[str]) -> None:
    """A lexical teacher or a language model, calibrated on questions."""
    chosen = st.selectbox(field_name("questions"), sets, key="teach.other.set")
    graph = card("questions", chosen).graph
    lexical = way == "lexical"
    settings = settings_form(
        LexicalTeacherSettings if lexical else LanguageModelTeacherSettings,
        f"teach.{way}",
        hide=("graph", "questions"),
        defaults={
            "graph": graph,
            "questions": chosen,
            "name": _free(f"{graph}-{'lexical' if lexical else 'language-model'}"),
        },
        first=("name", "precision") if lexical else ("name", "model", "calibration_questions"),
        submit=t("other.make"),
    )
    _start("lexical_teacher" if lexical else "language_model_teacher", settings)


def _mixture() -> None:
    """Teachers over the same trees; the first one chosen says which."""
    grounds = {name: _ground(card("teachers", name)) for name in names("teachers")}
    before = [one for one in st.session_state.get("teach.parts", ()) if one in grounds]
    able = [
        name
        for name, ground in grounds.items()
        if (ground == grounds[before[0]] if before else list(grounds.values()).count(ground) > 1)
    ]
    if len(able) < 2:
        st.info(t("other.no_mixture"), icon=":material/info:")
        return
    chosen = st.multiselect(
        field_name("teachers"),
        able,
        key="teach.parts",
        help=help_words(MixtureSettings, "teachers"),
    )
    if len(chosen) < 2:
        st.caption(t("other.two"))
        return
    settings = settings_form(
        MixtureSettings,
        "teach.mixture",
        hide=("teachers",),
        defaults={"teachers": tuple(chosen), "name": _free(f"{chosen[0]}-mixture")},
        first=("name", "weights"),
        submit=t("other.make"),
    )
    _start("mix_teachers", settings)


def _transfer() -> None:
    """A trained teacher, a graph, and maybe questions of that graph."""
    trained = [name for name in names("teachers") if card("teachers", name).kind == "policy"]
    if not trained:
        st.info(t("other.no_transfer"), icon=":material/info:")
        return
    graph = st.selectbox(field_name("graph"), names("graphs"), key="teach.other.graph")
    asked = [name for name in names("questions") if card("questions", name).graph == graph]
    settings = settings_form(
        TransferSettings,
        "teach.transfer",
        hide=("graph",),
        defaults={"graph": graph, "name": _free(f"{graph}-transferred")},
        choices={"teacher": trained, "questions": asked},
        first=("name", "teacher", "questions"),
        submit=t("other.make"),
    )
    _start("transfer_teacher", settings)


def _start(recipe: str, settings: Settings | None) -> None:
    if settings is not None:
        remember(run=start(recipe, settings), view="train")
        st.rerun()


def _ground(made: TeacherSummary) -> tuple[object, ...]:
    """What teachers must share to be mixed: the graph as it was, and the trees."""
    return made.graph_hash, made.shape


def _free(wanted: str) -> str:
    return workspace().free_name("teachers", wanted[:60].rstrip("-."))
