"""What an answer hangs on, found out where the reader asks for it: it takes seconds."""

from __future__ import annotations

import streamlit as st

from core.results.certificate import Certificate
from core.settings import AskSettings
from pages.parts.asking import ask_resident
from pages.parts.pictures.path_strip import path_strip
from pages.parts.text import Words, t

SEALED = "ask.sealed"
"""The question whose certificate is wanted, as its settings in JSON."""


def seal(settings: AskSettings) -> None:
    """A button, and what is found out about the answer to a question once it was clicked."""
    this = settings.model_dump_json()
    if st.session_state.get(SEALED) != this:
        st.button(
            t("ask.seal"),
            icon=":material/anchor:",
            help=t("ask.seal_help"),
            key="ask.seal",
            on_click=st.session_state.__setitem__,
            args=(SEALED, this),
        )
        return
    certified = ask_resident(settings.model_copy(update={"certify": True}))
    if certified is not None and certified.certificate is not None:
        certificate_view(certified.certificate)


def certificate_view(certificate: Certificate) -> None:
    """Whether the answer stays first, else the fact that it hangs on, and how that was found."""
    with st.container(border=True, key="certificate", gap="small"):
        if certificate.kept:
            words = t("ask.seal_kept" if certificate.answer else "ask.seal_kept_no")
            st.markdown(Words(f":blue[:material/shield:] {words}"))
        elif (on := certificate.hangs_on) is not None:
            first = on.first.label if on.first else None
            words = t("ask.seal_hangs", first=first) if first else t("ask.seal_hangs_no")
            st.markdown(Words(f":orange[:material/anchor:] {words}"))
            path_strip([on.fact])
        if (source := certificate.source) is not None:
            first = source.first.label if source.first else None
            named = {"source": source.source, "count": source.facts}
            if source.kept:
                st.markdown(t("ask.seal_source_kept", **named))
            elif first:
                st.markdown(t("ask.seal_source", first=first, **named))
            else:
                st.markdown(t("ask.seal_source_no", **named))
        counts = {name: getattr(certificate, name) for name in ("facts", "tried", "decisive")}
        st.caption(t("ask.seal_tried", **counts))
