"""Tour: the sample graph, one question, and the whole loop while you watch and turn the knobs."""

from functools import partial

import streamlit as st

from core.errors import AlreadyExists, CoreError, FormatError
from core.results.demo import DemoReport
from core.runs.store.store import Run, RunState
from core.settings import DemoSettings
from pages.parts.changes import is_owner, start
from pages.parts.pictures.graph_view import graph_view
from pages.parts.problem import problem
from pages.parts.runs.live_controls import live_controls
from pages.parts.runs.run_progress import STAGES, duration, run_progress
from pages.parts.state import remember, store
from pages.parts.text import t
from pages.start.walk_through import walk_through

ILLUSTRATION = (
    ("joe_biden", "born_in", "scranton", 0.58),
    ("scranton", "city_of", "usa", 0.58),
    ("joe_biden", "graduate_from", "university_of_delaware", 0.31),
    ("university_of_delaware", "located_in", "usa", 0.31),
)
LEVELS = {"joe_biden": 0, "scranton": 1, "university_of_delaware": 1, "usa": 2}
ROLES = {"joe_biden": "topic", "usa": "answer"}


def sentences() -> None:
    """The idea in four sentences."""
    for sentence in ("problem", "teacher", "student", "check"):
        st.markdown(t(f"tour.{sentence}"))


def picture() -> None:
    """The worked example, drawn: an illustration, and said to be one."""
    nodes = [
        {"id": i, "label": t(f"tour.example.{i}"), "level": n, "role": ROLES.get(i, "path")}
        for i, n in LEVELS.items()
    ]
    edges = [
        {
            "source": head,
            "target": tail,
            "label": f"{t(f'tour.example.{relation}')} {share:.2f}",
            "width": 1 + 9 * share,
            "role": "path",
        }
        for head, relation, tail, share in ILLUSTRATION
    ]
    st.markdown(f"**{t('tour.question')}**")
    graph_view(nodes, edges, key="tour.illustration", height=280, layered=True)
    st.caption(t("tour.illustration"))


def introduction() -> None:
    """What this is, and the one button."""
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        sentences()
        st.space("small")
        start_button("tour.run")
        st.caption(t("tour.run_note"))
    with right:
        picture()


def start_button(label: str, primary: bool = True) -> None:
    """The one button: start the loop, or join the one that is going on."""
    pressed = st.button(
        t(label),
        type="primary" if primary else "secondary",
        icon=":material/play_arrow:" if primary else ":material/replay:",
        key="tour.start",
        disabled=not is_owner(),
    )
    if not pressed:
        return
    try:
        run_id = start("run_demo", DemoSettings(), slot="demo")
    except AlreadyExists:
        run_id = store().runs(limit=1, recipe="run_demo")[0].id
    except CoreError as error:
        problem(error)
        return
    remember(run=run_id, step=None)
    st.session_state.pop("tour.step", None)
    st.rerun()


def chosen_run() -> Run | None:
    """The run of the address, else the latest tour there is."""
    tours = store().runs(recipe="run_demo")
    asked = [run for run in tours if run.id == st.query_params.get("run")]
    return next(iter(asked or tours), None)


def steers(run: Run) -> bool:
    """Whether alpha and temperature count right now."""
    return run.state is RunState.RUNNING and run.stage == "distil"


def explanation(had_knobs: bool, run: Run) -> None:
    """What happens right now, in plain words; the knobs come with the student, and go."""
    if steers(run) is not had_knobs:
        st.rerun()
    if run.state.is_over:
        return
    with st.container(border=True, key="tour.now"):
        st.markdown(t(f"tour.now.{run.stage}" if run.stage in STAGES else "tour.now."))


def page() -> None:
    run = chosen_run()
    st.title(t("tour.heading"), anchor=False)
    if run is None:
        introduction()
        return
    remember(run=run.id)
    if run.state is RunState.SUCCEEDED and run.result:
        try:
            found = DemoReport.from_record(run.result)
        except FormatError as error:  # another version of PathDistill made it
            problem(error)
        else:
            st.caption(t("tour.took", took=duration(run.elapsed())))
            walk_through(found)
        st.divider()
        start_button("tour.again", primary=False)
    else:
        if not run.state.is_over:
            st.markdown(f"**{t('tour.running')}** {t('tour.reload')}")
        if steers(run):
            live_controls(run)
        run_progress(run.id, beside=partial(explanation, steers(run)))
        if run.state.is_over:
            start_button("tour.again")
    with st.expander(t("tour.about"), icon=":material/help:"):
        sentences()


page()
